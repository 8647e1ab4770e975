// Protobuf bytes of what bastions say beside sync (lib/wire/proto/ticketing/v1/bastion.proto),
// under the rules of sync_codec.h: decoders are strict, the values they give are valid, unknown
// fields of newer programs are ignored.
#ifndef TICKETING_WIRE_BASTION_CODEC_H_
#define TICKETING_WIRE_BASTION_CODEC_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/status.h"
#include "ticketing/sync/bastion_card.h"
#include "ticketing/sync/event_copy.h"

namespace ticketing {

// GET ?seen=<number>&wait_ms=<n>[&battery=<percent>], signed by a device: answers when there is
// something newer than `seen`, or after n milliseconds.
inline constexpr std::string_view kNewsPath = "/v1/gate/news";
// POST VenueReport, signed by a bastion.
inline constexpr std::string_view kReportsPath = "/v1/gate/venue-reports";

inline constexpr size_t kVenueBastionsMax = 16;
inline constexpr size_t kVenueDevicesMax = 5'000;
inline constexpr size_t kCardUrlBytesMax = 200;

struct GateNews {
  uint64_t number = 0;
  std::vector<BastionCard> bastions;
  bool operator==(const GateNews&) const = default;
};
std::string EncodeGateNews(const GateNews& news);
StatusOr<GateNews> DecodeGateNews(std::string_view bytes);

struct VenueReport {
  BastionCard card;
  std::vector<CopyDevice> devices;
  bool operator==(const VenueReport&) const = default;
};
std::string EncodeVenueReport(const VenueReport& report);
StatusOr<VenueReport> DecodeVenueReport(std::string_view bytes);

}  // namespace ticketing

#endif  // TICKETING_WIRE_BASTION_CODEC_H_
