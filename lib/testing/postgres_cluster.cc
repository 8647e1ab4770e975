#include "ticketing/testing/postgres_cluster.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <thread>

namespace ticketing {
namespace {

namespace fs = std::filesystem;

constexpr char kUser[] = "postgres";
constexpr std::chrono::seconds kStartMax{60};

// Debian keeps the programs of each major version in a folder of their own.
std::string FindPrograms() {
  std::string newest;
  int newest_version = 0;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", missing)) {
    const int version = std::atoi(entry.path().filename().c_str());
    if (version > newest_version && fs::exists(entry.path() / "bin/initdb")) {
      newest_version = version;
      newest = (entry.path() / "bin").string();
    }
  }
  return newest;
}

}  // namespace

StatusOr<std::unique_ptr<PostgresCluster>> PostgresCluster::Start() {
  std::unique_ptr<PostgresCluster> cluster(new PostgresCluster());
  cluster->bin_ = FindPrograms();
  if (cluster->bin_.empty()) {
    return MakeError(ErrorCode::kUnavailable,
                     "PostgreSQL is not installed: this test needs Debian's package postgresql");
  }
  if (::geteuid() == 0) {
    const passwd* const user = ::getpwnam(kUser);
    if (user == nullptr || ::chown(cluster->dir_.path().c_str(), user->pw_uid, user->pw_gid) != 0)
      return MakeError(ErrorCode::kUnavailable, "root needs the user postgres to run PostgreSQL");
  }
  TICKETING_RETURN_IF_ERROR(
      cluster
          ->Run({cluster->bin_ + "/initdb", "-D", cluster->dir_ / "data", "-U", kUser, "-A",
                 "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"})
          .status());
  TICKETING_RETURN_IF_ERROR(cluster->StartServer());
  return cluster;
}

PostgresCluster::~PostgresCluster() {
  End(SIGINT);
}

std::string PostgresCluster::url() const {
  return "postgresql:///postgres?host=" + dir_.path() + "&user=" + kUser;
}

StatusOr<std::string> PostgresCluster::Sql(std::string_view sql) const {
  return Run(
      {bin_ + "/psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", url(), "-c", std::string(sql)});
}

Status PostgresCluster::CutConnections() const {
  return Sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE backend_type = "
             "'client backend' AND pid <> pg_backend_pid()")
      .status();
}

void PostgresCluster::Kill() {
  End(SIGKILL);
}

void PostgresCluster::Stop() {
  End(SIGINT);
}

Status PostgresCluster::StartAgain() {
  return StartServer();
}

Status PostgresCluster::StartServer() {
  const auto give_up = std::chrono::steady_clock::now() + kStartMax;
  while (std::chrono::steady_clock::now() < give_up) {
    const int log = ::open((dir_ / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    server_ = Spawn({bin_ + "/postgres", "-D", dir_ / "data", "-c", "listen_addresses=", "-c",
                     "unix_socket_directories=" + dir_.path(), "-c", "fsync=on"},
                    log);
    ::close(log);
    while (std::chrono::steady_clock::now() < give_up) {
      if (Run({bin_ + "/pg_isready", "-q", "-h", dir_.path()}).ok()) return OkStatus();
      if (::waitpid(server_, nullptr, WNOHANG) == server_) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    // The processes of one that was killed still hold its memory for a moment.
    server_ = -1;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return MakeError(ErrorCode::kUnavailable, "PostgreSQL did not start");
}

void PostgresCluster::End(int signal) {
  if (server_ <= 0) return;
  ::kill(server_, signal);
  ::waitpid(server_, nullptr, 0);
  server_ = -1;
}

StatusOr<std::string> PostgresCluster::Run(const std::vector<std::string>& command) const {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return MakeError(ErrorCode::kUnavailable, "no pipe can be made");
  const pid_t child = Spawn(command, ends[1]);
  ::close(ends[1]);
  std::string output;
  char buffer[4096];
  for (ssize_t got; (got = ::read(ends[0], buffer, sizeof(buffer))) > 0;)
    output.append(buffer, static_cast<size_t>(got));
  ::close(ends[0]);
  int status = 0;
  if (::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0)
    return output;
  return MakeError(ErrorCode::kUnavailable, command.front() + " failed: " + output);
}

pid_t PostgresCluster::Spawn(const std::vector<std::string>& command, int output) const {
  // All that allocates comes before the fork: other threads may hold the allocator's lock.
  std::vector<char*> arguments;
  for (const std::string& argument : command)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const passwd* const user = ::geteuid() == 0 ? ::getpwnam(kUser) : nullptr;
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  if (user != nullptr &&
      (::setgroups(0, nullptr) != 0 || ::setgid(user->pw_gid) != 0 || ::setuid(user->pw_uid) != 0))
    ::_exit(126);
  // After the change of user, which takes it back. SIGINT is PostgreSQL's fast stop.
  ::prctl(PR_SET_PDEATHSIG, SIGINT);
  if (::chdir("/") != 0) ::_exit(126);
  ::execv(arguments.front(), arguments.data());
  ::_exit(127);
}

}  // namespace ticketing
