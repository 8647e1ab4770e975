#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "tests/database/engine.h"
#include "ticketing/testing/matchers.h"

namespace ticketing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Migration kFirst = {
    1, {"CREATE TABLE a (id INTEGER PRIMARY KEY) STRICT", "INSERT INTO a (id) VALUES (1)"}};
const Migration kSecond = {
    2, {"CREATE TABLE b (id INTEGER PRIMARY KEY) STRICT", "INSERT INTO b SELECT id FROM a"}};

class MigrateContractTest : public ::testing::TestWithParam<EngineKind> {
 protected:
  StatusOr<std::unique_ptr<Database>> Open(const std::vector<Migration>& schema) {
    return engine_->Factory({})->Open("test", schema);
  }

  static std::vector<std::string> Tables(Database& database) {
    std::vector<std::string> names;
    EXPECT_OK(database.Read([&](SqlTransaction& transaction) {
      return transaction.Query(GetParam().tables, {}, [&](const SqlRow& row) {
        names.push_back(row.Text(0));
        return OkStatus();
      });
    }));
    return names;
  }

  const std::unique_ptr<Engine> engine_ = GetParam().make();
};

INSTANTIATE_TEST_SUITE_P(Engines, MigrateContractTest, ::testing::ValuesIn(ThreadedEngineKinds()),
                         EngineName);

TEST_P(MigrateContractTest, GoesForwardStepByStep) {
  {
    ASSERT_OK_AND_ASSIGN(const auto database, Open({kFirst}));
    EXPECT_THAT(Tables(*database), ElementsAre("a", "schema_migrations"));
  }
  {
    ASSERT_OK_AND_ASSIGN(const auto database, Open({kFirst, kSecond}));
    EXPECT_THAT(Tables(*database), ElementsAre("a", "b", "schema_migrations"));
  }
  ASSERT_OK_AND_ASSIGN(const auto database, Open({kFirst, kSecond}));
  ASSERT_OK(database->Read([](SqlTransaction& transaction) {
    return transaction.Query("SELECT count(*) FROM a", {}, [](const SqlRow& row) {
      EXPECT_EQ(row.Int(0), 1) << "a migration ran twice";
      return OkStatus();
    });
  }));
}

TEST_P(MigrateContractTest, RefusesAnEditedMigration) {
  ASSERT_OK(Open({kFirst}));
  Migration edited = kFirst;
  edited.statements[1] = "INSERT INTO a (id) VALUES (2)";
  const auto refused = Open({edited, kSecond});
  EXPECT_THAT(refused, HasCode(ErrorCode::kDataLoss));
  EXPECT_THAT(std::string(MessageOf(refused.status())), HasSubstr("migration 1 was edited"));
  ASSERT_OK_AND_ASSIGN(const auto database, Open({kFirst}));
  EXPECT_THAT(Tables(*database), ElementsAre("a", "schema_migrations"));
}

// The same characters cut at another place are another migration.
TEST_P(MigrateContractTest, TheChecksumSeesWhereStatementsEnd) {
  ASSERT_OK(Open(
      {{1, {"CREATE TABLE a (id INTEGER PRIMARY KEY) STRICT", "CREATE INDEX a_id ON a (id)"}}}));
  EXPECT_THAT(
      Open({{1, {"CREATE TABLE a (id INTEGER PRIMARY KEY) STRICTCREATE INDEX a_id ON a (id)"}}}),
      HasCode(ErrorCode::kDataLoss));
}

TEST_P(MigrateContractTest, RefusesADatabaseOfANewerProgram) {
  ASSERT_OK(Open({kFirst, kSecond}));
  const auto refused = Open({kFirst});
  EXPECT_THAT(refused, HasCode(ErrorCode::kDataLoss));
  EXPECT_THAT(std::string(MessageOf(refused.status())), HasSubstr("migration 2"));
}

TEST_P(MigrateContractTest, AWrongMigrationLeavesNothing) {
  ASSERT_OK(Open({kFirst}));
  const auto refused =
      Open({kFirst,
            {2, {"CREATE TABLE b (id INTEGER PRIMARY KEY) STRICT", "INSERT INTO c VALUES (1)"}}});
  EXPECT_THAT(refused, HasCode(ErrorCode::kInternal));
  EXPECT_THAT(std::string(MessageOf(refused.status())), HasSubstr("migration 2"));
  ASSERT_OK_AND_ASSIGN(const auto database, Open({kFirst}));
  EXPECT_THAT(Tables(*database), ElementsAre("a", "schema_migrations"));
}

TEST_P(MigrateContractTest, SeveralMayOpenAtOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] { EXPECT_OK(Open({kFirst, kSecond})); });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace ticketing
