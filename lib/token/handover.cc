#include "ticketing/token/handover.h"

#include <limits>
#include <optional>

#include "ticketing/base/bytes.h"
#include "ticketing/crypto/hash.h"
#include "ticketing/token/ticket_code.h"

namespace ticketing {
namespace {

// The first byte of everything that a device signs or shows tells the kinds apart, so that a
// signature made for one is never good for another; 1 and 2 are the forms of tickets.
constexpr uint8_t kHandoverForm = 3;
constexpr uint8_t kAcceptanceForm = 4;
constexpr uint8_t kDeviceForm = 5;

constexpr size_t kCheckBytes = 4;
constexpr size_t kKeyOffset = 1 + 4 + 8 + 2;
constexpr size_t kEndOffset = kKeyOffset + kPublicKeyBytes;
constexpr size_t kSignedBytes = kEndOffset + 4;
static_assert(kHandoverBytes == kSignedBytes + kSignatureBytes);
static_assert(kHandoverChars == (kHandoverBytes * 8 + 4) / 5);
static_assert(kDeviceCodeBytes == 1 + kPublicKeyBytes + kCheckBytes);
static_assert(kDeviceCodeChars == (kDeviceCodeBytes * 8 + 4) / 5);

Status Malformed() {
  return MakeError(ErrorCode::kCodeMalformed, "This is not what was expected to be scanned.");
}

// The bytes of a text of exactly `chars` characters that begin with `form`.
std::optional<std::string> Decode(std::string_view text, size_t chars, uint8_t form) {
  if (text.size() != chars) return std::nullopt;
  std::optional<std::string> bytes = Base32Decode(text);
  if (!bytes || ReadBigEndian(*bytes, 0, 1) != form) return std::nullopt;
  return bytes;
}

std::string CheckOf(std::string_view bytes) {
  return Blake2b256(bytes).substr(0, kCheckBytes);
}

std::string AcceptanceOf(std::string_view handover_bytes, AccountId account) {
  std::string message;
  AppendBigEndian(message, kAcceptanceForm, 1);
  AppendBigEndian(message, account.value, 8);
  return message.append(handover_bytes);
}

}  // namespace

StatusOr<std::string> MakeDeviceCode(std::string_view device_key) {
  if (!IsValidPublicKey(device_key)) {
    return InvalidField("device_key", "This is not an Ed25519 public key.");
  }
  std::string bytes(1, static_cast<char>(kDeviceForm));
  bytes += device_key;
  bytes += CheckOf(bytes);
  return Base32Encode(bytes);
}

StatusOr<std::string> ParseDeviceCode(std::string_view text) {
  const std::optional<std::string> bytes = Decode(text, kDeviceCodeChars, kDeviceForm);
  if (!bytes) return Malformed();
  std::string key = bytes->substr(1, kPublicKeyBytes);
  const std::string_view whole = *bytes;
  if (whole.substr(1 + kPublicKeyBytes) != CheckOf(whole.substr(0, 1 + kPublicKeyBytes)) ||
      !IsValidPublicKey(key)) {
    return Malformed();
  }
  return key;
}

StatusOr<std::string> MakeHandover(std::string_view rotating_ticket, const SigningKey& device,
                                   std::string_view new_device_key, Timestamp ends_at) {
  TICKETING_ASSIGN_OR_RETURN(const VerifiedTicket ticket, ParseRotatingTicket(rotating_ticket));
  if (ticket.device_key != device.public_key()) {
    return MakeError(ErrorCode::kUnknownKey, "The ticket is bound to another device.");
  }
  if (!IsValidPublicKey(new_device_key) || new_device_key == ticket.device_key) {
    return InvalidField("device_key", "This is not the key of another device.");
  }
  const int64_t end = ends_at.seconds();
  if (end < 0 || end > std::numeric_limits<uint32_t>::max()) {
    return InvalidField("ends_at", "The end is out of bounds.");
  }
  std::string bytes;
  AppendBigEndian(bytes, kHandoverForm, 1);
  AppendBigEndian(bytes, ticket.claims.event_number, 4);
  AppendBigEndian(bytes, ticket.claims.ticket.value, 8);
  AppendBigEndian(bytes, ticket.claims.issue, 2);
  bytes += new_device_key;
  AppendBigEndian(bytes, static_cast<uint64_t>(end), 4);
  bytes += device.Sign(bytes);
  return Base32Encode(bytes);
}

StatusOr<Handover> ParseHandover(std::string_view text) {
  const std::optional<std::string> bytes = Decode(text, kHandoverChars, kHandoverForm);
  if (!bytes) return Malformed();
  Handover handover;
  handover.event_number = static_cast<uint32_t>(ReadBigEndian(*bytes, 1, 4));
  handover.ticket = TicketId{ReadBigEndian(*bytes, 5, 8)};
  handover.issue = static_cast<uint16_t>(ReadBigEndian(*bytes, 13, 2));
  handover.device_key = bytes->substr(kKeyOffset, kPublicKeyBytes);
  handover.ends_at =
      Timestamp::FromSeconds(static_cast<int64_t>(ReadBigEndian(*bytes, kEndOffset, 4)));
  if (handover.event_number == 0 || !handover.ticket || handover.ticket.value >> 63 != 0 ||
      !IsValidPublicKey(handover.device_key)) {
    return Malformed();
  }
  return handover;
}

StatusOr<Handover> VerifyHandover(std::string_view text, std::string_view bound_key,
                                  Timestamp now) {
  TICKETING_ASSIGN_OR_RETURN(Handover handover, ParseHandover(text));
  if (handover.ends_at - now > kHandoverLifeMax) return Malformed();
  const std::string bytes = Base32Decode(text).value();
  const std::string_view view = bytes;
  if (!VerifySignature(bound_key, view.substr(0, kSignedBytes), view.substr(kSignedBytes))) {
    return MakeError(ErrorCode::kCodeForged, "The ticket's phone did not sign this.");
  }
  if (now >= handover.ends_at) {
    return MakeError(ErrorCode::kTokenExpired, "The handover has ended; ask for another one.");
  }
  return handover;
}

StatusOr<std::string> AcceptHandover(std::string_view text, const SigningKey& device,
                                     AccountId account) {
  TICKETING_ASSIGN_OR_RETURN(const Handover handover, ParseHandover(text));
  if (handover.device_key != device.public_key()) {
    return MakeError(ErrorCode::kUnknownKey, "The ticket was given to another phone.");
  }
  return device.Sign(AcceptanceOf(Base32Decode(text).value(), account));
}

bool IsHandoverAccepted(std::string_view text, AccountId account, std::string_view proof) {
  const StatusOr<Handover> handover = ParseHandover(text);
  return handover.ok() && VerifySignature(handover->device_key,
                                          AcceptanceOf(Base32Decode(text).value(), account), proof);
}

}  // namespace ticketing
