// Whatever a scanner may hand in. A text is believed only when it is, to the last character, what
// the issuer makes of the claims in it.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/assert.h"
#include "ticketing/base/bytes.h"
#include "ticketing/token/handover.h"
#include "ticketing/token/ticket_code.h"
#include "ticketing/token/typed_code.h"

namespace ticketing {
namespace {

constexpr Timestamp kNow = Timestamp::FromSeconds(1'795'375'800);

struct World {
  SigningKey issuer = SigningKey::FromSeed(std::string(32, 'i')).value();
  SigningKey device = SigningKey::FromSeed(std::string(32, 'd')).value();
  KeyRing issuers;
  World() {
    for (int id = 1; id <= 255; ++id) {
      TICKETING_ASSERT(issuers.Add(static_cast<uint8_t>(id), {issuer.public_key()}).ok());
    }
  }
};

void CheckText(const World& world, std::string_view text) {
  const StatusOr<TicketClaims> claims = ParseTicketCode(text);
  const StatusOr<VerifiedTicket> verified = VerifyTicketCode(text, world.issuers, kNow);
  if (!claims.ok()) {
    TICKETING_ASSERT(CodeOf(claims.status()) == ErrorCode::kCodeMalformed);
    TICKETING_ASSERT(CodeOf(verified.status()) == ErrorCode::kCodeMalformed);
    return;
  }
  TICKETING_ASSERT(Base32Encode(Base32Decode(text).value()) == text);
  if (!verified.ok()) return;
  TICKETING_ASSERT(verified->claims == *claims);
  if (claims->form == TicketForm::kStatic) {
    TICKETING_ASSERT(IssueTicketCode(*claims, world.issuer) == text);
  }
}

// Takes the input for a body, so that bytes a fuzzer cannot sign are reached too.
void CheckSigned(const World& world, std::string_view input) {
  if (input.size() < kTicketBodyBytes) return;
  std::string bytes(input.substr(0, kTicketBodyBytes));
  CheckText(world, Base32Encode(bytes + world.issuer.Sign(bytes)));
  bytes += world.device.public_key();
  bytes += world.issuer.Sign(bytes);
  const std::string ticket = Base32Encode(bytes);
  const StatusOr<std::string> code = MakeRotatingCode(ticket, world.device, kNow);
  TICKETING_ASSERT(code.ok() == VerifyRotatingTicket(ticket, world.issuers, kNow).ok());
  if (!code.ok()) return;
  TICKETING_ASSERT(VerifyTicketCode(*code, world.issuers, kNow).ok());
  CheckText(world, *code);
}

// Of all the ways to read what was typed at most one is signed, and the plain one comes first.
void CheckTyped(const World& world, std::string_view input) {
  const std::vector<std::string> readings = ReadingsOfTypedCode(input);
  TICKETING_ASSERT(!readings.empty() && readings.size() <= kTypedReadingsMax);
  TICKETING_ASSERT(readings.front() == NormalizeScannedText(input));
  size_t believed = 0;
  for (const std::string& reading : readings) {
    believed += VerifyTicketCode(reading, world.issuers, kNow).ok() ? 1 : 0;
  }
  TICKETING_ASSERT(believed <= 1);
  TypedLines lines(400);
  lines.Type(input, Duration{});
  lines.End();
  while (const auto line = lines.Take(Duration{})) {
    TICKETING_ASSERT(!line->empty() && line->size() <= 400);
    TICKETING_ASSERT(line->find_first_of("\r\n\t") == std::string::npos);
  }
}

void CheckHandover(const World& world, std::string_view input) {
  const StatusOr<Handover> handover = ParseHandover(input);
  if (handover.ok()) {
    TICKETING_ASSERT(Base32Encode(Base32Decode(input).value()) == input);
    TICKETING_ASSERT(!ParseTicketCode(input).ok());
  }
  TICKETING_ASSERT(handover.ok() || !VerifyHandover(input, world.device.public_key(), kNow).ok());
  const StatusOr<std::string> key = ParseDeviceCode(input);
  TICKETING_ASSERT(!key.ok() || MakeDeviceCode(*key).value() == input);
}

}  // namespace
}  // namespace ticketing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const ticketing::World world;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  ticketing::CheckText(world, input);
  const std::string normal = ticketing::NormalizeScannedText(input);
  TICKETING_ASSERT(normal.size() <= input.size());
  ticketing::CheckText(world, normal);
  ticketing::CheckSigned(world, input);
  ticketing::CheckTyped(world, input);
  ticketing::CheckHandover(world, input);
  return 0;
}
