#include "lib/http/watchdog.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>

namespace ticketing::http {

CuttableSocket::~CuttableSocket() {
  if (fd_ >= 0) ::close(fd_);
}

void CuttableSocket::Attach(int fd) {
  const std::lock_guard lock(mutex_);
  if (fd_ >= 0) ::close(fd_);
  fd_ = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  // Cut while there was no socket yet: a new one must not live on.
  if (cut_ && fd_ >= 0) ::shutdown(fd_, SHUT_RDWR);
}

void CuttableSocket::Cut() {
  const std::lock_guard lock(mutex_);
  cut_ = true;
  if (fd_ >= 0) ::shutdown(fd_, SHUT_RDWR);
}

Watchdog::Watchdog() : thread_([this] { Run(); }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Watchdog::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (guards_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const auto first = guards_.begin();
    const auto due = std::chrono::steady_clock::time_point(std::chrono::microseconds(first->first));
    if (std::chrono::steady_clock::now() < due) {
      changed_.wait_until(lock, due);
      continue;
    }
    Guard& guard = *first->second;
    guards_.erase(first);
    guard.expired_ = true;
    guard.socket_.Cut();
  }
}

Watchdog::Guard::Guard(Watchdog& watchdog, CuttableSocket& socket, int64_t deadline)
    : watchdog_(watchdog), socket_(socket) {
  const std::lock_guard lock(watchdog_.mutex_);
  place_ = watchdog_.guards_.emplace(deadline, this);
  if (place_ == watchdog_.guards_.begin()) watchdog_.changed_.notify_all();
}

Watchdog::Guard::~Guard() {
  const std::lock_guard lock(watchdog_.mutex_);
  if (!expired_) watchdog_.guards_.erase(place_);
}

bool Watchdog::Guard::expired() const {
  const std::lock_guard lock(watchdog_.mutex_);
  return expired_;
}

}  // namespace ticketing::http
