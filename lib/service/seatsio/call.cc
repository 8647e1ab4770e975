#include "lib/service/seatsio/call.h"

#include <algorithm>
#include <charconv>

#include "ticketing/base/bytes.h"

namespace ticketing::seatsio {
namespace {

constexpr std::string_view kAlphabet =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr size_t kPageMax = 1000;

// A refusal carries that API's code where ours carries the name of a field.
Status WithCode(ErrorCode ours, std::string_view code, std::string_view message) {
  ErrorDetails details;
  details.fields.push_back({std::string(code), std::string(message)});
  return MakeError(ours, message, details);
}

std::string CodeFor(const Status& status, const ErrorDetails& details) {
  switch (CodeOf(status)) {
    case ErrorCode::kBadSyntax:
    case ErrorCode::kNotFound:
      return details.fields.empty() ? "GENERAL_ERROR" : details.fields[0].field;
    case ErrorCode::kSeatNotAvailable:
    case ErrorCode::kNotForSale:
    case ErrorCode::kHoldExpired:
    case ErrorCode::kHoldNotFound:
    case ErrorCode::kConflict:
      return "ILLEGAL_STATUS_CHANGE";
    case ErrorCode::kNoAdjacentSeats:
      return "BEST_AVAILABLE_OBJECTS_NOT_FOUND";
    case ErrorCode::kRateLimited:
      return "RATE_LIMIT_EXCEEDED";
    default:
      return "GENERAL_ERROR";
  }
}

std::string MessageFor(const Status& status, const ErrorDetails& details) {
  const ErrorCode code = CodeOf(status);
  if (code == ErrorCode::kNoAdjacentSeats) return "Best available objects not found";
  if (InfoOf(code).http_status == 500) return "Something went wrong on our side";
  std::string message(MessageOf(status));
  if (code == ErrorCode::kInvalidField && !details.fields.empty())
    message = "#/" + details.fields[0].field + ": " + details.fields[0].detail;
  for (size_t i = 0; i < details.objects.size(); ++i)
    message.append(i == 0 ? ": " : ", ").append(details.objects[i]);
  return message;
}

int HttpStatusFor(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUnauthenticated:
    case ErrorCode::kPermissionDenied:
    case ErrorCode::kNotFound:
    case ErrorCode::kMethodNotAllowed:
    case ErrorCode::kPayloadTooLarge:
    case ErrorCode::kRateLimited:
    case ErrorCode::kInternal:
    case ErrorCode::kUnavailable:
    case ErrorCode::kDeadlineExceeded:
    case ErrorCode::kDataLoss:
      return InfoOf(code).http_status;
    case ErrorCode::kAborted:
      return 503;  // lost too many races: nothing was changed
    default:
      return 400;
  }
}

}  // namespace

Status Refuse(std::string_view code, std::string_view message) {
  return WithCode(ErrorCode::kBadSyntax, code, message);
}

Status Missing(std::string_view code, std::string_view message) {
  return WithCode(ErrorCode::kNotFound, code, message);
}

Reply Ok(const Json& json, int status) {
  return {status, "application/json", Dump(json)};
}

Reply OkText(std::string json, int status) {
  return {status, "application/json", std::move(json)};
}

Reply NoContent() {
  return {204, "", ""};
}

std::string_view Call::Path(std::string_view name) const {
  const auto it = path_values.find(name);
  return it == path_values.end() ? std::string_view() : std::string_view(it->second);
}

std::optional<std::string> Call::Query(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::vector<std::string> Call::QueryAll(std::string_view name) const {
  std::vector<std::string> out;
  for (const auto& [key, value] : query) {
    if (key == name) out.push_back(value);
  }
  return out;
}

StatusOr<PageRequest> Call::Page() const {
  PageRequest page;
  if (const auto limit = Query("limit")) {
    size_t value = 0;
    const auto [end, error] = std::from_chars(limit->data(), limit->data() + limit->size(), value);
    if (error != std::errc() || end != limit->data() + limit->size() || value == 0)
      return Refuse("GENERAL_ERROR", "limit must be a positive number");
    page.limit = std::min(value, kPageMax);
  }
  page.after = Query("start_after_id");
  page.before = Query("end_before_id");
  if (page.after && page.before)
    return Refuse("GENERAL_ERROR", "start_after_id and end_before_id exclude each other");
  return page;
}

Json PageOf(std::vector<PageItem> items, const PageRequest& page, bool anything_before) {
  bool more_after = page.before.has_value();
  bool more_before = anything_before;
  if (items.size() > page.limit) {
    // The one too many stands at the far end of the direction of reading.
    if (page.before) {
      items.erase(items.begin());
      more_before = true;
    } else {
      items.pop_back();
      more_after = true;
    }
  }
  Json out = {{"items", Json::array()}};
  if (!items.empty() && more_after) out["next_page_starts_after"] = items.back().id;
  if (!items.empty() && more_before) out["previous_page_ends_before"] = items.front().id;
  for (PageItem& item : items) out["items"].push_back(std::move(item.json));
  return out;
}

HttpResponse ErrorResponse(const Status& status, Env env) {
  const ErrorDetails details = DetailsOf(status);
  HttpResponse response;
  response.status = HttpStatusFor(CodeOf(status));
  if (response.status == 401) response.headers.Set("WWW-Authenticate", "Basic realm=\"seats\"");
  if (response.status == 401 || response.status == 403) return response;
  const std::string code = CodeFor(status, details);
  const std::string message = MessageFor(status, details);
  const Json body = {{"status", response.status},
                     {"messages", {message}},
                     {"errors", {{{"code", code}, {"message", message}}}},
                     {"warnings", Json::array()},
                     {"requestId", NewUuid(env.random)}};
  response.headers.Set("Content-Type", "application/json");
  if (details.retry_after) {
    response.headers.Set("Retry-After",
                         std::to_string(std::max<int64_t>(1, details.retry_after->seconds())));
  }
  response.body = Dump(body);
  return response;
}

std::string NewUuid(Random& random) {
  std::string bytes = random.Bytes(16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
  const std::string hex = HexEncode(bytes);
  std::string out;
  for (size_t i = 0; i < hex.size(); ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) out.push_back('-');
    out.push_back(hex[i]);
  }
  return out;
}

std::string NewToken(Random& random, size_t count) {
  std::string out;
  while (out.size() < count) out.push_back(kAlphabet[random.Uniform(kAlphabet.size())]);
  return out;
}

}  // namespace ticketing::seatsio
