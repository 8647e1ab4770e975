// Goal: values and statements that only this engine treats in a way of its own.
#include "lib/postgres/values.h"

#include "tests/postgres/fixture.h"

namespace ticketing {
namespace {

using PostgresValuesTest = PostgresTest;
using ::ticketing::postgres::DecodeInt;
using ::ticketing::postgres::kNumeric;

TEST_F(PostgresValuesTest, SumsAreIntegers) {
  const auto database = Open();
  ASSERT_OK(database->Write([](SqlTransaction& transaction) -> Status {
    for (const int64_t n : {INT64_MAX, int64_t{-3}, int64_t{10'000}, INT64_MIN})
      TICKETING_RETURN_IF_ERROR(Insert(transaction, n));
    return OkStatus();
  }));
  const auto sum = [&](const std::string& where) {
    int64_t value = 0;
    const Status status = database->Read([&](SqlTransaction& transaction) {
      return transaction.Query("SELECT SUM(n) FROM numbers WHERE " + where, {},
                               [&](const SqlRow& row) {
                                 value = row.Int(0);
                                 return OkStatus();
                               });
    });
    return status.ok() ? StatusOr<int64_t>(value) : StatusOr<int64_t>(status);
  };
  EXPECT_THAT(sum("n > 20000"), IsOkAndHolds(INT64_MAX));
  EXPECT_THAT(sum("n < -20000"), IsOkAndHolds(INT64_MIN));
  EXPECT_THAT(sum("n BETWEEN -3 AND 10000"), IsOkAndHolds(9997));
  EXPECT_THAT(sum("1 = 1"), IsOkAndHolds(9996));
  EXPECT_THAT(sum("n = 10000"), IsOkAndHolds(10'000));
  EXPECT_THAT(sum("n = 77"), IsOkAndHolds(0));
  EXPECT_THAT(sum("n > 0"), HasCode(ErrorCode::kInternal)) << "does not fit";
}

TEST(ValuesTest, ReadsNumbersOfAnyLength) {
  const auto numeric = [](std::initializer_list<int> words) {
    std::string bytes;
    for (const int word : words) {
      bytes.push_back(static_cast<char>(word >> 8));
      bytes.push_back(static_cast<char>(word & 0xff));
    }
    return bytes;
  };
  EXPECT_EQ(DecodeInt(kNumeric, numeric({0, 0, 0, 0})), 0);
  EXPECT_EQ(DecodeInt(kNumeric, numeric({1, 2, 0, 0, 5})), 500'000'000);
  EXPECT_EQ(DecodeInt(kNumeric, numeric({2, 0, 0x4000, 1, 7, 5000})), -7);
  EXPECT_EQ(DecodeInt(kNumeric, numeric({1, 5, 0, 0, 1})), std::nullopt);
  EXPECT_EQ(DecodeInt(kNumeric, numeric({0, 0, 0xC000, 0})), std::nullopt);
  EXPECT_EQ(DecodeInt(kNumeric, numeric({1})), std::nullopt);
}

// Statements that cannot take arrays, and lists whose types differ, run one by one with the same
// outcome.
TEST_F(PostgresValuesTest, ManyListsWithoutArrays) {
  const auto database = Open();
  ASSERT_OK(database->Write([](SqlTransaction& transaction) -> Status {
    TICKETING_RETURN_IF_ERROR(
        transaction.Execute("CREATE TABLE texts (id INTEGER PRIMARY KEY, t TEXT, b BLOB)", {})
            .status());
    std::vector<SqlArgs> rows;
    for (int64_t i = 0; i < 3000; ++i)
      rows.push_back({i, std::string(100, 'x'), std::string(1000, 'y')});
    const std::string upsert =
        "INSERT INTO texts (id, t) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET t = ?";
    EXPECT_THAT(transaction.ExecuteMany(upsert, rows), IsOkAndHolds(3000));
    EXPECT_THAT(transaction.ExecuteMany(upsert, rows), IsOkAndHolds(3000));
    rows = {{int64_t{5000}, "text", std::monostate()},
            {int64_t{5001}, std::monostate(), Blob{"b"}}};
    EXPECT_THAT(transaction.ExecuteMany("INSERT INTO texts (id, t, b) VALUES (?, ?, ?)", rows),
                IsOkAndHolds(2));
    rows = {{int64_t{0}}, {int64_t{1}}, {int64_t{9999}}};
    EXPECT_THAT(transaction.ExecuteMany("DELETE FROM texts WHERE id = ?", rows), IsOkAndHolds(2));
    return OkStatus();
  }));
  EXPECT_OK(database->Read([](SqlTransaction& transaction) {
    return transaction.Query(
        "SELECT COUNT(*), COUNT(t), COUNT(b), MIN(LENGTH(t)), MAX(LENGTH(t)) FROM texts", {},
        [](const SqlRow& row) {
          EXPECT_EQ(row.Int(0), 3000);
          EXPECT_EQ(row.Int(1), 2999);
          EXPECT_EQ(row.Int(2), 1);
          EXPECT_EQ(row.Int(3), 4);
          EXPECT_EQ(row.Int(4), 1000);
          return OkStatus();
        });
  }));
}

TEST_F(PostgresValuesTest, ManyLongLists) {
  const auto database = Open();
  std::vector<SqlArgs> rows;
  for (int64_t i = 0; i < 20'000; ++i) rows.push_back({i, std::string(1000, 'z')});
  EXPECT_OK(database->Write([&](SqlTransaction& transaction) -> Status {
    TICKETING_RETURN_IF_ERROR(
        transaction.Execute("CREATE TABLE texts (id INTEGER PRIMARY KEY, t TEXT)", {}).status());
    EXPECT_THAT(transaction.ExecuteMany("INSERT INTO texts (id, t) VALUES (?, ?)", rows),
                IsOkAndHolds(20'000));
    return OkStatus();
  }));
}

TEST_F(PostgresValuesTest, TextsSortByBytes) {
  const auto database = Open();
  std::string order;
  EXPECT_OK(database->Write([&](SqlTransaction& transaction) -> Status {
    TICKETING_RETURN_IF_ERROR(
        transaction.Execute("CREATE TABLE texts (t TEXT PRIMARY KEY)", {}).status());
    for (const char* text : {"b", "B", "a", "_", "á"})
      TICKETING_RETURN_IF_ERROR(
          transaction.Execute("INSERT INTO texts (t) VALUES (?)", {text}).status());
    return transaction.Query("SELECT t FROM texts ORDER BY t", {}, [&](const SqlRow& row) {
      order += row.Text(0);
      return OkStatus();
    });
  }));
  EXPECT_EQ(order, "B_abá");
}

// A write with the asynchronous commit that an administrator has set would not be durable.
TEST_F(PostgresValuesTest, CommitsAreDurableWhateverTheServerSays) {
  ASSERT_OK(Cluster().Sql("ALTER DATABASE postgres SET synchronous_commit = off"));
  std::string setting;
  {
    const auto database = Open();
    EXPECT_OK(database->Write([&](SqlTransaction& transaction) {
      return transaction.Query("SELECT current_setting('synchronous_commit')", {},
                               [&](const SqlRow& row) {
                                 setting = row.Text(0);
                                 return OkStatus();
                               });
    }));
  }
  ASSERT_OK(Cluster().Sql("ALTER DATABASE postgres RESET synchronous_commit"));
  EXPECT_EQ(setting, "on");
}

}  // namespace
}  // namespace ticketing
