#include "ticketing/provider/stripe/stripe_webhook.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "lib/provider/stripe/stripe_json.h"
#include "ticketing/base/bytes.h"
#include "ticketing/crypto/hash.h"

namespace ticketing {
namespace {

struct SignatureHeader {
  std::string time;  // as it was signed
  int64_t seconds = 0;
  std::vector<std::string> tags;  // of scheme v1, lower-case hexadecimal
};

std::optional<SignatureHeader> ParseHeader(std::string_view header) {
  // A header with more parts than a secret roll can explain is an attempt to make us compute.
  constexpr size_t kPartsMax = 16;
  SignatureHeader parsed;
  for (size_t parts = 0; !header.empty(); ++parts) {
    if (parts == kPartsMax) return std::nullopt;
    const size_t end = std::min(header.find(','), header.size());
    const std::string_view part = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    const size_t equals = part.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view value = part.substr(equals + 1);
    if (part.substr(0, equals) == "t") {
      parsed.time = value;
    } else if (part.substr(0, equals) == "v1") {
      parsed.tags.emplace_back(value);
    }
  }
  const char* end = parsed.time.data() + parsed.time.size();
  const auto [stop, error] = std::from_chars(parsed.time.data(), end, parsed.seconds);
  // Eleven digits reach the year 5138; more would overflow microseconds.
  const bool readable = error == std::errc() && stop == end && !parsed.time.empty();
  if (!readable || parsed.seconds < 0 || parsed.time.size() > 11) return std::nullopt;
  return parsed;
}

std::string TagOf(std::string_view time, std::string_view body, std::string_view secret) {
  return HexEncode(HmacSha256(secret, std::string(time) + "." + std::string(body)));
}

}  // namespace

Status VerifyStripeSignature(std::string_view body, std::string_view header,
                             const std::vector<std::string>& secrets, Timestamp now,
                             Duration tolerance) {
  const std::optional<SignatureHeader> parsed = ParseHeader(header);
  if (!parsed) {
    return MakeError(ErrorCode::kBadSyntax, "The Stripe-Signature header cannot be read.");
  }
  bool match = false;
  for (const std::string& secret : secrets) {
    const std::string expected = TagOf(parsed->time, body, secret);
    for (const std::string& tag : parsed->tags) match |= ConstantTimeEquals(expected, tag);
  }
  if (!match) {
    return MakeError(ErrorCode::kUnauthenticated, "The signature of the webhook does not match.");
  }
  const Duration age = now - Timestamp::FromSeconds(parsed->seconds);
  if (age > tolerance || age < Duration{} - tolerance) {
    return MakeError(ErrorCode::kUnauthenticated, "The webhook is too old or from the future.");
  }
  return OkStatus();
}

std::string MakeStripeSignature(std::string_view body, std::string_view secret, Timestamp now) {
  const std::string time = std::to_string(now.seconds());
  return "t=" + time + ",v1=" + TagOf(time, body, secret);
}

StatusOr<StripeEvent> ParseStripeEvent(std::string_view body) {
  std::optional<StripeEvent> event = stripe::ParseEvent(body);
  if (!event) return MakeError(ErrorCode::kBadSyntax, "The webhook is not a Stripe event.");
  return *std::move(event);
}

}  // namespace ticketing
