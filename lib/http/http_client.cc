#include "ticketing/http/http_client.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "lib/http/connection.h"
#include "lib/http/httplib_include.h"
#include "lib/http/request_parser.h"
#include "lib/http/watchdog.h"
#include "ticketing/version.h"

namespace ticketing {
namespace {

// Kept connections older than this are not trusted: servers close idle ones, ours after 30 s.
constexpr Duration kIdleMax = Duration::Seconds(20);

struct BaseUrl {
  bool tls = false;
  std::string host;
  int port = 0;
  std::string path;  // without the '/' at its end
};

std::optional<BaseUrl> ParseBaseUrl(std::string_view url) {
  BaseUrl base;
  if (url.starts_with("https://")) {
    base.tls = true;
    url.remove_prefix(8);
  } else if (url.starts_with("http://")) {
    url.remove_prefix(7);
  } else {
    return std::nullopt;
  }
  const bool printable = std::ranges::all_of(
      url, [](char c) { return c > 0x20 && c < 0x7f && c != '?' && c != '#' && c != '@'; });
  if (!printable) return std::nullopt;
  const size_t slash = std::min(url.find('/'), url.size());
  base.path = url.substr(slash);
  while (base.path.ends_with('/')) base.path.pop_back();
  std::string_view authority = url.substr(0, slash);
  base.port = base.tls ? 443 : 80;
  const size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && !authority.ends_with(']')) {
    const std::string_view digits = authority.substr(colon + 1);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), base.port);
    if (error != std::errc() || end != digits.data() + digits.size() || base.port < 1 ||
        base.port > 65535) {
      return std::nullopt;
    }
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']'))
    authority = authority.substr(1, authority.size() - 2);
  base.host = authority;
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
  constexpr std::array<std::string_view, 6> kOurs = {
      "host", "content-length", "transfer-encoding", "connection", "keep-alive", "expect"};
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return std::ranges::find(kOurs, lower) != kOurs.end();
}

Status CheckRequest(const HttpRequest& request) {
  const bool target =
      request.target.starts_with('/') &&
      std::ranges::all_of(request.target, [](char c) { return c > 0x20 && c < 0x7f; });
  if (!target) return InvalidField("target", "must begin with '/' and be percent-encoded");
  if (!http::IsToken(request.method)) return InvalidField("method", "is not an HTTP method");
  for (const auto& [name, value] : request.headers.all()) {
    if (!http::IsToken(name) || !http::IsFieldValue(value))
      return InvalidField("headers", "hold a line break or such");
  }
  return OkStatus();
}

// One kept connection with the httplib client that owns it.
struct Peer {
  // Before the client: closing it may still tell the socket.
  http::CuttableSocket socket;
  std::unique_ptr<httplib::ClientImpl> client;
  int64_t last_used = 0;
};

}  // namespace

class SocketHttpClient::Impl {
 public:
  Impl(HttpClientOptions options, BaseUrl base)
      : options_(std::move(options)), base_(std::move(base)) {}

  StatusOr<HttpResponse> Send(const HttpRequest& request, Duration timeout) {
    TICKETING_RETURN_IF_ERROR(CheckRequest(request));
    const int64_t deadline = http::SteadyMicros() + timeout.micros;
    for (bool may_repeat = IsIdempotent(request.method);; may_repeat = false) {
      std::unique_ptr<Peer> peer = TakePeer();
      const bool reused = peer->client->is_socket_open() != 0;
      httplib::Error error = httplib::Error::Success;
      StatusOr<HttpResponse> response = Exchange(*peer, request, deadline, error);
      if (response.ok()) {
        GivePeer(std::move(peer));
        return response;
      }
      // The server closed the kept connection while the request was on its way. The others may be
      // dead as well.
      const bool stale = reused &&
                         (error == httplib::Error::Read || error == httplib::Error::Write) &&
                         CodeOf(response.status()) == ErrorCode::kUnavailable;
      if (!stale || !may_repeat) return response;
      DropIdle();
    }
  }

 private:
  StatusOr<HttpResponse> Exchange(Peer& peer, const HttpRequest& request, int64_t deadline,
                                  httplib::Error& error) {
    const int64_t left = deadline - http::SteadyMicros();
    if (left <= 0)
      return MakeError(ErrorCode::kDeadlineExceeded,
                       "there was no time left to ask " + options_.base_url);
    const std::chrono::microseconds bound(left);
    peer.client->set_connection_timeout(
        std::min(bound, std::chrono::microseconds(options_.connect_timeout.micros)));
    peer.client->set_read_timeout(bound);
    peer.client->set_write_timeout(bound);

    httplib::Request out = Translate(request);
    std::string body;
    bool too_long = false;
    out.content_receiver = [&](const char* data, size_t size, uint64_t, uint64_t) {
      too_long = size > options_.response_bytes_max - body.size();
      if (!too_long) body.append(data, size);
      return !too_long;
    };
    httplib::Response in;
    bool sent = false;
    bool expired = false;
    {
      const http::Watchdog::Guard guard(watchdog_, peer.socket, deadline);
      sent = peer.client->send(out, in, error);
      expired = guard.expired();
    }
    if (sent && !expired) {
      HttpResponse response;
      response.status = in.status;
      for (const auto& [name, value] : in.headers) response.headers.Add(name, value);
      response.body = std::move(body);
      return response;
    }
    if (too_long)
      return MakeError(ErrorCode::kUnavailable,
                       "the answer of " + options_.base_url + " is too long");
    if (expired || http::SteadyMicros() >= deadline) {
      return MakeError(ErrorCode::kDeadlineExceeded, options_.base_url + " did not answer in time");
    }
    return MakeError(ErrorCode::kUnavailable,
                     "no answer from " + options_.base_url + ": " + httplib::to_string(error));
  }

  httplib::Request Translate(const HttpRequest& request) const {
    httplib::Request out;
    out.method = request.method;
    out.path = base_.path + request.target;
    for (const auto& [name, value] : request.headers.all()) {
      if (!IsOurs(name)) out.headers.emplace(name, value);
    }
    if (!out.has_header("User-Agent"))
      out.headers.emplace("User-Agent", "ticketing/" TICKETING_VERSION);
    out.body = request.body;
    return out;
  }

  std::unique_ptr<Peer> TakePeer() {
    {
      const std::lock_guard lock(mutex_);
      const int64_t oldest = http::SteadyMicros() - kIdleMax.micros;
      std::erase_if(idle_, [&](const auto& peer) { return peer->last_used < oldest; });
      if (!idle_.empty()) {
        std::unique_ptr<Peer> peer = std::move(idle_.back());
        idle_.pop_back();
        return peer;
      }
    }
    return NewPeer();
  }

  std::unique_ptr<Peer> NewPeer() {
    auto peer = std::make_unique<Peer>();
    if (base_.tls) {
      auto client = std::make_unique<httplib::SSLClient>(base_.host, base_.port);
      client->enable_server_certificate_verification(true);
      if (!options_.ca_certificate.empty()) client->set_ca_cert_path(options_.ca_certificate);
      peer->client = std::move(client);
    } else {
      peer->client = std::make_unique<httplib::ClientImpl>(base_.host, base_.port);
    }
    peer->client->set_keep_alive(true);
    peer->client->set_tcp_nodelay(true);
    peer->client->set_follow_location(false);
    peer->client->set_url_encode(false);
    peer->client->set_decompress(false);
    peer->client->set_socket_options([raw = peer.get()](int fd) { raw->socket.Attach(fd); });
    return peer;
  }

  void GivePeer(std::unique_ptr<Peer> peer) {
    if (peer->client->is_socket_open() == 0) return;
    peer->last_used = http::SteadyMicros();
    const std::lock_guard lock(mutex_);
    if (idle_.size() < options_.idle_connections_max) idle_.push_back(std::move(peer));
  }

  void DropIdle() {
    std::vector<std::unique_ptr<Peer>> dropped;
    const std::lock_guard lock(mutex_);
    dropped.swap(idle_);
  }

  const HttpClientOptions options_;
  const BaseUrl base_;
  http::Watchdog watchdog_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Peer>> idle_;  // the most recently used at the back
};

SocketHttpClient::SocketHttpClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SocketHttpClient::~SocketHttpClient() = default;

StatusOr<std::unique_ptr<SocketHttpClient>> SocketHttpClient::Create(HttpClientOptions options) {
  std::optional<BaseUrl> base = ParseBaseUrl(options.base_url);
  if (!base) return InvalidField("base_url", "must be http://HOST[:PORT][/PATH] or https://...");
  // httplib would only notice at the first request, and without saying so.
  if (!options.ca_certificate.empty() && ::access(options.ca_certificate.c_str(), R_OK) != 0) {
    return MakeError(ErrorCode::kUnavailable, "cannot read certificate " + options.ca_certificate);
  }
  return std::unique_ptr<SocketHttpClient>(
      new SocketHttpClient(std::make_unique<Impl>(std::move(options), *std::move(base))));
}

StatusOr<HttpResponse> SocketHttpClient::Send(const HttpRequest& request, Duration timeout) {
  try {
    return impl_->Send(request, timeout);
  } catch (const std::exception& error) {
    return MakeError(ErrorCode::kUnavailable, std::string("the request failed: ") + error.what());
  }
}

}  // namespace ticketing
