#include "lib/provider/mailbox/server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>

namespace ticketing::mailbox {
namespace {

Status SocketError(std::string_view what) {
  return MakeError(ErrorCode::kUnavailable, std::string(what) + ": " + std::strerror(errno));
}

}  // namespace

SmtpServer::SmtpServer(const MailboxOptions& options, SmtpSession::Keep keep, Clock& clock,
                       Log& log)
    : options_(options), keep_(std::move(keep)), clock_(clock), log_(log) {}

StatusOr<std::unique_ptr<SmtpServer>> SmtpServer::Start(const MailboxOptions& options,
                                                        SmtpSession::Keep keep, Clock& clock,
                                                        Log& log) {
  std::unique_ptr<SmtpServer> server(new SmtpServer(options, std::move(keep), clock, log));
  server->listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (server->listener_ < 0 || pipe2(server->wake_, O_CLOEXEC | O_NONBLOCK) != 0) {
    return SocketError("No socket for the mailbox");
  }
  const int on = 1;
  setsockopt(server->listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(options.port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(server->listener_, generic, size) != 0 || listen(server->listener_, 64) != 0 ||
      getsockname(server->listener_, generic, &size) != 0) {
    return SocketError("The mailbox cannot listen on port " + std::to_string(options.port));
  }
  server->port_ = ntohs(address.sin_port);
  server->acceptor_ = std::thread([raw = server.get()] { raw->AcceptLoop(); });
  return server;
}

SmtpServer::~SmtpServer() {
  Stop();
  for (const int fd : {listener_, wake_[0], wake_[1]}) {
    if (fd >= 0) close(fd);
  }
}

void SmtpServer::Stop() {
  std::call_once(stopped_, [this] {
    if (!acceptor_.joinable()) return;
    // One byte that nobody reads: every poll of every thread sees the pipe as readable from now on.
    const char byte = 0;
    while (write(wake_[1], &byte, 1) < 0 && errno == EINTR) {
    }
    acceptor_.join();
    Reap(true);
    close(listener_);
    listener_ = -1;
  });
}

void SmtpServer::Reap(bool all) {
  for (auto it = connections_.begin(); it != connections_.end();) {
    if (!all && !it->done) {
      ++it;
      continue;
    }
    it->thread.join();
    it = connections_.erase(it);
  }
}

void SmtpServer::AcceptLoop() {
  while (true) {
    std::array<pollfd, 2> fds = {{{listener_, POLLIN, 0}, {wake_[0], POLLIN, 0}}};
    if (poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) break;
    if (fds[1].revents != 0) return;
    Reap(false);
    if ((fds[0].revents & POLLIN) != 0) Accept();
  }
  log_.Error("mailbox stopped accepting", {{"error", std::strerror(errno)}});
}

void SmtpServer::Accept() {
  const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (socket < 0) return;
  if (connections_.size() >= options_.connections_max) {
    constexpr std::string_view kBusy = "421 4.3.2 Too many connections\r\n";
    [[maybe_unused]] const ssize_t sent = send(socket, kBusy.data(), kBusy.size(), MSG_NOSIGNAL);
    close(socket);
    return;
  }
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  Connection& connection = connections_.emplace_back();
  connection.thread = std::thread([this, socket, &connection] {
    Serve(socket);
    close(socket);
    connection.done = true;
  });
}

bool SmtpServer::Wait(int socket, short events, Duration started) const {
  const Duration left = options_.session_timeout - (clock_.Monotonic() - started);
  const Duration wait = std::min(left, options_.idle_timeout);
  if (wait.micros <= 0) return false;
  std::array<pollfd, 2> fds = {{{socket, events, 0}, {wake_[0], POLLIN, 0}}};
  const int ready = poll(fds.data(), fds.size(), static_cast<int>(wait.millis()) + 1);
  if (ready < 0) return errno == EINTR;
  return ready > 0 && fds[1].revents == 0;
}

bool SmtpServer::SendAll(int socket, std::string_view bytes, Duration started) const {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
      continue;
    }
    const bool broken = sent < 0 && errno != EAGAIN && errno != EINTR;
    if (broken || !Wait(socket, POLLOUT, started)) return false;
  }
  return true;
}

void SmtpServer::Serve(int socket) {
  const Duration started = clock_.Monotonic();
  SmtpSession session(
      options_.host_name,
      {.message_bytes_max = options_.message_bytes_max, .recipients_max = options_.recipients_max},
      keep_);
  if (!SendAll(socket, session.Greeting(), started)) return;
  std::array<char, 16 << 10> buffer;
  while (!session.closed()) {
    if (!Wait(socket, POLLIN, started)) {
      constexpr std::string_view kBye = "421 4.4.2 Closing the connection\r\n";
      [[maybe_unused]] const ssize_t sent = send(socket, kBye.data(), kBye.size(), MSG_NOSIGNAL);
      return;
    }
    const ssize_t got = recv(socket, buffer.data(), buffer.size(), 0);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return;
    if (got < 0) continue;
    const std::string reply = session.Feed({buffer.data(), static_cast<size_t>(got)});
    if (!SendAll(socket, reply, started)) return;
  }
}

}  // namespace ticketing::mailbox
