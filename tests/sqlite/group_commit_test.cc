#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "ticketing/sqlite/sqlite_database.h"
#include "ticketing/testing/matchers.h"
#include "ticketing/testing/temp_dir.h"

namespace ticketing {
namespace {

using ::testing::ElementsAre;

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

// Holds the writer thread until it is opened, so that what is submitted meanwhile becomes one
// batch.
class Gate {
 public:
  explicit Gate(Database& database) {
    std::promise<void> entered;
    database.WriteAsync(
        [this, &entered](SqlTransaction&) {
          entered.set_value();
          opened_.get_future().wait();
          return OkStatus();
        },
        nullptr);
    entered.get_future().wait();
  }
  void Open() { opened_.set_value(); }

 private:
  std::promise<void> opened_;
};

TEST(GroupCommitTest, EachThreadSeesItsOwnErrorOnly) {
  constexpr int64_t kThreads = 8;
  constexpr int64_t kWrites = 150;
  const TempDir dir;
  const auto database = OpenAt(dir.path());
  std::vector<std::thread> threads;
  for (int64_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int64_t i = 0; i < kWrites; ++i) {
        const int64_t n = t * 1000 + i;
        if (i % 3 == 1) {
          // Fails after it wrote.
          EXPECT_THAT(database->Write([&](SqlTransaction& transaction) -> Status {
            TICKETING_RETURN_IF_ERROR(Insert(transaction, n));
            return MakeError(ErrorCode::kHoldExpired, "no");
          }),
                      HasCode(ErrorCode::kHoldExpired));
        } else if (i % 3 == 2) {
          EXPECT_THAT(database->Write(
                          [&](SqlTransaction& transaction) { return Insert(transaction, n - 2); }),
                      HasCode(ErrorCode::kConflict));
        } else {
          EXPECT_OK(
              database->Write([&](SqlTransaction& transaction) { return Insert(transaction, n); }));
          EXPECT_TRUE(Numbers(*database).contains(n));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Numbers(*database).size(), static_cast<size_t>(kThreads * kWrites / 3));
}

TEST(GroupCommitTest, KeepsTheOrderOfSubmission) {
  const TempDir dir;
  std::vector<int> ran;
  std::vector<int> done;
  {
    const auto database = OpenAt(dir.path());
    for (int i = 0; i < 5000; ++i) {
      database->WriteAsync(
          [&ran, i](SqlTransaction&) {
            ran.push_back(i);
            return OkStatus();
          },
          [&done, i](Status) { done.push_back(i); });
    }
  }
  std::vector<int> expected(5000);
  for (int i = 0; i < 5000; ++i) expected[i] = i;
  EXPECT_EQ(ran, expected);
  EXPECT_EQ(done, expected);
}

TEST(GroupCommitTest, ALaterWriteSeesAnEarlierOfItsBatch) {
  const TempDir dir;
  const auto database = OpenAt(dir.path());
  Gate gate(*database);
  std::vector<ErrorCode> outcomes;
  const auto record = [&](Status status) { outcomes.push_back(CodeOf(status)); };
  database->WriteAsync([](SqlTransaction& transaction) { return Insert(transaction, 1); }, record);
  database->WriteAsync([](SqlTransaction& transaction) { return Insert(transaction, 1); }, record);
  database->WriteAsync([](SqlTransaction& transaction) { return Insert(transaction, 2); }, record);
  gate.Open();
  ASSERT_OK(database->Write([](SqlTransaction&) { return OkStatus(); }));
  EXPECT_THAT(outcomes, ElementsAre(ErrorCode::kOk, ErrorCode::kConflict, ErrorCode::kOk));
  EXPECT_THAT(Numbers(*database), ElementsAre(1, 2));
}

// A deferred constraint fails the commit of the whole batch; only the one at fault may be told so.
TEST(GroupCommitTest, ADeferredConstraintFailsOnlyItsOwn) {
  const TempDir dir;
  const auto database = OpenAt(dir.path());
  Gate gate(*database);
  std::vector<ErrorCode> outcomes;
  const auto record = [&](Status status) { outcomes.push_back(CodeOf(status)); };
  database->WriteAsync([](SqlTransaction& transaction) { return Insert(transaction, 1); }, record);
  database->WriteAsync(
      [](SqlTransaction& transaction) {
        return transaction.Execute("INSERT INTO children (id, n) VALUES (1, 99)", {}).status();
      },
      record);
  database->WriteAsync([](SqlTransaction& transaction) { return Insert(transaction, 2); }, record);
  gate.Open();
  ASSERT_OK(database->Write([](SqlTransaction&) { return OkStatus(); }));
  EXPECT_THAT(outcomes, ElementsAre(ErrorCode::kOk, ErrorCode::kConflict, ErrorCode::kOk));
  EXPECT_THAT(Numbers(*database), ElementsAre(1, 2));
}

TEST(GroupCommitTest, AReadStaysOnItsSnapshot) {
  const TempDir dir;
  const auto database = OpenAt(dir.path());
  ASSERT_OK(database->Write([](SqlTransaction& transaction) { return Insert(transaction, 1); }));
  ASSERT_OK(database->Read([&](SqlTransaction& transaction) -> Status {
    const auto count = [&] {
      int64_t rows = 0;
      EXPECT_OK(transaction.Query("SELECT count(*) FROM numbers", {}, [&](const SqlRow& row) {
        rows = row.Int(0);
        return OkStatus();
      }));
      return rows;
    };
    EXPECT_EQ(count(), 1);
    std::thread([&] {
      EXPECT_OK(database->Write([](SqlTransaction& other) { return Insert(other, 2); }));
    }).join();
    EXPECT_EQ(count(), 1);
    return OkStatus();
  }));
  EXPECT_THAT(Numbers(*database), ElementsAre(1, 2));
}

// More readers at once than connections, beside a writer: everybody gets a turn.
TEST(GroupCommitTest, ReadersShareTheConnections) {
  const TempDir dir;
  auto opened = SqliteDatabaseFactory(SqliteOptions{.data_dir = dir.path(), .read_connections = 2})
                    .Open("test", Schema());
  ASSERT_OK(opened);
  Database& database = **opened;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int64_t i = 0; i < 50; ++i) {
        EXPECT_OK(database.Write(
            [&](SqlTransaction& transaction) { return Insert(transaction, t * 100 + i); }));
        EXPECT_GE(Numbers(database).size(), static_cast<size_t>(i + 1));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Numbers(database).size(), 400u);
}

// Another process holds the write lock longer than we wait: a retry can win, so the code says so.
TEST(GroupCommitTest, ALockedFileAborts) {
  const TempDir dir;
  const auto holder = OpenAt(dir.path());
  auto opened = SqliteDatabaseFactory(
                    SqliteOptions{.data_dir = dir.path(), .busy_timeout = Duration::Millis(1)})
                    .Open("test", Schema());
  ASSERT_OK(opened);
  Gate gate(*holder);
  EXPECT_THAT((*opened)->Write([](SqlTransaction& transaction) { return Insert(transaction, 1); }),
              HasCode(ErrorCode::kAborted));
  gate.Open();
  EXPECT_OK(holder->Write([](SqlTransaction&) { return OkStatus(); }));
  EXPECT_OK((*opened)->Write([](SqlTransaction& transaction) { return Insert(transaction, 1); }));
}

// The child writes and says so number by number; it is killed while many writes are on their way.
// Every number it said must be there afterwards.
TEST(GroupCommitTest, AKillLosesNothingThatWasAcknowledged) {
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
