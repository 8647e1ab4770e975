#include "ticketing/sqlite/sqlite_database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <string>
#include <vector>

#include "ticketing/testing/matchers.h"
#include "ticketing/testing/temp_dir.h"

namespace ticketing {
namespace {

using ::testing::Not;

const std::vector<Migration>& Schema() {
  static const std::vector<Migration> schema = {
      {1, {"CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT NOT NULL, data BLOB) STRICT"}},
      {2,
       {"CREATE TABLE parts (id INTEGER PRIMARY KEY, item INTEGER NOT NULL REFERENCES items (id)) "
        "STRICT",
        "CREATE UNIQUE INDEX items_by_name ON items (name)"}},
  };
  return schema;
}

class SqliteDatabaseDeathTest : public ::testing::TestWithParam<bool> {
 protected:
  std::unique_ptr<Database> Open() {
    const SqliteOptions options{.data_dir = dir_ / "data", .single_threaded = GetParam()};
    auto database = SqliteDatabaseFactory(options).Open("test", Schema());
    EXPECT_OK(database);
    return *std::move(database);
  }

  TempDir dir_;
};

INSTANTIATE_TEST_SUITE_P(SingleThreaded, SqliteDatabaseDeathTest, ::testing::Bool());

TEST_P(SqliteDatabaseDeathTest, CallingBackIntoTheDatabaseIsABug) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        const auto database = Open();
        (void)database->Write([&](SqlTransaction&) {
          return database->Write([](SqlTransaction&) { return OkStatus(); });
        });
      },
      "assertion failed");
  EXPECT_DEATH(
      {
        const auto database = Open();
        (void)database->Write([&](SqlTransaction&) {
          return database->Read([](SqlTransaction&) { return OkStatus(); });
        });
      },
      "assertion failed");
}

TEST(SqliteFilesTest, TheFolderIsPrivate) {
  const TempDir dir;
  SqliteDatabaseFactory factory(SqliteOptions{.data_dir = dir / "a/b/"});
  ASSERT_OK(factory.Open("test", Schema()));
  struct stat info {};
  ASSERT_EQ(::stat((dir / "a/b/test.db").c_str(), &info), 0);
  ASSERT_EQ(::stat((dir / "a/b").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
}

// Bytes 16 and 17 of a file of SQLite.
int PageSizeOf(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string head(18, '\0');
  in.read(head.data(), 18);
  return static_cast<uint8_t>(head[16]) << 8 | static_cast<uint8_t>(head[17]);
}

TEST(SqliteFilesTest, PagesAreAsLargeAsAskedForAndStaySo) {
  const TempDir dir;
  const auto open = [&](int page_size) {
    SqliteOptions options{.data_dir = dir.path(), .page_size = page_size};
    ASSERT_OK(SqliteDatabaseFactory(options).Open("test", Schema()));
  };
  open(1024);
  EXPECT_EQ(PageSizeOf(dir / "test.db"), 1024);
  open(4096);
  EXPECT_EQ(PageSizeOf(dir / "test.db"), 1024);
}

TEST(SqliteFilesTest, SaysWhyItCannotOpen) {
  const TempDir dir;
  std::ofstream(dir / "file") << "x";
  EXPECT_THAT(SqliteDatabaseFactory(SqliteOptions{.data_dir = dir / "file"}).Open("test", {}),
              HasCode(ErrorCode::kUnavailable));
  EXPECT_THAT(SqliteDatabaseFactory(SqliteOptions{.data_dir = "/proc/nothing"}).Open("test", {}),
              HasCode(ErrorCode::kUnavailable));
  std::ofstream(dir / "test.db") << std::string(8192, 'x');
  EXPECT_THAT(SqliteDatabaseFactory(SqliteOptions{.data_dir = dir.path()}).Open("test", {}),
              HasCode(ErrorCode::kDataLoss));
  EXPECT_THAT(SqliteDatabaseFactory(SqliteOptions{.data_dir = dir.path(), .vfs = "no-such-vfs"})
                  .Open("other", {}),
              Not(IsOk()));
}

}  // namespace
}  // namespace ticketing
