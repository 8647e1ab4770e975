#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/database/engine.h"
#include "ticketing/sqlite/sqlite_database.h"
#include "ticketing/testing/matchers.h"
#include "ticketing/testing/temp_dir.h"

namespace ticketing {
namespace {

const std::vector<Migration>& Schema() {
  static const std::vector<Migration> schema = {
      {1,
       {"CREATE TABLE numbers (n INTEGER PRIMARY KEY) STRICT",
        "CREATE TABLE children (id INTEGER PRIMARY KEY, n INTEGER NOT NULL "
        "REFERENCES numbers (n) DEFERRABLE INITIALLY DEFERRED) STRICT"}}};
  return schema;
}

std::unique_ptr<Database> OpenAt(const std::string& path) {
  auto database = SqliteDatabaseFactory(SqliteOptions{.data_dir = path}).Open("test", Schema());
  EXPECT_OK(database);
  return *std::move(database);
}

Status Insert(SqlTransaction& transaction, int64_t n) {
  return transaction.Execute("INSERT INTO numbers (n) VALUES (?)", {n}).status();
}

std::set<int64_t> Numbers(Database& database) {
  std::set<int64_t> numbers;
  EXPECT_OK(database.Read([&](SqlTransaction& transaction) {
    return transaction.Query("SELECT n FROM numbers", {}, [&](const SqlRow& row) {
      numbers.insert(row.Int(0));
      return OkStatus();
    });
  }));
  return numbers;
}

// Another process holds the write lock longer than we wait: a retry can win, so the code says so.
TEST(SqliteCommitTest, ALockedFileAborts) {
  const TempDir dir;
  const auto holder = OpenAt(dir.path());
  auto opened = SqliteDatabaseFactory(
                    SqliteOptions{.data_dir = dir.path(), .busy_timeout = Duration::Millis(1)})
                    .Open("test", Schema());
  ASSERT_OK(opened);
  WriterGate gate(*holder);
  EXPECT_THAT((*opened)->Write([](SqlTransaction& transaction) { return Insert(transaction, 1); }),
              HasCode(ErrorCode::kAborted));
  gate.Open();
  EXPECT_OK(holder->Write([](SqlTransaction&) { return OkStatus(); }));
  EXPECT_OK((*opened)->Write([](SqlTransaction& transaction) { return Insert(transaction, 1); }));
}

// The child writes and says so number by number; it is killed while many writes are on their way.
// Every number it said must be there afterwards.
TEST(SqliteCommitTest, AKillLosesNothingThatWasAcknowledged) {
  for (int round = 0; round < 5; ++round) {
    const TempDir dir;
    { OpenAt(dir.path()); }
    int pipe_ends[2];
    ASSERT_EQ(::pipe2(pipe_ends, O_CLOEXEC), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const auto database = OpenAt(dir.path());
      std::atomic<int64_t> next = 0;
      std::function<void()> submit = [&] {
        const int64_t n = next++;
        database->WriteAsync(
            [n](SqlTransaction& transaction) { return Insert(transaction, n); },
            [&, n](Status status) {
              if (!status.ok() || ::write(pipe_ends[1], &n, sizeof(n)) != sizeof(n)) ::_exit(1);
              submit();
            });
      };
      for (int i = 0; i < 64; ++i) submit();
      while (true) ::pause();
    }
    ::close(pipe_ends[1]);
    std::vector<int64_t> acknowledged;
    int64_t n = 0;
    while (::read(pipe_ends[0], &n, sizeof(n)) == sizeof(n)) {
      acknowledged.push_back(n);
      if (acknowledged.size() == 1000u + 700u * static_cast<size_t>(round)) {
        ASSERT_EQ(::kill(child, SIGKILL), 0);
      }
    }
    ::close(pipe_ends[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
    const auto database = OpenAt(dir.path());
    const std::set<int64_t> kept = Numbers(*database);
    EXPECT_GE(acknowledged.size(), 1000u);
    for (const int64_t number : acknowledged) EXPECT_TRUE(kept.contains(number)) << number;
  }
}

}  // namespace
}  // namespace ticketing
