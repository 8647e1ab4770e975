#include "lib/http/response_writer.h"

#include <time.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include "lib/http/syntax.h"

namespace ticketing::http {
namespace {

struct Reason {
  int status;
  std::string_view text;
};

constexpr std::array<Reason, 32> kReasons = {{
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
}};

std::string_view ReasonOf(int status) {
  const auto found = std::ranges::find(kReasons, status, &Reason::status);
  return found == kReasons.end() ? "Status" : found->text;
}

// IMF-fixdate of RFC 9110 section 5.6.7, made once a second and thread.
const std::string& DateNow() {
  thread_local time_t last = 0;
  thread_local std::string text;
  const time_t now = ::time(nullptr);
  if (now != last) {
    struct tm parts {};
    ::gmtime_r(&now, &parts);
    constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::array<char, 64> buffer{};
    const int size =
        std::snprintf(buffer.data(), buffer.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                      kDays[static_cast<size_t>(parts.tm_wday)], parts.tm_mday,
                      kMonths[static_cast<size_t>(parts.tm_mon)], parts.tm_year + 1900,
                      parts.tm_hour, parts.tm_min, parts.tm_sec);
    text.assign(buffer.data(), static_cast<size_t>(size));
    last = now;
  }
  return text;
}

bool IsOurs(std::string_view name) {
  constexpr std::array<std::string_view, 5> kOurs = {"Content-Length", "Transfer-Encoding",
                                                     "Connection", "Keep-Alive", "Date"};
  return std::ranges::any_of(kOurs, [&](std::string_view ours) { return SameText(name, ours); });
}

void AppendField(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

void AppendResponse(std::string& out, const HttpResponse& response, const WireFormat& format) {
  const int status = response.status >= 200 && response.status <= 599 ? response.status : 500;
  const bool bodiless = status == 204 || status == 304;
  const bool head = format.method == "HEAD";
  out.append("HTTP/1.1 ")
      .append(std::to_string(status))
      .append(" ")
      .append(ReasonOf(status))
      .append("\r\n");
  AppendField(out, "Date", DateNow());
  for (const auto& [name, value] : response.headers.all()) {
    if (!IsOurs(name) && IsToken(name) && IsFieldValue(value)) AppendField(out, name, value);
  }
  if (!bodiless) {
    const auto stated = response.headers.Get("Content-Length");
    const bool keep = head && response.body.empty() && stated && IsFieldValue(*stated);
    AppendField(out, "Content-Length",
                keep ? std::string(*stated) : std::to_string(response.body.size()));
  }
  if (!format.keep_alive) {
    AppendField(out, "Connection", "close");
  } else if (format.http_1_0) {
    AppendField(out, "Connection", "keep-alive");
  }
  out.append("\r\n");
  if (!bodiless && !head) out.append(response.body);
}

HttpResponse ProblemOf(ErrorCode code) {
  const ErrorInfo& info = InfoOf(code);
  HttpResponse response;
  response.status = info.http_status;
  response.headers.Add("Content-Type", "application/problem+json");
  response.headers.Add("Cache-Control", "no-store");
  if (info.http_status == 503) response.headers.Add("Retry-After", "1");
  // Slugs and titles are our own constants and need no escaping.
  response.body = "{\"type\":\"https://libticketing.dev/problems/" + std::string(info.slug) +
                  "\",\"title\":\"" + std::string(info.title) +
                  "\",\"status\":" + std::to_string(info.http_status) + ",\"code\":\"" +
                  std::string(info.slug) + "\"}";
  return response;
}

}  // namespace ticketing::http
