#include "lib/http/workers.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <utility>

#include "lib/http/steady.h"
#include "ticketing/base/assert.h"

namespace ticketing::http {
namespace {

// Tags that are no addresses.
constexpr uint64_t kReadyTag = 1;
constexpr uint64_t kStopTag = 3;
constexpr uint64_t kFirstWait = 2;

uint64_t TagOfWait(uint64_t number) {
  return (number << 1) | 1;
}

void Watch(int epoll, int fd, uint32_t events, uint64_t tag) {
  struct epoll_event event {};
  event.events = events;
  event.data.u64 = tag;
  TICKETING_ASSERT(::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
}

void Notify(int event) {
  const uint64_t one = 1;
  TICKETING_ASSERT(::write(event, &one, sizeof(one)) == sizeof(one));
}

}  // namespace

Workers::Workers(std::function<void(void*)> handle)
    : handle_(std::move(handle)),
      base_limit_(std::max(2U, std::thread::hardware_concurrency()) + 1),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      ready_event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      stop_event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      limit_(base_limit_),
      next_wait_(kFirstWait) {
  TICKETING_ASSERT(epoll_ >= 0 && ready_event_ >= 0 && stop_event_ >= 0);
  // Each notice of the first wakes one thread, that of the second all of them.
  Watch(epoll_, ready_event_, EPOLLIN | EPOLLET, kReadyTag);
  Watch(epoll_, stop_event_, EPOLLIN, kStopTag);
}

Workers::~Workers() {
  Stop();
  for (const int fd : {epoll_, ready_event_, stop_event_}) ::close(fd);
}

void Workers::Start(size_t threads) {
  for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

void Workers::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  spare_.notify_all();
  Notify(stop_event_);
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Workers::Arm(int operation, int fd, uint32_t events, void* tag) {
  struct epoll_event event {};
  event.events = events | EPOLLONESHOT;
  event.data.ptr = tag;
  TICKETING_ASSERT(::epoll_ctl(epoll_, operation, fd, &event) == 0);
}

void Workers::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    spare_.wait(lock, [this] { return stopping_ || running_ < limit_; });
    if (stopping_) return;
    ++running_;
    while (!stopping_ && running_ <= limit_) Turn(lock);
    --running_;
  }
}

// Goes on with one fiber until it is done or waits.
void Workers::Turn(std::unique_lock<std::mutex>& lock) {
  Fiber* const fiber = NextFiber(lock);
  if (!ready_.empty()) Signal();
  if (fiber == nullptr) return;
  ++begun_;
  lock.unlock();
  bool mine = true;
  while (mine) {
    fiber->Run();
    if (fiber->idle()) break;
    mine = !fiber->Park();
  }
  lock.lock();
  if (mine) idle_.push_back(fiber);
}

// What was begun goes before what comes.
Fiber* Workers::NextFiber(std::unique_lock<std::mutex>& lock) {
  if (ready_.empty()) {
    ++polling_;
    lock.unlock();
    struct epoll_event event {};
    const int count = ::epoll_wait(epoll_, &event, 1, -1);
    TICKETING_ASSERT(count == 1 || (count < 0 && errno == EINTR));
    lock.lock();
    --polling_;
    if (count == 1 && event.data.u64 != kReadyTag) return FiberFor(event.data.u64, event.events);
    signaled_ = false;
    if (ready_.empty()) return nullptr;
  }
  Fiber* const fiber = ready_.front();
  ready_.pop_front();
  return fiber;
}

Fiber* Workers::FiberFor(uint64_t tag, uint32_t events) {
  if (stopping_ || tag == kStopTag) return nullptr;
  if ((tag & 1) != 0) {
    const auto wait = awaiting_.find(tag >> 1);
    if (wait == awaiting_.end()) return nullptr;
    *wait->second.came = events;
    Fiber* const fiber = wait->second.fiber;
    awaiting_.erase(wait);
    return fiber->MarkWoken() ? fiber : nullptr;
  }
  if (idle_.empty()) {
    fibers_.push_back(std::make_unique<Fiber>(this));
    idle_.push_back(fibers_.back().get());
  }
  Fiber* const fiber = idle_.back();
  idle_.pop_back();
  fiber->Start([this, tag] { handle_(std::bit_cast<void*>(tag)); });
  return fiber;
}

// Tells one of those who wait for events; the others look at ready_ by themselves.
void Workers::Signal() {
  if (polling_ == 0 || std::exchange(signaled_, true)) return;
  Notify(ready_event_);
}

void Workers::Ready(Fiber& fiber) {
  const std::lock_guard lock(mutex_);
  ready_.push_back(&fiber);
  // Inside the lock: when the fiber goes on, the server may end.
  Signal();
}

void Workers::BeginBlocking() {
  {
    const std::lock_guard lock(mutex_);
    --running_;
  }
  spare_.notify_one();
}

void Workers::EndBlocking() {
  const std::lock_guard lock(mutex_);
  ++running_;
}

uint32_t Workers::AwaitEvents(int fd, uint32_t events, int64_t deadline) {
  Fiber* const fiber = Fiber::Current();
  uint32_t came = 0;
  struct epoll_event event {};
  event.events = events | EPOLLONESHOT;
  {
    const std::lock_guard lock(mutex_);
    event.data.u64 = TagOfWait(next_wait_);
    awaiting_.emplace(next_wait_++, Awaiting{fiber, deadline, &came});
  }
  if (::epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event) != 0)
    TICKETING_ASSERT(errno == ENOENT && ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0);
  fiber->Sleep();
  return came;
}

void Workers::Tend() {
  const std::lock_guard lock(mutex_);
  const int64_t now = SteadyMicros();
  for (auto wait = awaiting_.begin(); wait != awaiting_.end();) {
    if (wait->second.deadline > now) {
      ++wait;
      continue;
    }
    Fiber* const fiber = wait->second.fiber;
    wait = awaiting_.erase(wait);
    if (fiber->MarkWoken()) ready_.push_back(fiber);
  }
  if (!ready_.empty()) Signal();
  struct pollfd events = {epoll_, POLLIN, 0};
  const bool stuck = polling_ == 0 && begun_ == seen_ &&
                     (!ready_.empty() || ::poll(&events, 1, 0) == 1) && limit_ < threads_.size();
  seen_ = begun_;
  if (stuck) {
    limit_ += limit_ / 2;
    spare_.notify_all();
  } else if (polling_ > 0 && limit_ > base_limit_) {
    --limit_;
  }
}

}  // namespace ticketing::http
