// What SQLite lets nobody settle once it was used. A program of its own: the first database that it
// opens is the first use.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "ticketing/sqlite/sqlite_database.h"
#include "ticketing/testing/matchers.h"
#include "ticketing/testing/temp_dir.h"

namespace ticketing {
namespace {

TEST(SqliteStartTest, NobodyCountsItsMemory) {
  const TempDir dir;
  SqliteDatabaseFactory factory({.data_dir = dir.path()});
  ASSERT_OK_AND_ASSIGN(
      const auto database,
      factory.Open("first", {{1, {"CREATE TABLE numbers (n INTEGER PRIMARY KEY) STRICT"}}}));
  EXPECT_EQ(sqlite3_memory_used(), 0) << "statistics are kept, under a lock around all memory";
}

}  // namespace
}  // namespace ticketing
