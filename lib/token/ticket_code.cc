#include "ticketing/token/ticket_code.h"

#include <limits>
#include <utility>

#include "ticketing/base/assert.h"
#include "ticketing/base/bytes.h"

namespace ticketing {
namespace {

constexpr size_t kWindowBytes = 4;
constexpr size_t kRotatingSignedBytes = kTicketBodyBytes + kPublicKeyBytes;
constexpr size_t kDeviceSignedBytes = kRotatingTicketBytes + kWindowBytes;

constexpr size_t Base32Chars(size_t bytes) {
  return (bytes * 8 + 4) / 5;
}

static_assert(kStaticCodeBytes == kTicketBodyBytes + kSignatureBytes);
static_assert(kRotatingTicketBytes == kRotatingSignedBytes + kSignatureBytes);
static_assert(kRotatingCodeBytes == kDeviceSignedBytes + kSignatureBytes);
static_assert(kStaticCodeChars == Base32Chars(kStaticCodeBytes));
static_assert(kRotatingTicketChars == Base32Chars(kRotatingTicketBytes));
static_assert(kRotatingCodeChars == Base32Chars(kRotatingCodeBytes));

Status Malformed() {
  return MakeError(ErrorCode::kCodeMalformed, "This is not a ticket code.");
}
Status Forged() {
  return MakeError(ErrorCode::kCodeForged, "The code's signature is wrong.");
}

bool AreInBounds(const TicketClaims& claims) {
  return claims.key_id != 0 && claims.event_number != 0 && claims.ticket.value != 0 &&
         claims.ticket.value >> 63 == 0;
}

std::string EncodeBody(const TicketClaims& claims, TicketForm form) {
  TICKETING_ASSERT(AreInBounds(claims));
  std::string bytes;
  bytes.reserve(kRotatingTicketBytes);
  AppendBigEndian(bytes, static_cast<uint8_t>(form), 1);
  AppendBigEndian(bytes, claims.key_id, 1);
  AppendBigEndian(bytes, claims.event_number, 4);
  AppendBigEndian(bytes, claims.ticket.value, 8);
  AppendBigEndian(bytes, claims.ordinal, 4);
  AppendBigEndian(bytes, claims.issue, 2);
  AppendBigEndian(bytes, claims.zone, 2);
  AppendBigEndian(bytes, claims.ticket_type, 2);
  TICKETING_ASSERT(bytes.size() == kTicketBodyBytes);
  return bytes;
}

// The claims of a body of `form`; nullopt when it is of another form or out of bounds.
std::optional<TicketClaims> DecodeBody(std::string_view bytes, TicketForm form) {
  if (ReadBigEndian(bytes, 0, 1) != static_cast<uint8_t>(form)) return std::nullopt;
  TicketClaims claims;
  claims.form = form;
  claims.key_id = static_cast<uint8_t>(ReadBigEndian(bytes, 1, 1));
  claims.event_number = static_cast<uint32_t>(ReadBigEndian(bytes, 2, 4));
  claims.ticket = TicketId{ReadBigEndian(bytes, 6, 8)};
  claims.ordinal = static_cast<uint32_t>(ReadBigEndian(bytes, 14, 4));
  claims.issue = static_cast<uint16_t>(ReadBigEndian(bytes, 18, 2));
  claims.zone = static_cast<uint16_t>(ReadBigEndian(bytes, 20, 2));
  claims.ticket_type = static_cast<uint16_t>(ReadBigEndian(bytes, 22, 2));
  if (!AreInBounds(claims)) return std::nullopt;
  return claims;
}

// A text whose shape is right. `bytes` are those of the text.
struct Decoded {
  std::string bytes;
  TicketClaims claims;

  std::string_view View(size_t offset, size_t count) const {
    return std::string_view(bytes).substr(offset, count);
  }
  std::string_view IssuerSigned() const {
    return View(0, claims.form == TicketForm::kStatic ? kTicketBodyBytes : kRotatingSignedBytes);
  }
  std::string_view IssuerSignature() const { return View(IssuerSigned().size(), kSignatureBytes); }
  std::string_view DeviceKey() const { return View(kTicketBodyBytes, kPublicKeyBytes); }
};

// Decodes exactly `chars` characters of a `form`. The length is checked before anything else, so
// that hostile input costs nothing; Base32Decode refuses foreign characters and spare bits.
std::optional<Decoded> Decode(std::string_view text, size_t chars, TicketForm form) {
  if (text.size() != chars) return std::nullopt;
  std::optional<std::string> bytes = Base32Decode(text);
  if (!bytes) return std::nullopt;
  const std::optional<TicketClaims> claims = DecodeBody(*bytes, form);
  if (!claims) return std::nullopt;
  return Decoded{*std::move(bytes), *claims};
}

// A code as a gate may see it: the length tells the form, and the form inside must agree.
std::optional<Decoded> DecodeCode(std::string_view text) {
  return text.size() == kStaticCodeChars ? Decode(text, kStaticCodeChars, TicketForm::kStatic)
                                         : Decode(text, kRotatingCodeChars, TicketForm::kRotating);
}

Status VerifyIssuer(const Decoded& code, const KeyRing& issuers, Timestamp now) {
  const TrustedKey* key = issuers.Find(code.claims.key_id, now);
  if (key == nullptr) {
    return MakeError(ErrorCode::kUnknownKey, "The issuer's key is not known or not trusted now.");
  }
  return VerifySignature(key->public_key, code.IssuerSigned(), code.IssuerSignature()) ? OkStatus()
                                                                                       : Forged();
}

}  // namespace

std::string IssueTicketCode(const TicketClaims& claims, const SigningKey& issuer) {
  std::string bytes = EncodeBody(claims, TicketForm::kStatic);
  bytes += issuer.Sign(bytes);
  return Base32Encode(bytes);
}

StatusOr<std::string> IssueRotatingTicket(const TicketClaims& claims, std::string_view device_key,
                                          const SigningKey& issuer) {
  // With a key of small order anybody could sign windows, so the check is not a formality.
  if (!IsValidPublicKey(device_key)) {
    return InvalidField("device_key", "This is not an Ed25519 public key.");
  }
  std::string bytes = EncodeBody(claims, TicketForm::kRotating);
  bytes += device_key;
  bytes += issuer.Sign(bytes);
  return Base32Encode(bytes);
}

StatusOr<VerifiedTicket> VerifyRotatingTicket(std::string_view ticket, const KeyRing& issuers,
                                              Timestamp now) {
  const std::optional<Decoded> code = Decode(ticket, kRotatingTicketChars, TicketForm::kRotating);
  if (!code) return Malformed();
  TICKETING_RETURN_IF_ERROR(VerifyIssuer(*code, issuers, now));
  return VerifiedTicket{code->claims, std::string(code->DeviceKey()), 0};
}

StatusOr<VerifiedTicket> ParseRotatingTicket(std::string_view ticket) {
  const std::optional<Decoded> code = Decode(ticket, kRotatingTicketChars, TicketForm::kRotating);
  if (!code) return Malformed();
  return VerifiedTicket{code->claims, std::string(code->DeviceKey()), 0};
}

StatusOr<std::string> MakeRotatingCode(std::string_view ticket, const SigningKey& device,
                                       Timestamp now) {
  std::optional<Decoded> code = Decode(ticket, kRotatingTicketChars, TicketForm::kRotating);
  if (!code) return Malformed();
  if (code->DeviceKey() != device.public_key()) {
    return MakeError(ErrorCode::kUnknownKey,
                     "The ticket is bound to another device; ask for it again on this one.");
  }
  const std::optional<uint32_t> window = RotatingWindowAt(now);
  if (!window) return InvalidField("now", "The clock is out of bounds.");
  std::string bytes = std::move(code->bytes);
  AppendBigEndian(bytes, *window, kWindowBytes);
  bytes += device.Sign(bytes);
  return Base32Encode(bytes);
}

StatusOr<TicketClaims> ParseTicketCode(std::string_view text) {
  const std::optional<Decoded> code = DecodeCode(text);
  if (!code) return Malformed();
  return code->claims;
}

StatusOr<VerifiedTicket> VerifyTicketCode(std::string_view text, const KeyRing& issuers,
                                          Timestamp now, uint32_t window_skew) {
  const std::optional<Decoded> code = DecodeCode(text);
  if (!code) return Malformed();
  TICKETING_RETURN_IF_ERROR(VerifyIssuer(*code, issuers, now));
  if (code->claims.form == TicketForm::kStatic) return VerifiedTicket{code->claims, {}, 0};

  if (!VerifySignature(code->DeviceKey(), code->View(0, kDeviceSignedBytes),
                       code->View(kDeviceSignedBytes, kSignatureBytes))) {
    return Forged();
  }
  const auto window =
      static_cast<uint32_t>(ReadBigEndian(code->bytes, kRotatingTicketBytes, kWindowBytes));
  const std::optional<uint32_t> here = RotatingWindowAt(now);
  if (!here || (window > *here ? window - *here : *here - window) > window_skew) {
    return MakeError(ErrorCode::kTokenExpired,
                     "The code is of another moment; show the one the phone makes now.");
  }
  return VerifiedTicket{code->claims, std::string(code->DeviceKey()), window};
}

std::optional<uint32_t> RotatingWindowAt(Timestamp now) {
  if (now.micros < 0) return std::nullopt;
  const int64_t window = now.micros / kRotatingWindow.micros;
  if (window > std::numeric_limits<uint32_t>::max()) return std::nullopt;
  return static_cast<uint32_t>(window);
}

Timestamp RotatingWindowStart(uint32_t window) {
  return Timestamp{} + kRotatingWindow * int64_t{window};
}

std::string NormalizeScannedText(std::string_view text) {
  const auto is_blank = [](char c) { return static_cast<uint8_t>(c) <= ' ' || c == '\x7f'; };
  const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };

  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  if (text.size() >= 3 && text[0] == ']' && is_letter(text[1]) &&
      (is_letter(text[2]) || is_digit(text[2]))) {
    text.remove_prefix(3);
  }
  std::string normal(text);
  for (char& c : normal) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return normal;
}

}  // namespace ticketing
