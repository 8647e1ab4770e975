#include "ticketing/system/program.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "ticketing/base/assert.h"
#include "ticketing/system/clock.h"
#include "ticketing/system/json_log.h"
#include "ticketing/system/prometheus_metrics.h"
#include "ticketing/system/random.h"

namespace ticketing {

class Ticker::Impl {
 public:
  Impl(Duration interval, std::function<void()> tick)
      : interval_(interval), tick_(std::move(tick)), thread_([this] { Run(); }) {}

  void Stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

 private:
  void Run() {
    while (true) {
      {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, std::chrono::microseconds(interval_.micros),
                          [&] { return stopping_; });
        if (stopping_) return;
      }
      tick_();
    }
  }

  const Duration interval_;
  const std::function<void()> tick_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses all of the above
};

Ticker::Ticker(Duration interval, std::function<void()> tick)
    : impl_(std::make_unique<Impl>(interval, std::move(tick))) {}
Ticker::~Ticker() {
  impl_->Stop();
}
void Ticker::Stop() {
  impl_->Stop();
}

namespace {

// SIGTERM and SIGINT as something to wait for. They are blocked for this thread and all that it
// makes, so they reach nobody but the descriptor; what was set before returns at the end.
class StopSignals {
 public:
  StopSignals() {
    ::sigemptyset(&set_);
    ::sigaddset(&set_, SIGTERM);
    ::sigaddset(&set_, SIGINT);
    TICKETING_ASSERT(::pthread_sigmask(SIG_BLOCK, &set_, &old_mask_) == 0);
    struct sigaction ignore {};
    ignore.sa_handler = SIG_IGN;
    TICKETING_ASSERT(::sigaction(SIGPIPE, &ignore, &old_pipe_) == 0);
    signal_fd_ = ::signalfd(-1, &set_, SFD_CLOEXEC | SFD_NONBLOCK);
    event_fd_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    TICKETING_ASSERT(signal_fd_ >= 0 && event_fd_ >= 0);
  }

  ~StopSignals() {
    ::close(signal_fd_);
    ::close(event_fd_);
    ::sigaction(SIGPIPE, &old_pipe_, nullptr);
    ::pthread_sigmask(SIG_SETMASK, &old_mask_, nullptr);
  }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // The event is never taken back, so every wait after the first stop returns at once.
  void Request() {
    const uint64_t one = 1;
    TICKETING_ASSERT(::write(event_fd_, &one, sizeof(one)) == sizeof(one));
  }

  // A negative bound waits without end.
  bool Wait(int bound_millis) {
    std::array<struct pollfd, 2> fds = {{{signal_fd_, POLLIN, 0}, {event_fd_, POLLIN, 0}}};
    int ready = 0;
    do {
      ready = ::poll(fds.data(), fds.size(), bound_millis);
    } while (ready < 0 && errno == EINTR);
    if (ready <= 0) return false;
    struct signalfd_siginfo info {};
    if (::read(signal_fd_, &info, sizeof(info)) == sizeof(info)) {
      Request();
      // Somebody who asks twice does not want to wait for the drain.
      ::pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
    }
    return true;
  }

 private:
  sigset_t set_{};
  sigset_t old_mask_{};
  struct sigaction old_pipe_ {};
  int signal_fd_ = -1;
  int event_fd_ = -1;
};

class SystemProgram final : public Program {
 public:
  SystemProgram(StopSignals& signals, SystemClock& clock, JsonLog& log)
      : signals_(signals), clock_(clock), log_(log) {}

  Env env() override { return Env{clock_, random_, log_, metrics_}; }
  void WaitForStop() override { (void)signals_.Wait(-1); }
  bool WaitForStop(Duration bound) override {
    return signals_.Wait(static_cast<int>(bound.millis()));
  }
  void RequestStop() override { signals_.Request(); }

 private:
  StopSignals& signals_;
  SystemClock& clock_;
  JsonLog& log_;
  SystemRandom random_;
  PrometheusMetrics metrics_;
};

int Fail(const Flags& flags, std::string_view message) {
  std::fprintf(stderr, "%s: %.*s\n", flags.program().c_str(), static_cast<int>(message.size()),
               message.data());
  return 1;
}

Status RunBody(Program& program, const std::function<Status(Program&)>& body) {
  try {
    return body(program);
  } catch (const std::exception& error) {
    return MakeError(ErrorCode::kInternal, error.what());
  }
}

}  // namespace

int RunProgram(int argc, const char* const* argv, Flags& flags,
               const std::function<Status(Program&)>& body) {
  StopSignals signals;
  std::string level = "info";
  JsonLogOptions log_options;
  flags.AddChoice("log_level", &level, {"debug", "info", "warning", "error"},
                  "The least severe records to log.");
  flags.AddPath(
      "log_file", &log_options.file,
      "The file to append log records to, one JSON object per line. Empty for standard error.");
  if (const std::optional<int> code = flags.ParseMain(argc, argv)) return *code;
  log_options.service = flags.program();
  log_options.level = ParseLogLevel(level).value_or(LogLevel::kInfo);
  SystemClock clock;
  auto log = JsonLog::Open(log_options, clock);
  if (!log.ok()) return Fail(flags, MessageOf(log.status()));
  SystemProgram program(signals, clock, **log);
  (*log)->Info("starting", flags.Values());
  const Status status = RunBody(program, body);
  if (!status.ok()) {
    (*log)->Error("failed", {{"error", std::string(MessageOf(status))}});
    return Fail(flags, MessageOf(status));
  }
  (*log)->Info("stopped");
  return 0;
}

}  // namespace ticketing
