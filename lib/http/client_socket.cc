#include "lib/http/client_socket.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "lib/http/steady.h"
#include "ticketing/env/fiber.h"
#include "ticketing/env/wait.h"

namespace ticketing::http {
namespace {

constexpr size_t kReceiveBytes = 64 << 10;

// Each thread has its own errno, and a fiber may have changed threads since it last looked: so the
// compiler must not remember where it is.
[[gnu::noinline]] int LastError() {
  return errno;
}

Status Broken(const std::string& why) {
  return MakeError(ErrorCode::kUnavailable, why);
}

}  // namespace

ClientSocket::~ClientSocket() {
  ::close(fd_);
}

StatusOr<std::unique_ptr<ClientSocket>> ClientSocket::Connect(const std::string& host,
                                                              uint16_t port, TlsClientContext* tls,
                                                              int64_t deadline) {
  struct addrinfo hints {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG;
  struct addrinfo* found = nullptr;
  const int result = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (result != 0) return Broken(::gai_strerror(result));
  StatusOr<std::unique_ptr<ClientSocket>> made = Broken("no address");
  for (const struct addrinfo* address = found; address != nullptr && !made.ok();
       address = address->ai_next) {
    made = ConnectTo(*address, deadline);
  }
  ::freeaddrinfo(found);
  if (!made.ok() || tls == nullptr) return made;
  (*made)->tls_ = tls->NewSession(host);
  TICKETING_RETURN_IF_ERROR((*made)->Handshake(deadline));
  return made;
}

StatusOr<std::unique_ptr<ClientSocket>> ClientSocket::ConnectTo(const struct addrinfo& address,
                                                                int64_t deadline) {
  const int fd = ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return Broken(std::strerror(errno));
  std::unique_ptr<ClientSocket> made(new ClientSocket(fd));
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (::connect(fd, address.ai_addr, address.ai_addrlen) == 0) return made;
  if (LastError() != EINPROGRESS) return Broken(std::strerror(LastError()));
  TICKETING_RETURN_IF_ERROR(made->Wait(POLLOUT, deadline).status());
  int error = 0;
  socklen_t size = sizeof(error);
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return Broken(std::strerror(error));
  return made;
}

Status ClientSocket::Handshake(int64_t deadline) {
  std::array<char, kReceiveBytes> buffer;
  size_t received = 0;
  while (!tls_->ready()) {
    std::string answer;
    const bool good = tls_->Decrypt({buffer.data(), received}, plain_, answer);
    size_t sent = 0;
    TICKETING_RETURN_IF_ERROR(SendWire(answer, deadline, sent));
    if (!good) return Broken("TLS: " + tls_->Failure());
    if (tls_->ready()) break;
    TICKETING_ASSIGN_OR_RETURN(received, ReceiveWire(buffer.data(), buffer.size(), deadline));
    if (received == 0) return Broken("TLS: the server closed during the handshake");
  }
  return OkStatus();
}

bool ClientSocket::IsFresh() const {
  struct pollfd event = {fd_, POLLIN, 0};
  return !cut_short_ && !ended_ && plain_.empty() && ::poll(&event, 1, 0) == 0;
}

// The events that came, at least one of `events` or a failure of the socket.
StatusOr<short> ClientSocket::Wait(short events, int64_t deadline) const {
  while (true) {
    const int64_t left = deadline - SteadyMicros();
    if (left <= 0) return MakeError(ErrorCode::kDeadlineExceeded, "the time is over");
    struct pollfd event = {fd_, events, 0};
    if (Fiber* const fiber = Fiber::CurrentAside()) {
      const uint32_t came =
          fiber->host()->AwaitEvents(fd_, static_cast<uint32_t>(events), deadline);
      if (came != 0) return static_cast<short>(came);
      continue;
    }
    const BlockedThread blocked;
    // Rounded up, so that the last millisecond is not spent spinning.
    const int millis = static_cast<int>(std::min<int64_t>((left + 999) / 1000, 60'000));
    const int ready = ::poll(&event, 1, millis);
    if (ready > 0) return event.revents;
    if (ready < 0 && LastError() != EINTR) return Broken(std::strerror(LastError()));
  }
}

Status ClientSocket::Send(std::string_view bytes, int64_t deadline, size_t& sent) {
  sent = 0;
  if (cut_short_) return Broken("the server did not take what was sent before");
  if (tls_ == nullptr) return SendWire(bytes, deadline, sent);
  std::string wire;
  if (!tls_->Encrypt(bytes, wire)) return Broken("TLS: " + tls_->Failure());
  TICKETING_RETURN_IF_ERROR(SendWire(wire, deadline, sent));
  if (cut_short_ || answer_.empty()) return OkStatus();
  size_t answered = 0;
  return SendWire(std::exchange(answer_, {}), deadline, answered);
}

Status ClientSocket::SendWire(std::string_view wire, int64_t deadline, size_t& sent) {
  sent = 0;
  while (sent < wire.size()) {
    const ssize_t count = ::send(fd_, wire.data() + sent, wire.size() - sent, MSG_NOSIGNAL);
    if (count >= 0) {
      sent += static_cast<size_t>(count);
    } else if (LastError() == EAGAIN || LastError() == EWOULDBLOCK) {
      TICKETING_ASSIGN_OR_RETURN(const bool go_on, AwaitRoom(deadline));
      if (go_on) continue;
      cut_short_ = true;
      return OkStatus();
    } else if (LastError() != EINTR) {
      cut_short_ = true;
      return Broken(std::strerror(LastError()));
    }
  }
  return OkStatus();
}

// False when the server began to answer or closed: it has refused, and pushing on could block both
// sides for ever.
StatusOr<bool> ClientSocket::AwaitRoom(int64_t deadline) {
  const bool handshake = tls_ != nullptr && !tls_->ready();
  const short wanted = handshake ? POLLOUT : POLLIN | POLLOUT;
  TICKETING_ASSIGN_OR_RETURN(const short events, Wait(wanted, deadline));
  if ((events & POLLOUT) != 0) return true;
  if (tls_ == nullptr) return false;
  // Bytes on a TLS connection need not be an answer: tickets for later sessions, which a server
  // sends behind the handshake, lie here while a first long body goes out.
  std::array<char, kReceiveBytes> buffer;
  const ssize_t count = ::recv(fd_, buffer.data(), buffer.size(), 0);
  if (count < 0) {
    const int error = LastError();
    if (error == EAGAIN || error == EWOULDBLOCK || error == EINTR) return true;
    return Broken(std::strerror(error));
  }
  // What TLS itself has to say to it must stand behind the record that is half sent.
  ended_ =
      count == 0 || !tls_->Decrypt({buffer.data(), static_cast<size_t>(count)}, plain_, answer_);
  return !ended_ && plain_.empty();
}

StatusOr<bool> ClientSocket::Receive(std::string& bytes, int64_t deadline) {
  if (!plain_.empty()) {
    bytes.append(std::exchange(plain_, {}));
    return true;
  }
  std::array<char, kReceiveBytes> buffer;
  while (!ended_) {
    TICKETING_ASSIGN_OR_RETURN(const size_t count,
                               ReceiveWire(buffer.data(), buffer.size(), deadline));
    if (count == 0) return false;
    if (tls_ == nullptr) {
      bytes.append(buffer.data(), count);
      return true;
    }
    const size_t before = bytes.size();
    std::string answer;
    ended_ = !tls_->Decrypt({buffer.data(), count}, bytes, answer);
    size_t sent = 0;
    // In the middle of a record it would be taken for the record's rest.
    if (!answer.empty() && !cut_short_) {
      TICKETING_RETURN_IF_ERROR(SendWire(answer, deadline, sent));
    }
    // Tickets for later sessions decrypt to nothing.
    if (bytes.size() > before) return true;
  }
  return false;
}

// 0 at the end of the stream.
StatusOr<size_t> ClientSocket::ReceiveWire(char* buffer, size_t size, int64_t deadline) {
  while (true) {
    // An answer takes its time, so a look before it has come would be for nothing.
    TICKETING_RETURN_IF_ERROR(Wait(POLLIN, deadline).status());
    const ssize_t count = ::recv(fd_, buffer, size, 0);
    if (count >= 0) return static_cast<size_t>(count);
    if (LastError() != EAGAIN && LastError() != EWOULDBLOCK && LastError() != EINTR)
      return Broken(std::strerror(LastError()));
  }
}

}  // namespace ticketing::http
