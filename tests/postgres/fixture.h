// A counter table on a server of the tests' own.
#ifndef TICKETING_TESTS_POSTGRES_FIXTURE_H_
#define TICKETING_TESTS_POSTGRES_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <vector>

#include "tests/postgres/cluster.h"
#include "ticketing/testing/matchers.h"

namespace ticketing {

class PostgresTest : public ::testing::Test {
 protected:
  PostgresTest() { EmptyCluster(); }

  static std::unique_ptr<Database> Open(PostgresOptions options = {}) {
    options.url = Cluster().url();
    auto database = PostgresFactory(options).Open(
        "test", {{1,
                  {"CREATE TABLE numbers (n INTEGER PRIMARY KEY)",
                   "CREATE TABLE lanes (id INTEGER PRIMARY KEY, version INTEGER NOT NULL)",
                   "INSERT INTO lanes (id, version) VALUES (1, 0), (2, 0)"}}});
    EXPECT_OK(database);
    return *std::move(database);
  }

  static Status Insert(SqlTransaction& transaction, int64_t n) {
    return transaction.Execute("INSERT INTO numbers (n) VALUES (?)", {n}).status();
  }

  static Status Into(SqlTransaction& transaction, std::set<int64_t>& numbers) {
    return transaction.Query("SELECT n FROM numbers", {}, [&](const SqlRow& row) {
      numbers.insert(row.Int(0));
      return OkStatus();
    });
  }

  static std::set<int64_t> Numbers(Database& database) {
    std::set<int64_t> numbers;
    EXPECT_OK(
        database.Read([&](SqlTransaction& transaction) { return Into(transaction, numbers); }));
    return numbers;
  }

  static StatusOr<int64_t> Version(SqlTransaction& transaction, int64_t lane) {
    int64_t version = -1;
    TICKETING_RETURN_IF_ERROR(
        transaction.Query("SELECT version FROM lanes WHERE id = ?", {lane}, [&](const SqlRow& row) {
          version = row.Int(0);
          return OkStatus();
        }));
    return version;
  }
};

}  // namespace ticketing

#endif  // TICKETING_TESTS_POSTGRES_FIXTURE_H_
