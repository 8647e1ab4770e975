// HTTP as values: a request, a response, somebody who answers requests and somebody who sends them.
// Services are HttpHandlers, so one process can hold them all and tests need no sockets.
#ifndef TICKETING_ENV_HTTP_H_
#define TICKETING_ENV_HTTP_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ticketing/base/status.h"
#include "ticketing/base/time.h"

namespace ticketing {

// Header fields in order. Names compare without case; a repeated name is kept.
class HttpHeaders {
 public:
  void Add(std::string_view name, std::string_view value);
  void Set(std::string_view name, std::string_view value);  // replaces every field of that name
  void Remove(std::string_view name);
  std::optional<std::string_view> Get(std::string_view name) const;  // the first of that name
  const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct HttpRequest {
  std::string method = "GET";
  // Path and query as they stand on the wire, percent-encoded: "/v1/events?limit=20".
  std::string target = "/";
  HttpHeaders headers;
  std::string body;
  std::string remote_address;  // of the peer, for limits and logs; empty in process

  std::string_view path() const;   // the target up to the '?', still encoded
  std::string_view query() const;  // behind the '?', still encoded
};

struct HttpResponse {
  int status = 200;
  HttpHeaders headers;
  std::string body;
};

// Somebody who answers. Handle may be called from many threads at once and answers every request:
// errors are responses.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  virtual HttpResponse Handle(const HttpRequest& request) = 0;
};

// Somebody who sends requests to one server. Thread-safe. Errors: kUnavailable when there was no
// answer (the request may or may not have had its effect), kDeadlineExceeded after `timeout`. An
// answer of any status is OK.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  virtual StatusOr<HttpResponse> Send(const HttpRequest& request, Duration timeout) = 0;
};

// A client that calls a handler in the same process. The handler must outlive it. The timeout is
// not watched.
class InProcessHttpClient final : public HttpClient {
 public:
  explicit InProcessHttpClient(HttpHandler& handler) : handler_(handler) {}
  StatusOr<HttpResponse> Send(const HttpRequest& request, Duration timeout) override;

 private:
  HttpHandler& handler_;
};

// Percent-decodes a path segment or a query value ('+' is a space only in a query); nullopt when
// malformed.
std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space);
std::string PercentEncode(std::string_view text);

// The decoded pairs of a query or of an application/x-www-form-urlencoded body, in order; nullopt
// when malformed.
std::optional<std::vector<std::pair<std::string, std::string>>> ParseQuery(std::string_view query);

}  // namespace ticketing

#endif  // TICKETING_ENV_HTTP_H_
