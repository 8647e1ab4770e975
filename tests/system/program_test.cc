#include "ticketing/system/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>

#include "ticketing/system/files.h"
#include "ticketing/testing/matchers.h"
#include "ticketing/testing/temp_dir.h"

namespace ticketing {
namespace {

using ::testing::HasSubstr;

// Runs a program in a child process and gives the status of waitpid. `body` says "ready" by writing
// to the pipe; then `act` is called with the child's process id.
int RunChild(const std::vector<std::string>& extra,
             const std::function<Status(Program&, int ready)>& body,
             const std::function<void(pid_t)>& act = nullptr) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    Flags flags("tool", "Does a thing.");
    std::vector<const char*> args = {"tool"};
    for (const std::string& arg : extra) args.push_back(arg.c_str());
    ::_exit(RunProgram(static_cast<int>(args.size()), args.data(), flags,
                       [&](Program& program) { return body(program, ends[1]); }));
  }
  ::close(ends[1]);
  char byte = 0;
  if (act && ::read(ends[0], &byte, 1) == 1) act(child);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  ::close(ends[0]);
  return status;
}

void SayReady(int fd) {
  ASSERT_EQ(::write(fd, "r", 1), 1);
}

class ProgramTest : public ::testing::Test {
 protected:
  std::string Log() { return *ReadFile(dir / "log"); }

  TempDir dir;
  std::vector<std::string> args{"--log-file=" + (dir / "log")};
};

TEST_F(ProgramTest, ASignalStopsItCleanly) {
  for (const int signal : {SIGTERM, SIGINT}) {
    const int status = RunChild(
        args,
        [](Program& program, int ready) {
          // Threads that the program makes must not be hit by the signal.
          std::thread helper([&] {
            SayReady(ready);
            program.WaitForStop();
          });
          program.WaitForStop();
          helper.join();
          program.env().log.Info("drained");
          return OkStatus();
        },
        [&](pid_t child) { ::kill(child, signal); });
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  }
  EXPECT_THAT(Log(), HasSubstr("\"msg\":\"starting\",\"service\":\"tool\",\"config\":\"\""));
  EXPECT_THAT(Log(), HasSubstr("drained"));
  EXPECT_THAT(Log(), HasSubstr("stopped"));
}

TEST_F(ProgramTest, ASignalBeforeTheWaitIsNotLost) {
  const int status = RunChild(args, [](Program& program, int) {
    ::kill(::getpid(), SIGTERM);
    program.WaitForStop();
    return OkStatus();
  });
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

TEST_F(ProgramTest, ASecondSignalEndsADrainThatHangs) {
  const int status = RunChild(
      args,
      [](Program& program, int ready) {
        ::kill(::getpid(), SIGTERM);
        program.WaitForStop();
        SayReady(ready);
        // Should the second signal not end it, this does, and the test sees another signal.
        ::alarm(30);
        while (true) ::pause();
        return OkStatus();
      },
      [](pid_t child) { ::kill(child, SIGTERM); });
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM) << status;
}

TEST_F(ProgramTest, TellsFailuresByItsCode) {
  int status = RunChild(
      args, [](Program&, int) { return MakeError(ErrorCode::kUnavailable, "the port is taken"); });
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1);
  EXPECT_THAT(Log(), HasSubstr("\"error\":\"the port is taken\""));
  status = RunChild(args, [](Program&, int) -> Status { throw std::runtime_error("thrown"); });
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1);
  status = RunChild({"--no-such-flag"}, [](Program&, int) { return OkStatus(); });
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 2);
  status = RunChild({"--log-file=/proc/nothing"}, [](Program&, int) { return OkStatus(); });
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1);
  status = RunChild({"--help"}, [](Program&, int) { return OkStatus(); });
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST_F(ProgramTest, MayStopItself) {
  Flags flags("tool", "Does a thing.");
  const std::vector<const char*> argv = {"tool", args[0].c_str()};
  EXPECT_EQ(RunProgram(static_cast<int>(argv.size()), argv.data(), flags,
                       [](Program& program) {
                         EXPECT_FALSE(program.WaitForStop(Duration::Millis(1)));
                         std::thread([&] { program.RequestStop(); }).join();
                         EXPECT_TRUE(program.WaitForStop(Duration::Millis(1)));
                         program.WaitForStop();
                         return OkStatus();
                       }),
            0);
}

TEST(TickerTest, TicksUntilStopped) {
  std::atomic<int> ticks = 0;
  std::promise<void> third;
  Ticker ticker(Duration::Micros(100), [&] {
    if (++ticks == 3) third.set_value();
  });
  third.get_future().wait();
  ticker.Stop();
  const int after = ticks;
  EXPECT_GE(after, 3);
  ticker.Stop();
  EXPECT_EQ(ticks, after);
}

TEST(TickerTest, StopsAtOnceInALongPause) {
  std::atomic<int> ticks = 0;
  {
    const Ticker ticker(Duration::Hours(1), [&] { ++ticks; });
  }
  EXPECT_EQ(ticks, 0);
}

}  // namespace
}  // namespace ticketing
