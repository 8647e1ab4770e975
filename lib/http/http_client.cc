#include "ticketing/http/http_client.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "lib/http/client_socket.h"
#include "lib/http/response_parser.h"
#include "lib/http/steady.h"
#include "lib/http/syntax.h"
#include "lib/http/tls.h"
#include "ticketing/version.h"

namespace ticketing {
namespace {

using http::ClientSocket;
using http::ResponseParser;
using http::SameText;

// Kept connections older than this are not trusted: servers close idle ones, ours after 30 s.
constexpr Duration kIdleMax = Duration::Seconds(20);
constexpr size_t kHeadBytesMax = 64 << 10;

struct BaseUrl {
  bool tls = false;
  std::string host;
  uint16_t port = 0;
  std::string authority;  // as it stands in the URL, for the Host field
  std::string path;       // without the '/' at its end
};

std::optional<uint16_t> ParsePort(std::string_view digits) {
  bool too_large = false;
  const auto port = http::ParseLength(digits, 65535, too_large);
  if (!port || *port == 0) return std::nullopt;
  return static_cast<uint16_t>(*port);
}

std::optional<BaseUrl> ParseBaseUrl(std::string_view url) {
  BaseUrl base;
  base.tls = url.starts_with("https://");
  if (!base.tls && !url.starts_with("http://")) return std::nullopt;
  url.remove_prefix(base.tls ? 8 : 7);
  if (!http::IsVisible(url) || url.find_first_of("?#@") != std::string_view::npos)
    return std::nullopt;
  const size_t slash = std::min(url.find('/'), url.size());
  base.path = url.substr(slash);
  while (base.path.ends_with('/')) base.path.pop_back();
  std::string_view host = url.substr(0, slash);
  base.authority = host;
  base.port = base.tls ? 443 : 80;
  const size_t colon = host.rfind(':');
  if (colon != std::string_view::npos && !host.ends_with(']')) {
    const std::optional<uint16_t> port = ParsePort(host.substr(colon + 1));
    if (!port) return std::nullopt;
    base.port = *port;
    host = host.substr(0, colon);
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  base.host = host;
  if (base.host.empty()) return std::nullopt;
  return base;
}

bool IsIdempotent(std::string_view method) {
  constexpr std::array<std::string_view, 5> kIdempotent = {"GET", "HEAD", "OPTIONS", "PUT",
                                                           "DELETE"};
  return std::ranges::find(kIdempotent, method) != kIdempotent.end();
}

// Fields that belong to one connection, or that the client works out by itself.
bool IsOurs(std::string_view name) {
  constexpr std::array<std::string_view, 8> kOurs = {
      "Host", "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Expect",
      "TE",   "Upgrade"};
  return std::ranges::any_of(kOurs, [&](std::string_view ours) { return SameText(name, ours); });
}

Status CheckRequest(const HttpRequest& request) {
  if (!request.target.starts_with('/') || !http::IsVisible(request.target)) {
    return InvalidField("target", "must begin with '/' and be percent-encoded");
  }
  if (!http::IsToken(request.method)) return InvalidField("method", "is not an HTTP method");
  for (const auto& [name, value] : request.headers.all()) {
    if (!http::IsToken(name) || !http::IsFieldValue(value)) {
      return InvalidField("headers", "hold a line break or another control character");
    }
  }
  return OkStatus();
}

std::string Serialize(const HttpRequest& request, const BaseUrl& base) {
  std::string out;
  out.reserve(request.body.size() + 512);
  out.append(request.method)
      .append(" ")
      .append(base.path)
      .append(request.target)
      .append(" HTTP/1.1\r\nHost: ");
  out.append(base.authority).append("\r\n");
  for (const auto& [name, value] : request.headers.all()) {
    if (!IsOurs(name)) out.append(name).append(": ").append(value).append("\r\n");
  }
  if (!request.headers.Get("User-Agent"))
    out.append("User-Agent: ticketing/" TICKETING_VERSION "\r\n");
  const bool expects_body =
      request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (expects_body || !request.body.empty()) {
    out.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
  }
  return out.append("\r\n").append(request.body);
}

struct KeptSocket {
  std::unique_ptr<ClientSocket> socket;
  int64_t since = 0;
};

// What one try gave. Without a response, `untouched` tells that the server cannot have begun to act
// on the request, and `silent` that no byte of an answer came.
struct Attempt {
  StatusOr<HttpResponse> response;
  bool untouched = false;
  bool silent = false;
};

}  // namespace

class SocketHttpClient::Impl {
 public:
  Impl(HttpClientOptions options, BaseUrl base, std::unique_ptr<http::TlsClientContext> tls)
      : options_(std::move(options)), base_(std::move(base)), tls_(std::move(tls)) {}

  StatusOr<HttpResponse> Send(const HttpRequest& request, Duration timeout) {
    TICKETING_RETURN_IF_ERROR(CheckRequest(request));
    const int64_t deadline = http::SteadyMicros() + timeout.micros;
    const std::string bytes = Serialize(request, base_);
    if (std::unique_ptr<ClientSocket> kept = TakeKept()) {
      Attempt attempt = Exchange(std::move(kept), request.method, bytes, deadline);
      const bool closed =
          CodeOf(attempt.response.status()) == ErrorCode::kUnavailable && attempt.silent;
      const bool repeat = closed && (attempt.untouched || IsIdempotent(request.method));
      if (!repeat) return Explain(std::move(attempt.response));
      // The server closed it under our hands, and the other kept ones may be no better.
      DropKept();
    }
    const int64_t connect_by =
        std::min(deadline, http::SteadyMicros() + options_.connect_timeout.micros);
    auto socket = ClientSocket::Connect(base_.host, base_.port, tls_.get(), connect_by);
    if (!socket.ok()) {
      const bool late =
          CodeOf(socket.status()) == ErrorCode::kDeadlineExceeded && connect_by < deadline;
      return Explain(late ? MakeError(ErrorCode::kUnavailable, "cannot connect in time")
                          : socket.status());
    }
    return Explain(Exchange(*std::move(socket), request.method, bytes, deadline).response);
  }

 private:
  Attempt Exchange(std::unique_ptr<ClientSocket> socket, std::string_view method,
                   std::string_view bytes, int64_t deadline) {
    size_t sent = 0;
    const Status sending = socket->Send(bytes, deadline, sent);
    // A server may refuse and close before it has read all; its answer is still to be had.
    if (!sending.ok() && (sent == 0 || CodeOf(sending) == ErrorCode::kDeadlineExceeded)) {
      return {.response = sending, .untouched = sent == 0, .silent = true};
    }
    ResponseParser parser(method, kHeadBytesMax, options_.response_bytes_max);
    std::string input;
    bool silent = true;
    ResponseParser::State state = ResponseParser::State::kHead;
    while (state == ResponseParser::State::kHead || state == ResponseParser::State::kBody) {
      const StatusOr<bool> more = socket->Receive(input, deadline);
      if (!more.ok()) return {.response = more.status(), .silent = silent};
      silent = silent && !*more;
      state = *more ? parser.Advance(input) : parser.Finish();
    }
    if (state == ResponseParser::State::kError) {
      const char* why = parser.too_long() ? "the answer is too long"
                        : silent          ? "the connection was closed"
                                          : "the answer is cut off or not HTTP";
      return {.response = MakeError(ErrorCode::kUnavailable, why), .silent = silent};
    }
    const bool whole = sending.ok() && !socket->cut_short();
    if (parser.keep_alive() && input.empty() && whole) Keep(std::move(socket));
    return {.response = parser.Take()};
  }

  // Errors name the server, whatever the layer they come from.
  StatusOr<HttpResponse> Explain(StatusOr<HttpResponse> result) const {
    if (result.ok()) return result;
    if (CodeOf(result.status()) == ErrorCode::kDeadlineExceeded) {
      return MakeError(ErrorCode::kDeadlineExceeded, options_.base_url + " did not answer in time");
    }
    return MakeError(CodeOf(result.status()), "no answer from " + options_.base_url + ": " +
                                                  std::string(MessageOf(result.status())));
  }

  // A kept connection that still looks alive, or nullptr.
  std::unique_ptr<ClientSocket> TakeKept() {
    const std::lock_guard lock(mutex_);
    const int64_t oldest = http::SteadyMicros() - kIdleMax.micros;
    std::erase_if(kept_, [&](const KeptSocket& kept) { return kept.since < oldest; });
    while (!kept_.empty()) {
      std::unique_ptr<ClientSocket> socket = std::move(kept_.back().socket);
      kept_.pop_back();
      if (socket->IsFresh()) return socket;
    }
    return nullptr;
  }

  void Keep(std::unique_ptr<ClientSocket> socket) {
    const std::lock_guard lock(mutex_);
    if (kept_.size() < options_.idle_connections_max)
      kept_.push_back({std::move(socket), http::SteadyMicros()});
  }

  void DropKept() {
    const std::lock_guard lock(mutex_);
    kept_.clear();
  }

  const HttpClientOptions options_;
  const BaseUrl base_;
  const std::unique_ptr<http::TlsClientContext> tls_;
  std::mutex mutex_;
  std::vector<KeptSocket> kept_;  // the most recently used at the back
};

SocketHttpClient::SocketHttpClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SocketHttpClient::~SocketHttpClient() = default;

StatusOr<std::unique_ptr<SocketHttpClient>> SocketHttpClient::Create(HttpClientOptions options) {
  std::optional<BaseUrl> base = ParseBaseUrl(options.base_url);
  if (!base) return InvalidField("base_url", "must be http://HOST[:PORT][/PATH] or https://...");
  std::unique_ptr<http::TlsClientContext> tls;
  if (!options.pinned_keys.empty()) {
    if (!base->tls || !options.ca_certificate.empty()) {
      return InvalidField("pinned_keys", "go with https and without a ca_certificate only");
    }
    TICKETING_ASSIGN_OR_RETURN(tls, http::TlsClientContext::Pinned(options.pinned_keys));
  } else if (base->tls) {
    TICKETING_ASSIGN_OR_RETURN(tls, http::TlsClientContext::Load(options.ca_certificate));
  }
  return std::unique_ptr<SocketHttpClient>(new SocketHttpClient(
      std::make_unique<Impl>(std::move(options), *std::move(base), std::move(tls))));
}

StatusOr<HttpResponse> SocketHttpClient::Send(const HttpRequest& request, Duration timeout) {
  return impl_->Send(request, timeout);
}

}  // namespace ticketing
