#include <algorithm>
#include <charconv>

#include "ticketing/base/bytes.h"
#include "ticketing/crypto/hash.h"
#include "ticketing/service/common/api.h"
#include "ticketing/wire/json.h"

namespace ticketing {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kProtobuf = "application/x-protobuf";

// The media type without parameters.
std::string_view MediaType(std::string_view header) {
  std::string_view type = header.substr(0, header.find(';'));
  while (!type.empty() && type.back() == ' ') type.remove_suffix(1);
  return type;
}

}  // namespace

bool Principal::Has(Role role) const {
  return std::ranges::find(roles, role) != roles.end();
}

Call::Call(const HttpRequest& http_request, Env environment)
    : request(http_request), env(environment) {}

std::string_view Call::Path(std::string_view name) const {
  const auto it = path_values.find(name);
  return it == path_values.end() ? std::string_view() : std::string_view(it->second);
}

std::optional<std::string> Call::Query(std::string_view name) const {
  const auto pairs = ParseQuery(request.query());
  if (!pairs) return std::nullopt;
  for (const auto& [key, value] : *pairs) {
    if (key == name) return value;
  }
  return std::nullopt;
}

StatusOr<size_t> Call::PageLimit() const {
  const std::optional<std::string> text = Query("limit");
  if (!text) return limits::kPageItemsDefault;
  size_t limit = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (error != std::errc() || end != text->data() + text->size() || limit < 1 ||
      limit > limits::kPageItemsMax) {
    return InvalidField("limit", "must be from 1 to " + std::to_string(limits::kPageItemsMax));
  }
  return limit;
}

Status Call::Read(google::protobuf::Message* message) const {
  const std::string_view type = MediaType(request.headers.Get("Content-Type").value_or(kJson));
  if (type == kProtobuf) {
    TICKETING_RETURN_IF_ERROR(wire::FromBytes(request.body, message));
  } else if (type == kJson) {
    TICKETING_RETURN_IF_ERROR(wire::FromJson(request.body, message));
  } else {
    return MakeError(ErrorCode::kUnsupportedMedia,
                     "Send application/json or application/x-protobuf.");
  }
  return wire::Validate(*message);
}

uint64_t Call::Entropy(std::string_view purpose) const {
  if (idempotency_key.empty()) return env.random.Next64();
  std::string seed;
  for (const std::string_view part : {std::string_view(key_owner), std::string_view(route),
                                      std::string_view(idempotency_key), purpose}) {
    AppendBigEndian(seed, part.size(), 4);
    seed.append(part);
  }
  return ReadBigEndian(Blake2b256(seed), 0, 8);
}

std::string Call::Fingerprint() const {
  return Blake2b256(request.target + "\n" + request.body);
}

bool Call::PrefersMinimal() const {
  return request.headers.Get("Prefer").value_or("").find(kPreferMinimal) != std::string_view::npos;
}

HttpResponse Call::Reply(int status, const google::protobuf::Message& message) const {
  HttpResponse response;
  response.status = status;
  const std::string_view accept = request.headers.Get("Accept").value_or("");
  if (accept.find(kProtobuf) != std::string_view::npos) {
    response.headers.Set("Content-Type", kProtobuf);
    response.body = wire::ToBytes(message);
  } else {
    response.headers.Set("Content-Type", kJson);
    response.body = wire::ToJson(message);
  }
  return response;
}

}  // namespace ticketing
