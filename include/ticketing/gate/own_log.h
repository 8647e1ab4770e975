// How a device gets its own log back, and how a bastion says that it does not decide.
//
// A device whose data was lost, or replaced by an old copy of itself, must not give numbers of its
// log to other entries than before: two entries under one number look like a forged log, and one
// of them is refused wherever the other is known. Whoever has more of a device's log than the
// device itself says so by the mark in its answers (Changes::stored), and gives the rest back:
//
//   GET /v1/gate/changes?after=0&own=<n>   the caller's own entries behind number n
//
// A bastion that may not decide, because its disk is full or because it does not know yet whether
// its log is whole, answers all else, and says so in a header of every answer. Handhelds and spares
// take it for one that does not answer.
#ifndef TICKETING_GATE_OWN_LOG_H_
#define TICKETING_GATE_OWN_LOG_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ticketing/base/id.h"
#include "ticketing/base/status.h"
#include "ticketing/gate/engine.h"

namespace ticketing {

inline constexpr std::string_view kOwnLogQuery = "own";
// "no" while a bastion does not decide; absent when it does.
inline constexpr std::string_view kDecidesHeader = "Ticketing-Decides";
// "dev_...:<n>" of a bastion that asks other bastions for its own log behind number n.
inline constexpr std::string_view kOwnLogHeader = "Ticketing-Own-Log";
// A bastion's answer to that, on its report: it holds nothing of that log behind number n.
inline constexpr std::string_view kOwnLogToldHeader = "Ticketing-Own-Log-Told";

// A number of a log as text; nullopt for anything else.
std::optional<uint64_t> ReadLogNumber(std::string_view text);

struct OwnLogEnd {
  DeviceId device;
  uint64_t sequence = 0;
  bool operator==(const OwnLogEnd&) const = default;
};
std::string WriteOwnLogEnd(const OwnLogEnd& end);
std::optional<OwnLogEnd> ReadOwnLogEnd(std::string_view text);

// The answer of a server to the question above. Errors: kInvalidField, the database's.
StatusOr<Changes> GiveOwnLog(GateEngine& engine, DeviceId reader, std::string_view after);

}  // namespace ticketing

#endif  // TICKETING_GATE_OWN_LOG_H_
