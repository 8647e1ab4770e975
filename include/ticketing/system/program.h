// What every main() shares: flags, the environment of production, signals, and a thread that ticks.
//
//   int main(int argc, char** argv) {
//     Options options;
//     Flags flags("client-api", "The public API for customers.");
//     options.Declare(flags);
//     return RunProgram(argc, argv, flags, [&](Program& program) -> Status {
//       Service service(program.env(), options);
//       HttpServer server(options.http);
//       TICKETING_RETURN_IF_ERROR(server.Start(service));
//       Ticker ticker(Duration::Millis(200), [&] { service.Tick(); });
//       program.WaitForStop();
//       server.Stop();
//       return OkStatus();
//     });
//   }
#ifndef TICKETING_SYSTEM_PROGRAM_H_
#define TICKETING_SYSTEM_PROGRAM_H_

#include <functional>
#include <memory>

#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/env/env.h"
#include "ticketing/system/flags.h"

namespace ticketing {

// Calls a function on a thread of its own, again and again with `interval` between the end of one
// call and the start of the next. The destructor waits for a running call and returns at once
// otherwise.
class Ticker {
 public:
  Ticker(Duration interval, std::function<void()> tick);
  ~Ticker();
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

  // No call runs or begins after this returns. Safe to call again, not from `tick` itself.
  void Stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// What the body of a program is given.
class Program {
 public:
  virtual ~Program() = default;
  // The system's clock and randomness, the JSON log and the metrics; valid while the body runs.
  virtual Env env() = 0;
  // Returns on SIGTERM, SIGINT or RequestStop(), also when that came before. After the first signal
  // a second one ends the process at once.
  virtual void WaitForStop() = 0;
  // The same with a bound: whether the program should stop.
  virtual bool WaitForStop(Duration bound) = 0;
  // As if a signal had come. From any thread.
  virtual void RequestStop() = 0;
};

// Parses the flags (adding --log_level and --log_file), builds the environment, runs `body` with
// SIGTERM and SIGINT turned into WaitForStop() and SIGPIPE ignored, and gives what main() returns:
// 0 when the body returned OK, 1 with one line on standard error when it did not, 2 for a wrong
// flag. Call it before any thread is made.
int RunProgram(int argc, const char* const* argv, Flags& flags,
               const std::function<Status(Program&)>& body);

}  // namespace ticketing

#endif  // TICKETING_SYSTEM_PROGRAM_H_
