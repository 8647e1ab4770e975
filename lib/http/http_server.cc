#include "ticketing/http/http_server.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lib/http/connection.h"
#include "lib/http/response_writer.h"
#include "lib/http/steady.h"
#include "lib/http/tls.h"
#include "lib/http/workers.h"
#include "ticketing/base/assert.h"

namespace ticketing {
namespace {

using http::Connection;

constexpr int kBacklog = 1024;
constexpr int kAcceptsPerTurn = 64;
// Requests of one connection before others get their turn.
constexpr int kRequestsPerTurn = 32;
// How often late connections are looked for, and the workers tended.
constexpr std::chrono::milliseconds kSweepInterval{20};

Status CannotListen(const HttpServerOptions& options, const std::string& why) {
  return MakeError(ErrorCode::kUnavailable, "cannot listen on " + options.host + ":" +
                                                std::to_string(options.port) + ": " + why);
}

// A bound, listening, non-blocking socket, or -1 with the reason in errno.
int ListenOn(const struct addrinfo& address) {
  const int fd = ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const int on = 1;
  const int off = 0;
  // A restart must not wait for the connections of the last run to time out.
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (address.ai_family == AF_INET6) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
  if (::bind(fd, address.ai_addr, address.ai_addrlen) == 0 && ::listen(fd, kBacklog) == 0)
    return fd;
  const int error = errno;
  ::close(fd);
  errno = error;
  return -1;
}

StatusOr<int> Listen(const HttpServerOptions& options) {
  struct addrinfo hints {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  struct addrinfo* found = nullptr;
  const int result =
      ::getaddrinfo(options.host.c_str(), std::to_string(options.port).c_str(), &hints, &found);
  if (result != 0) return CannotListen(options, ::gai_strerror(result));
  int fd = -1;
  for (const struct addrinfo* address = found; address != nullptr && fd < 0;
       address = address->ai_next) {
    fd = ListenOn(*address);
  }
  const int error = errno;
  ::freeaddrinfo(found);
  if (fd < 0) return CannotListen(options, std::strerror(error));
  return fd;
}

uint16_t PortOf(int fd) {
  struct sockaddr_storage address {};
  socklen_t size = sizeof(address);
  TICKETING_ASSERT(::getsockname(fd, reinterpret_cast<struct sockaddr*>(&address), &size) == 0);
  if (address.ss_family == AF_INET6)
    return ntohs(reinterpret_cast<struct sockaddr_in6*>(&address)->sin6_port);
  return ntohs(reinterpret_cast<struct sockaddr_in*>(&address)->sin_port);
}

// The address without the port; one of IPv4 that arrived over an IPv6 socket in its own form.
std::string PeerOf(const struct sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes = address.ss_family == AF_INET6
                          ? static_cast<const void*>(
                                &reinterpret_cast<const struct sockaddr_in6*>(&address)->sin6_addr)
                          : &reinterpret_cast<const struct sockaddr_in*>(&address)->sin_addr;
  if (::inet_ntop(address.ss_family, bytes, text.data(), text.size()) == nullptr) return {};
  const std::string peer = text.data();
  constexpr std::string_view kMapped = "::ffff:";
  return peer.starts_with(kMapped) && peer.find('.') != std::string::npos
             ? peer.substr(kMapped.size())
             : peer;
}

}  // namespace

// Each descriptor is watched for one event: the fiber that receives it owns the descriptor until it
// arms it again, so a connection is never served by two. The sweeper and Stop() only ever shut
// sockets down, which wakes a worker that then closes them.
class HttpServer::Impl {
 public:
  explicit Impl(HttpServerOptions options) : options_(std::move(options)) {}
  ~Impl() { Stop(); }

  Status Start(HttpHandler& handler) {
    TICKETING_ASSERT(shared_ == nullptr);
    if (options_.tls_certificate.empty() != options_.tls_key.empty()) {
      return MakeError(ErrorCode::kUnavailable, "TLS needs both a certificate and a key");
    }
    if (!options_.tls_certificate.empty()) {
      TICKETING_ASSIGN_OR_RETURN(
          tls_, http::TlsServerContext::Load(options_.tls_certificate, options_.tls_key));
    }
    TICKETING_ASSIGN_OR_RETURN(listener_, Listen(options_));
    port_ = PortOf(listener_);
    shared_.reset(new http::ServerShared{options_, handler});
    workers_ = std::make_unique<http::Workers>([this](void* tag) {
      if (tag == &listener_) {
        Accept();
      } else {
        Serve(static_cast<Connection*>(tag));
      }
    });
    workers_->Arm(EPOLL_CTL_ADD, listener_, EPOLLIN, &listener_);
    workers_->Start(std::max<size_t>(options_.threads, 1));
    sweeper_ = std::thread([this] { Sweep(); });
    return OkStatus();
  }

  uint16_t port() const { return port_; }

  void Stop() {
    const std::lock_guard stopping(stop_mutex_);
    if (workers_ == nullptr) return;
    {
      std::unique_lock lock(mutex_);
      shared_->stopping = true;
      ::shutdown(listener_, SHUT_RDWR);
      for (const auto& [connection, owner] : connections_) connection->CutIfIdle();
      const auto closed = [&] { return connections_.empty(); };
      if (!changed_.wait_for(lock, std::chrono::microseconds(options_.drain_timeout.micros),
                             closed)) {
        for (const auto& [connection, owner] : connections_) connection->Cut();
      }
      // What is left has a handler running, which may use whatever the caller destroys next.
      changed_.wait(lock, closed);
      finished_ = true;
    }
    changed_.notify_all();
    sweeper_.join();
    workers_->Stop();  // before the pointer goes: they use it
    workers_.reset();
    ::close(listener_);
  }

 private:
  void Serve(Connection* connection) {
    if (ServeTurn(*connection)) return;
    const std::lock_guard lock(mutex_);
    const auto peer = peers_.find(connection->peer());
    if (--peer->second == 0) peers_.erase(peer);
    connections_.erase(connection);
    if (connections_.empty()) changed_.notify_all();
  }

  // False when the connection is over; otherwise its next event goes to whichever thread is free.
  bool ServeTurn(Connection& connection) {
    const std::lock_guard turn(connection.turn());
    connection.BeginTurn();
    Connection::Wants wants = connection.Serve();
    for (int answered = 1; wants == Connection::Wants::kAnswer; ++answered) {
      connection.Answer();
      wants = answered < kRequestsPerTurn ? connection.Serve() : Connection::Wants::kTurn;
    }
    switch (wants) {
      case Connection::Wants::kInput:
        workers_->Arm(EPOLL_CTL_MOD, connection.fd(), EPOLLIN, &connection);
        return true;
      case Connection::Wants::kOutput:
        workers_->Arm(EPOLL_CTL_MOD, connection.fd(), EPOLLOUT, &connection);
        return true;
      case Connection::Wants::kTurn:
        // Writable at once, so it comes back behind whoever is waiting.
        workers_->Arm(EPOLL_CTL_MOD, connection.fd(), EPOLLIN | EPOLLOUT, &connection);
        return true;
      case Connection::Wants::kAnswer:
      case Connection::Wants::kClose:
        break;
    }
    return false;
  }

  void Accept() {
    for (int i = 0; i < kAcceptsPerTurn; ++i) {
      struct sockaddr_storage address {};
      socklen_t size = sizeof(address);
      const int fd = ::accept4(listener_, reinterpret_cast<struct sockaddr*>(&address), &size,
                               SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd >= 0) {
        Admit(fd, PeerOf(address));
      } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        break;
      } else if (errno != ECONNABORTED && errno != EINTR) {
        // Out of descriptors or memory: the sweeper tries again a little later, instead of spinning
        // here.
        listener_paused_ = true;
        return;
      }
    }
    workers_->Arm(EPOLL_CTL_MOD, listener_, EPOLLIN, &listener_);
  }

  void Admit(int fd, std::string peer) {
    const int on = 1;
    // Answers are written whole; waiting for more to send only costs 40 ms.
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    auto connection = std::make_unique<Connection>(*shared_, fd, std::move(peer),
                                                   tls_ ? tls_->NewSession() : nullptr);
    Connection* raw = connection.get();
    const std::lock_guard lock(mutex_);
    if (shared_->stopping) return;
    const auto known = peers_.find(raw->peer());
    const size_t same = known == peers_.end() ? 0 : known->second;
    const bool too_many =
        options_.connections_per_peer_max > 0 && same >= options_.connections_per_peer_max;
    const bool full = connections_.size() >= options_.connections_max;
    if (too_many || (full && !MakeRoom(raw->peer(), same))) {
      if (tls_ == nullptr) SayFull(fd);
      return;
    }
    peers_[raw->peer()] += 1;
    connections_.emplace(raw, std::move(connection));
    // Inside the lock, or Stop() could find the set empty while this one is on its way in.
    const std::lock_guard turn(raw->turn());
    workers_->Arm(EPOLL_CTL_ADD, fd, EPOLLIN, raw);
  }

  // Gives up a connection for a newcomer from `peer`, which has `same` already, so that neither
  // idle peers nor one that takes all places keep newcomers out.
  bool MakeRoom(const std::string& peer, size_t same) {
    // Those given up just now still count until a worker has closed them.
    if (connections_.size() >= 2 * options_.connections_max) return false;
    const int64_t now = http::SteadyMicros();
    Connection* chosen = nullptr;
    std::pair<size_t, bool> best;  // how many its address has, and whether it is idle
    for (const auto& [connection, owner] : connections_) {
      const bool idle = connection->IsIdle();
      if (!idle && !connection->IsUnfinished() && !connection->IsTakenSlowly(now)) continue;
      const size_t count = peers_.find(connection->peer())->second;
      // Nobody loses a place to an address that has as many, nor a request to one's own next.
      if (count <= same && !(idle && connection->peer() == peer)) continue;
      const std::pair<size_t, bool> rank(count, idle);
      const bool better = chosen == nullptr || rank > best ||
                          (rank == best && (idle ? connection->deadline() < chosen->deadline()
                                                 : connection->since() > chosen->since()));
      if (!better) continue;
      chosen = connection;
      best = rank;
    }
    if (chosen != nullptr) chosen->GiveUp();
    return chosen != nullptr;
  }

  // One try: a peer that came too late is worth no waiting.
  static void SayFull(int fd) {
    std::string bytes;
    http::AppendResponse(bytes, http::ProblemOf(ErrorCode::kUnavailable),
                         {.method = "GET", .keep_alive = false});
    (void)::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    ::shutdown(fd, SHUT_WR);
  }

  void Sweep() {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, kSweepInterval, [&] { return finished_; })) {
      const int64_t now = http::SteadyMicros();
      for (const auto& [connection, owner] : connections_) connection->CutIfLate(now);
      if (listener_paused_.exchange(false))
        workers_->Arm(EPOLL_CTL_MOD, listener_, EPOLLIN, &listener_);
      workers_->Tend();
    }
  }

  const HttpServerOptions options_;
  std::unique_ptr<http::TlsServerContext> tls_;
  std::unique_ptr<http::ServerShared> shared_;
  int listener_ = -1;
  uint16_t port_ = 0;
  std::atomic<bool> listener_paused_ = false;

  std::mutex stop_mutex_;  // one Stop() at a time
  std::mutex mutex_;
  std::condition_variable changed_;  // connections_ became empty, or finished_ was set
  std::unordered_map<Connection*, std::unique_ptr<Connection>> connections_;
  std::unordered_map<std::string, size_t> peers_;  // how many connections an address has
  bool finished_ = false;
  std::unique_ptr<http::Workers> workers_;
  std::thread sweeper_;
};

HttpServer::HttpServer(HttpServerOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}
HttpServer::~HttpServer() = default;

Status HttpServer::Start(HttpHandler& handler) {
  return impl_->Start(handler);
}
uint16_t HttpServer::port() const {
  return impl_->port();
}
void HttpServer::Stop() {
  impl_->Stop();
}

}  // namespace ticketing
