#include "lib/http/connection.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <limits>
#include <utility>

#include "lib/http/response_writer.h"
#include "lib/http/steady.h"
#include "ticketing/env/log.h"

namespace ticketing::http {
namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
constexpr size_t kReceiveBytes = 16 << 10;
// After an answer that came before the whole request, what is still on its way is read and thrown
// away for this long.
constexpr Duration kLingerTime = Duration::Seconds(2);

}  // namespace

Connection::Connection(ServerShared& shared, int fd, std::string peer,
                       std::unique_ptr<TlsSession> tls)
    : shared_(shared),
      fd_(fd),
      peer_(std::move(peer)),
      tls_(std::move(tls)),
      parser_(shared.options.head_bytes_max, shared.options.body_bytes_max),
      deadline_(SteadyMicros() + shared.options.head_timeout.micros) {}

Connection::~Connection() {
  (void)Account(0);
  ::close(fd_);
}

void Connection::CutIfLate(int64_t now) {
  if (now >= deadline_.load() || IsTakenTooSlowly(now)) Cut();
}

void Connection::CutIfIdle() {
  const Phase phase = phase_.load();
  if (phase == Phase::kLingering) Cut();
  // Only the reading side: what has arrived can still be read and answered.
  if (phase == Phase::kIdle) ::shutdown(fd_, SHUT_RD);
}

void Connection::GiveUp() {
  Phase phase = phase_.load();
  // If its request began or became whole this very moment it goes on.
  const bool waits = phase == Phase::kIdle || phase == Phase::kHead || phase == Phase::kBody ||
                     phase == Phase::kWriting;
  if (waits && phase_.compare_exchange_strong(phase, Phase::kGivenUp)) Cut();
}

void Connection::Cut() {
  ::shutdown(fd_, SHUT_RDWR);
}

void Connection::Enter(Phase phase, Duration limit) {
  const int64_t now = SteadyMicros();
  since_.store(now);
  deadline_.store(now + limit.micros);
  (void)Become(phase);
}

// False for a connection that was given up: it stays so.
bool Connection::Become(Phase phase) {
  Phase before = phase_.load();
  while (before != Phase::kGivenUp) {
    if (phase_.compare_exchange_weak(before, phase)) return true;
  }
  return false;
}

// Strangers may hold a place with a body that never comes, so the time it has grows with it.
void Connection::WaitForBody() {
  const HttpServerOptions& options = shared_.options;
  if (phase_.load() != Phase::kBody) Enter(Phase::kBody, options.body_start_timeout);
  const auto earned =
      static_cast<int64_t>(parser_.body_size() * uint64_t{1'000'000} / options.body_rate_min);
  deadline_.store(since_.load() + std::min(options.body_timeout.micros,
                                           options.body_start_timeout.micros + earned));
}

// Nor with an answer that they do not take. What waits in the kernel, which may be megabytes, is
// not taken.
bool Connection::IsTakenTooSlowly(int64_t now) const {
  if (phase_.load() != Phase::kWriting) return false;
  const HttpServerOptions& options = shared_.options;
  const int64_t late = now - since_.load() - options.write_start_timeout.micros;
  if (late < 0) return false;
  int waiting = 0;
  if (::ioctl(fd_, SIOCOUTQ, &waiting) != 0) return false;
  const uint64_t sent = sent_.load();
  const uint64_t taken = sent - std::min(sent, static_cast<uint64_t>(std::max(waiting, 0)));
  return late > static_cast<int64_t>(taken * 1'000'000 / options.write_rate_min);
}

Connection::Wants Connection::Serve() {
  if (phase_.load() == Phase::kLingering) return Linger();
  if (phase_.load() == Phase::kGivenUp) return Wants::kClose;
  while (true) {
    if (!Flush()) return Wants::kClose;
    if (!out_.empty()) {
      if (phase_.load() != Phase::kWriting) Enter(Phase::kWriting, shared_.options.write_timeout);
      return Wants::kOutput;
    }
    if (close_after_flush_) return unread_input_ ? Linger() : Wants::kClose;
    if (phase_.load() == Phase::kWriting) Enter(Phase::kIdle, shared_.options.idle_timeout);
    const RequestParser::State state = parser_.Advance(in_);
    if (state == RequestParser::State::kDone) return Wants::kAnswer;
    if (state == RequestParser::State::kError) {
      Refuse(parser_.error());
    } else if (!Account(parser_.body_size())) {
      Refuse(ErrorCode::kUnavailable);
    } else if (parser_.TakeContinue()) {
      if (!Send("HTTP/1.1 100 Continue\r\n\r\n")) return Wants::kClose;
    } else {
      const Wants wants = WaitForInput();
      if (wants != Wants::kTurn) return wants;
    }
  }
}

// kTurn when there are new bytes to look at.
Connection::Wants Connection::WaitForInput() {
  const bool body = parser_.state() == RequestParser::State::kBody;
  const Phase phase = body ? Phase::kBody : parser_.started() ? Phase::kHead : Phase::kIdle;
  if (phase == Phase::kHead && phase_.load() != Phase::kHead)
    Enter(phase, shared_.options.head_timeout);
  if (phase == Phase::kBody) WaitForBody();
  // Asking for more than there was costs a call for every request; the kernel tells of the rest.
  switch (drained_ ? Input::kNone : Receive()) {
    case Input::kSome:
      return Wants::kTurn;
    case Input::kNone:
      // Between two requests a server that stops has nothing to wait for.
      return phase == Phase::kIdle && shared_.stopping.load() ? Wants::kClose : Wants::kInput;
    case Input::kEnded:
      break;
  }
  return Wants::kClose;
}

Connection::Wants Connection::Linger() {
  if (phase_.load() != Phase::kLingering) {
    ::shutdown(fd_, SHUT_WR);
    Enter(Phase::kLingering, kLingerTime);
    if (shared_.stopping.load()) return Wants::kClose;
  }
  std::array<char, kReceiveBytes> buffer;
  // A peer that sends without end is cut off by the deadline.
  for (int i = 0; i < 64; ++i) {
    const ssize_t count = ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (count == 0) return Wants::kClose;
    if (count < 0) return errno == EAGAIN || errno == EINTR ? Wants::kInput : Wants::kClose;
  }
  return Wants::kInput;
}

Connection::Input Connection::Receive() {
  std::array<char, kReceiveBytes> buffer;
  ssize_t count = 0;
  do {
    count = ::recv(fd_, buffer.data(), buffer.size(), 0);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? Input::kNone : Input::kEnded;
  if (count == 0) return Input::kEnded;
  drained_ = static_cast<size_t>(count) < buffer.size();
  const std::string_view bytes(buffer.data(), static_cast<size_t>(count));
  if (tls_ == nullptr) {
    in_.append(bytes);
    return Input::kSome;
  }
  const bool more = tls_->Decrypt(bytes, in_, out_);
  if (more) return Input::kSome;
  // The peer may close its side right behind a whole request; and an alert of ours should reach it.
  (void)Flush();
  return in_.empty() ? Input::kEnded : Input::kSome;
}

bool Connection::Send(std::string_view plain) {
  if (tls_ != nullptr) return tls_->Encrypt(plain, out_);
  out_.append(plain);
  return true;
}

// False when the connection is broken; what the peer does not take yet stays in out_.
bool Connection::Flush() {
  while (out_sent_ < out_.size()) {
    const ssize_t count =
        ::send(fd_, out_.data() + out_sent_, out_.size() - out_sent_, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
    out_sent_ += static_cast<size_t>(count);
    sent_.store(out_sent_);
  }
  out_sent_ = 0;
  sent_.store(0);
  // A large answer must not keep its memory for the life of the connection.
  if (out_.capacity() > (64 << 10)) std::string().swap(out_);
  out_.clear();
  return true;
}

void Connection::Refuse(ErrorCode code) {
  std::string bytes;
  AppendResponse(bytes, ProblemOf(code), {.method = parser_.method(), .keep_alive = false});
  close_after_flush_ = true;
  unread_input_ = true;
  if (!Send(bytes)) out_.clear();
}

void Connection::Answer() {
  deadline_.store(kNever);
  // Its peer would never hear what the handler did.
  if (!Become(Phase::kHandling)) {
    close_after_flush_ = true;
    return;
  }
  const bool http_1_0 = parser_.is_http_1_0();
  bool keep_alive = parser_.keep_alive();
  HttpRequest request = parser_.Take();
  request.remote_address = peer_;
  const HttpResponse response = CallHandler(request);
  if (shared_.stopping.load()) keep_alive = false;
  std::string bytes;
  bytes.reserve(response.body.size() + 512);
  AppendResponse(bytes, response,
                 {.method = request.method, .keep_alive = keep_alive, .http_1_0 = http_1_0});
  (void)Account(0);
  close_after_flush_ = !keep_alive;
  // Pipelined requests behind a close are never answered, but they must not reset the connection.
  unread_input_ = !in_.empty();
  Enter(Phase::kWriting, shared_.options.write_timeout);
  if (!Send(bytes)) {
    close_after_flush_ = true;
    out_.clear();
  }
  if (close_after_flush_ && tls_ != nullptr) tls_->Close(out_);
}

HttpResponse Connection::CallHandler(const HttpRequest& request) {
  std::string what = "not an exception of the standard library";
  try {
    return shared_.handler.Handle(request);
  } catch (const std::exception& error) {
    what = error.what();
  } catch (...) {
  }
  if (shared_.options.log != nullptr) {
    shared_.options.log->Error("an HTTP handler threw",
                               {{"method", request.method}, {"error", what}});
  }
  return ProblemOf(ErrorCode::kInternal);
}

// Sets how many bytes this connection holds. False when the server holds too many.
bool Connection::Account(size_t bytes) {
  if (bytes > accounted_) {
    const size_t more = bytes - accounted_;
    if (shared_.buffered_bytes.fetch_add(more) + more > shared_.options.buffered_bytes_max) {
      shared_.buffered_bytes.fetch_sub(more);
      return false;
    }
  } else {
    shared_.buffered_bytes.fetch_sub(accounted_ - bytes);
  }
  accounted_ = bytes;
  return true;
}

}  // namespace ticketing::http
