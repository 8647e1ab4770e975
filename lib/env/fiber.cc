#include "ticketing/env/fiber.h"

#include <sys/mman.h>

#include <bit>
#include <utility>

#include "ticketing/base/assert.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#define TICKETING_ASAN 1
#elif defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#define TICKETING_TSAN 1
#endif

namespace ticketing {
namespace {

// Only what is used takes memory.
constexpr size_t kStackBytes = 1 << 20;
constexpr size_t kGuardBytes = 4096;

thread_local Fiber* current = nullptr;

#if TICKETING_ASAN
void BeforeSwitch(void** save, const void* bottom, size_t size) {
  __sanitizer_start_switch_fiber(save, bottom, size);
}
void AfterSwitch(void* fake, const void** bottom, size_t* size) {
  __sanitizer_finish_switch_fiber(fake, bottom, size);
}
#elif TICKETING_TSAN
// The thread sanitizer only wants to be told which stack comes next.
void* NewTsanFiber() {
  return __tsan_create_fiber(0);
}
void TsanSwitch(void* fiber) {
  __tsan_switch_to_fiber(fiber, 0);
}
#endif

#if !TICKETING_ASAN
void BeforeSwitch(void**, const void*, size_t) {}
void AfterSwitch(void*, const void**, size_t*) {}
#endif

}  // namespace

Fiber::Fiber(FiberHost* host) : host_(host) {
#if TICKETING_TSAN
  fake_stack_ = NewTsanFiber();
#endif
  void* memory = mmap(nullptr, kStackBytes + kGuardBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  TICKETING_ASSERT(memory != MAP_FAILED);
  stack_ = static_cast<char*>(memory);
  TICKETING_ASSERT(mprotect(stack_, kGuardBytes, PROT_NONE) == 0);
  TICKETING_ASSERT(getcontext(&here_) == 0);
  here_.uc_stack.ss_sp = stack_ + kGuardBytes;
  here_.uc_stack.ss_size = kStackBytes;
  here_.uc_link = nullptr;
  const auto self = reinterpret_cast<uintptr_t>(this);
  makecontext(&here_, reinterpret_cast<void (*)()>(&Fiber::Enter), 2,
              static_cast<unsigned>(self >> 32), static_cast<unsigned>(self));
}

Fiber::~Fiber() {
#if TICKETING_TSAN
  __tsan_destroy_fiber(fake_stack_);
#endif
  munmap(stack_, kStackBytes + kGuardBytes);
}

Fiber* Fiber::Current() {
  return current;
}

Fiber* Fiber::CurrentAside() {
  return current != nullptr && current->host_ != nullptr && current->aside > 0 ? current : nullptr;
}

void Fiber::Run() {
  TICKETING_ASSERT(current == nullptr);
  current = this;
  BeforeSwitch(&caller_fake_stack_, stack_ + kGuardBytes, kStackBytes);
#if TICKETING_TSAN
  caller_fake_stack_ = __tsan_get_current_fiber();
  TsanSwitch(fake_stack_);
#endif
  swapcontext(&caller_, &here_);
  AfterSwitch(caller_fake_stack_, nullptr, nullptr);
  current = nullptr;
}

void Fiber::Leave() {
  TICKETING_ASSERT(current == this);
  BeforeSwitch(&fake_stack_, caller_bottom_, caller_size_);
#if TICKETING_TSAN
  TsanSwitch(caller_fake_stack_);
#endif
  swapcontext(&here_, &caller_);
  AfterSwitch(fake_stack_, &caller_bottom_, &caller_size_);
  ++turn;
}

void Fiber::Sleep() {
  if (state_.load() != State::kWoken) Leave();
  state_.store(State::kAwake);
}

void Fiber::Wake() {
  if (MarkWoken()) host_->Ready(*this);
}

bool Fiber::MarkWoken() {
  return state_.exchange(State::kWoken) == State::kParked;
}

bool Fiber::Park() {
  State awake = State::kAwake;
  return state_.compare_exchange_strong(awake, State::kParked);
}

void Fiber::Enter(unsigned high, unsigned low) {
  auto* self = std::bit_cast<Fiber*>((static_cast<uintptr_t>(high) << 32) | low);
  AfterSwitch(nullptr, &self->caller_bottom_, &self->caller_size_);
  while (true) {
    std::function<void()> task = std::exchange(self->task_, nullptr);
    self->task_ = [] {};  // busy
    task();
    task = nullptr;
    self->task_ = nullptr;
    self->Leave();
  }
}

}  // namespace ticketing
