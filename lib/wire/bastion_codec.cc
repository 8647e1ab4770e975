#include "ticketing/wire/bastion_codec.h"

#include "lib/wire/codec_parts.h"
#include "ticketing/base/bytes.h"
#include "ticketing/base/limits.h"
#include "ticketing/v1/bastion.pb.h"

namespace ticketing {
namespace {

using codec::kIdMax;
using codec::Parse;
constexpr size_t kPinDigits = 64;

bool IsUrl(std::string_view url) {
  if (!url.starts_with("https://") || url.size() > kCardUrlBytesMax) return false;
  for (const char c : url) {
    if (c <= ' ' || c > '~') return false;
  }
  return true;
}

void Put(const BastionCard& card, v1::BastionCard* out) {
  out->set_device(card.device.value);
  out->set_url(card.url);
  out->set_pin(card.pin);
  out->set_made_at(card.made_at.micros);
  out->set_signature(card.signature);
}

StatusOr<BastionCard> Read(const v1::BastionCard& row) {
  if (row.device() == 0 || row.device() > kIdMax) {
    return InvalidField("card.device", "This is not an id.");
  }
  const auto pin = HexDecode(row.pin());
  if (row.pin().size() != kPinDigits || !pin || HexEncode(*pin) != row.pin()) {
    return InvalidField("card.pin", "A pin has 64 hexadecimal digits.");
  }
  if (!IsUrl(row.url())) return InvalidField("card.url", "This is not the address of a bastion.");
  if (row.signature().size() != kSignatureBytes) {
    return InvalidField("card.signature", "A signature has 64 bytes.");
  }
  return BastionCard{DeviceId{row.device()}, row.url(), row.pin(), Timestamp{row.made_at()},
                     row.signature()};
}

}  // namespace

std::string EncodeGateNews(const GateNews& news) {
  v1::GateNews message;
  message.set_number(news.number);
  for (const BastionCard& card : news.bastions) Put(card, message.add_bastions());
  return message.SerializeAsString();
}

StatusOr<GateNews> DecodeGateNews(std::string_view bytes) {
  v1::GateNews message;
  TICKETING_RETURN_IF_ERROR(Parse(bytes, message));
  if (static_cast<size_t>(message.bastions_size()) > kVenueBastionsMax) {
    return InvalidField("bastions", "There are too many.");
  }
  GateNews news;
  news.number = message.number();
  for (const v1::BastionCard& row : message.bastions()) {
    TICKETING_ASSIGN_OR_RETURN(BastionCard card, Read(row));
    news.bastions.push_back(std::move(card));
  }
  return news;
}

std::string EncodeVenueReport(const VenueReport& report) {
  v1::VenueReport message;
  Put(report.card, message.mutable_card());
  for (const CopyDevice& device : report.devices) {
    v1::CopyDevice* row = message.add_devices();
    row->set_id(device.id.value);
    row->set_public_key(device.public_key);
    row->set_name(device.name);
    row->set_bastion(device.bastion);
    row->set_revoked(device.revoked);
  }
  return message.SerializeAsString();
}

StatusOr<VenueReport> DecodeVenueReport(std::string_view bytes) {
  v1::VenueReport message;
  TICKETING_RETURN_IF_ERROR(Parse(bytes, message));
  if (static_cast<size_t>(message.devices_size()) > kVenueDevicesMax) {
    return InvalidField("devices", "There are too many.");
  }
  VenueReport report;
  TICKETING_ASSIGN_OR_RETURN(report.card, Read(message.card()));
  for (const v1::CopyDevice& row : message.devices()) {
    const bool good = row.id() != 0 && row.id() <= kIdMax && IsValidPublicKey(row.public_key()) &&
                      row.name().size() <= limits::kNameBytesMax && IsValidUtf8(row.name());
    if (!good) return InvalidField("devices", "A device has an id, a public key and a name.");
    report.devices.push_back(
        {DeviceId{row.id()}, row.public_key(), row.name(), row.bastion(), row.revoked()});
  }
  return report;
}

}  // namespace ticketing
