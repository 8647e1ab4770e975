// What every adapter of the database port must do when many write and read at once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/database/engine.h"
#include "ticketing/testing/matchers.h"

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

class GroupCommitContractTest : public ::testing::TestWithParam<EngineKind> {
 protected:
  std::unique_ptr<Database> Open(const EngineOptions& options = {}) {
    auto database = engine_->Factory(options)->Open("test", Schema());
    EXPECT_OK(database);
    return *std::move(database);
  }

  const std::unique_ptr<Engine> engine_ = GetParam().make();
};

INSTANTIATE_TEST_SUITE_P(Engines, GroupCommitContractTest,
                         ::testing::ValuesIn(ThreadedEngineKinds()), EngineName);

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

TEST_P(GroupCommitContractTest, EachThreadSeesItsOwnErrorOnly) {
  constexpr int64_t kThreads = 8;
  constexpr int64_t kWrites = 150;
  const auto database = Open();
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

TEST_P(GroupCommitContractTest, KeepsTheOrderOfSubmission) {
  std::vector<int> ran;
  std::vector<int> done;
  {
    const auto database = Open();
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

TEST_P(GroupCommitContractTest, ALaterWriteSeesAnEarlierOfItsBatch) {
  const auto database = Open();
  WriterGate gate(*database);
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
TEST_P(GroupCommitContractTest, ADeferredConstraintFailsOnlyItsOwn) {
  const auto database = Open();
  WriterGate gate(*database);
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

TEST_P(GroupCommitContractTest, AReadStaysOnItsSnapshot) {
  const auto database = Open();
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
TEST_P(GroupCommitContractTest, ReadersShareTheConnections) {
  const auto opened = Open({.read_connections = 2});
  Database& database = *opened;
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

}  // namespace
}  // namespace ticketing
