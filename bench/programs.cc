#include "bench/programs.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "ticketing/http/http_client.h"

namespace ticketing {
namespace {

std::string ProgramPath(const std::string& program) {
  std::error_code ignored;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", ignored);
  return (self.parent_path().parent_path() / "bin" / program).string();
}

}  // namespace

std::unique_ptr<ServerProcess> ServerProcess::Start(const std::string& program,
                                                    const std::vector<std::string>& flags) {
  const std::string path = ProgramPath(program);
  std::vector<char*> arguments = {const_cast<char*>(path.c_str())};
  for (const std::string& flag : flags) arguments.push_back(const_cast<char*>(flag.c_str()));
  arguments.push_back(nullptr);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return nullptr;
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(ends[1], STDOUT_FILENO);
    ::execv(path.c_str(), arguments.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  if (pid < 0) {
    ::close(ends[0]);
    return nullptr;
  }
  std::unique_ptr<ServerProcess> process(new ServerProcess(pid, ends[0]));
  if (process->WaitUntilItListens()) return process;
  std::fprintf(stderr, "%s did not start\n", path.c_str());
  return nullptr;
}

// Its first line: "listening on http://127.0.0.1:4711".
bool ServerProcess::WaitUntilItListens() {
  std::string line;
  char c = 0;
  while (::read(output_, &c, 1) == 1 && c != '\n') line.push_back(c);
  const size_t colon = line.rfind(':');
  if (colon == std::string::npos) return false;
  port_ = static_cast<uint16_t>(std::atoi(line.c_str() + colon + 1));
  return port_ != 0;
}

ServerProcess::~ServerProcess() {
  Stop();
  ::close(output_);
}

bool ServerProcess::Stop() {
  if (pid_ < 0) return well_;
  ::kill(pid_, SIGTERM);
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  well_ = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  return well_;
}

PlainAnswer Ask(const std::string& url, const std::string& method, const std::string& target,
                const std::string& auth, const std::string& body) {
  static std::atomic<uint64_t> keys = 0;
  PlainAnswer out{.json = nlohmann::json::object()};
  auto client = SocketHttpClient::Create({.base_url = url});
  if (!client.ok()) return out;
  HttpRequest request;
  request.method = method;
  request.target = target;
  request.body = body;
  if (!auth.empty()) request.headers.Set("Authorization", auth);
  if (method == "POST") {
    request.headers.Set("Content-Type", "application/json");
    request.headers.Set("Idempotency-Key", "setup-" + std::to_string(++keys));
  }
  StatusOr<HttpResponse> response = (*client)->Send(request, Duration::Seconds(60));
  if (!response.ok()) return out;
  out.status = response->status;
  out.body = std::move(response->body);
  const nlohmann::json parsed = nlohmann::json::parse(out.body, nullptr, false);
  if (parsed.is_object()) out.json = parsed;
  return out;
}

}  // namespace ticketing
