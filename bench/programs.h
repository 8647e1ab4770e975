// The server programs of this build as processes of their own, for benchmarks that measure what an
// integrator would have.
#ifndef TICKETING_BENCH_PROGRAMS_H_
#define TICKETING_BENCH_PROGRAMS_H_

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace ticketing {

class ServerProcess {
 public:
  // Starts a program from build/bin, which lies beside this benchmark's folder, and waits until it
  // says that it listens. Null with a line on standard error when it does not. It ends with this
  // process at the latest.
  static std::unique_ptr<ServerProcess> Start(const std::string& program,
                                              const std::vector<std::string>& flags);
  ~ServerProcess();  // stops
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  uint16_t port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  // Asks it to end and waits; whether it ended well. Safe to call again.
  bool Stop();

 private:
  ServerProcess(pid_t pid, int output) : pid_(pid), output_(output) {}
  bool WaitUntilItListens();

  pid_t pid_;
  const int output_;
  uint16_t port_ = 0;
  bool well_ = true;
};

// One request and its answer, outside of what is measured. `auth` is the whole Authorization field
// or empty, a POST gets an Idempotency-Key of its own. The status is 0 when there was no answer.
struct PlainAnswer {
  int status = 0;
  std::string body;
  nlohmann::json json;  // an empty object when the body is not JSON
};
PlainAnswer Ask(const std::string& url, const std::string& method, const std::string& target,
                const std::string& auth, const std::string& body = "");

}  // namespace ticketing

#endif  // TICKETING_BENCH_PROGRAMS_H_
