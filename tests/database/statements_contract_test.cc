// What every adapter of the database port must do, statement by statement.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "tests/database/engine.h"
#include "ticketing/testing/matchers.h"

namespace ticketing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
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

Status Insert(SqlTransaction& transaction, int64_t id, const std::string& name) {
  return transaction.Execute("INSERT INTO items (id, name) VALUES (?, ?)", {id, name}).status();
}

std::vector<std::string> Names(Database& database) {
  std::vector<std::string> names;
  EXPECT_OK(database.Read([&](SqlTransaction& transaction) {
    return transaction.Query("SELECT name FROM items ORDER BY id", {}, [&](const SqlRow& row) {
      names.push_back(row.Text(0));
      return OkStatus();
    });
  }));
  return names;
}

class DatabaseContractTest : public ::testing::TestWithParam<EngineKind> {
 protected:
  std::unique_ptr<Database> Open() {
    auto database = engine_->Factory({})->Open("test", Schema());
    EXPECT_OK(database);
    return *std::move(database);
  }

  const std::unique_ptr<Engine> engine_ = GetParam().make();
};

INSTANTIATE_TEST_SUITE_P(Engines, DatabaseContractTest, ::testing::ValuesIn(EngineKinds()),
                         EngineName);

TEST_P(DatabaseContractTest, KeepsEveryKindOfValue) {
  const auto database = Open();
  const std::string text =
      GetParam().text_holds_zero ? std::string("tab\t, nul\0, ñ", 14) : "tab\t, ñ";
  const std::string bytes("\0\xff\x80", 3);
  ASSERT_OK(database->Write([&](SqlTransaction& transaction) -> Status {
    TICKETING_RETURN_IF_ERROR(transaction
                                  .Execute("INSERT INTO items (id, name, data) VALUES (?, ?, ?)",
                                           {INT64_MIN, text, Blob{bytes}})
                                  .status());
    return transaction
        .Execute("INSERT INTO items (id, name, data) VALUES (?, ?, ?), (?, ?, ?)",
                 {int64_t{1}, "empty", Blob{}, INT64_MAX, "", std::monostate()})
        .status();
  }));
  int rows = 0;
  ASSERT_OK(database->Read([&](SqlTransaction& transaction) {
    return transaction.Query("SELECT id, name, data FROM items ORDER BY id", {},
                             [&](const SqlRow& row) {
                               if (rows == 0) {
                                 EXPECT_EQ(row.Int(0), INT64_MIN);
                                 EXPECT_EQ(row.Text(1), text);
                                 EXPECT_EQ(row.Bytes(2), bytes);
                               } else if (rows == 1) {
                                 EXPECT_FALSE(row.IsNull(2));
                                 EXPECT_EQ(row.Bytes(2), "");
                               } else {
                                 EXPECT_EQ(row.Int(0), INT64_MAX);
                                 EXPECT_FALSE(row.IsNull(1));
                                 EXPECT_TRUE(row.IsNull(2));
                                 EXPECT_EQ(row.Bytes(2), "");
                                 EXPECT_EQ(row.Int(2), 0);
                               }
                               ++rows;
                               return OkStatus();
                             });
  }));
  EXPECT_EQ(rows, 3);
}

TEST_P(DatabaseContractTest, CountsChangedRows) {
  const auto database = Open();
  ASSERT_OK(database->Write([](SqlTransaction& transaction) -> Status {
    EXPECT_THAT(transaction.Execute("INSERT INTO items (id, name) VALUES (1, 'a'), (2, 'b')", {}),
                IsOkAndHolds(2));
    EXPECT_THAT(transaction.Execute("UPDATE items SET data = NULL WHERE id > ?", {int64_t{1}}),
                IsOkAndHolds(1));
    EXPECT_THAT(transaction.Execute("CREATE TABLE other (id INTEGER PRIMARY KEY) STRICT", {}),
                IsOkAndHolds(0));
    EXPECT_THAT(transaction.Execute("DELETE FROM items WHERE id = 9", {}), IsOkAndHolds(0));
    std::vector<int64_t> returned;
    EXPECT_OK(transaction.Query("UPDATE items SET name = name || '!' RETURNING id", {},
                                [&](const SqlRow& row) {
                                  returned.push_back(row.Int(0));
                                  return OkStatus();
                                }));
    EXPECT_THAT(returned, ElementsAre(1, 2));
    return OkStatus();
  }));
  EXPECT_THAT(Names(*database), ElementsAre("a!", "b!"));
}

TEST_P(DatabaseContractTest, RunsAStatementForManyLists) {
  const auto database = Open();
  ASSERT_OK(database->Write([](SqlTransaction& transaction) -> Status {
    const std::string insert =
        "INSERT INTO items (id, name, data) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
        "name = excluded.name";
    std::vector<SqlArgs> rows;
    for (int64_t i = 1; i <= 500; ++i) rows.push_back({i, std::to_string(i), Blob{"x"}});
    EXPECT_THAT(transaction.ExecuteMany(insert, rows), IsOkAndHolds(500));
    EXPECT_THAT(transaction.ExecuteMany(insert, {}), IsOkAndHolds(0));
    // One of two exists, and NULL comes after a value in the same place.
    rows = {{int64_t{500}, "last", std::monostate()}, {int64_t{501}, "new", std::monostate()}};
    EXPECT_THAT(transaction.ExecuteMany(insert, rows), IsOkAndHolds(2));
    rows = {{"a", int64_t{1}}, {"b", int64_t{2}}, {"c", int64_t{999}}};
    EXPECT_THAT(transaction.ExecuteMany("UPDATE items SET name = ? WHERE id = ?", rows),
                IsOkAndHolds(2));
    return OkStatus();
  }));
  const std::vector<std::string> names = Names(*database);
  ASSERT_EQ(names.size(), 501u);
  EXPECT_EQ(names[0], "a");
  EXPECT_EQ(names[1], "b");
  EXPECT_EQ(names[2], "3");
  EXPECT_EQ(names[499], "last");
  EXPECT_EQ(names[500], "new");
  ASSERT_OK(database->Read([](SqlTransaction& transaction) {
    return transaction.Query("SELECT count(*), count(data) FROM items", {}, [](const SqlRow& row) {
      EXPECT_EQ(row.Int(0), 501);
      EXPECT_EQ(row.Int(1), 500);
      return OkStatus();
    });
  }));
}

TEST_P(DatabaseContractTest, OneBadListFailsThemAll) {
  const auto database = Open();
  ASSERT_OK(
      database->Write([](SqlTransaction& transaction) { return Insert(transaction, 7, "x"); }));
  const std::string insert = "INSERT INTO items (id, name) VALUES (?, ?)";
  for (const std::vector<SqlArgs>& rows :
       {std::vector<SqlArgs>{{int64_t{1}, "a"}, {int64_t{7}, "taken"}, {int64_t{3}, "c"}},
        std::vector<SqlArgs>{{int64_t{1}, "a"}, {int64_t{2}, "x"}}}) {
    EXPECT_THAT(database->Write([&](SqlTransaction& transaction) -> Status {
      EXPECT_THAT(transaction.ExecuteMany(insert, rows), HasCode(ErrorCode::kConflict));
      EXPECT_THAT(Insert(transaction, 9, "after"), HasCode(ErrorCode::kConflict));
      return OkStatus();
    }),
                HasCode(ErrorCode::kConflict));
  }
  const std::vector<SqlArgs> uneven = {{int64_t{1}, "a"}, {int64_t{2}}};
  EXPECT_THAT(database->Write([&](SqlTransaction& transaction) {
    return transaction.ExecuteMany(insert, uneven).status();
  }),
              HasCode(ErrorCode::kInternal));
  EXPECT_THAT(database->Read([&](SqlTransaction& transaction) {
    return transaction.ExecuteMany(insert, std::vector<SqlArgs>{{int64_t{1}, "a"}}).status();
  }),
              HasCode(ErrorCode::kInternal));
  EXPECT_THAT(Names(*database), ElementsAre("x"));
}

TEST_P(DatabaseContractTest, AFailingFunctionLeavesNoTrace) {
  const auto database = Open();
  ASSERT_OK(
      database->Write([](SqlTransaction& transaction) { return Insert(transaction, 1, "kept"); }));
  EXPECT_THAT(database->Write([](SqlTransaction& transaction) -> Status {
    TICKETING_RETURN_IF_ERROR(Insert(transaction, 2, "gone"));
    return MakeError(ErrorCode::kHoldExpired, "too late");
  }),
              HasCode(ErrorCode::kHoldExpired));
  EXPECT_THAT(database->Write([](SqlTransaction& transaction) -> Status {
    TICKETING_RETURN_IF_ERROR(Insert(transaction, 3, "gone too"));
    throw std::runtime_error("thrown");
  }),
              HasCode(ErrorCode::kInternal));
  EXPECT_THAT(Names(*database), ElementsAre("kept"));
}

TEST_P(DatabaseContractTest, BrokenConstraintsAreConflicts) {
  const auto database = Open();
  ASSERT_OK(database->Write(
      [](SqlTransaction& transaction) { return Insert(transaction, 1, "secret-name"); }));
  for (const char* sql :
       {"INSERT INTO items (id, name) VALUES (1, ?)", "INSERT INTO items (id, name) VALUES (2, ?)",
        "INSERT INTO parts (id, item) VALUES (1, length(?))"}) {
    const Status status = database->Write([&](SqlTransaction& transaction) {
      return transaction.Execute(sql, {"secret-name"}).status();
    });
    EXPECT_THAT(status, HasCode(ErrorCode::kConflict)) << sql;
    EXPECT_THAT(std::string(MessageOf(status)), Not(HasSubstr("secret-name")));
  }
}

// PostgreSQL behaves like this, and code must not work on one engine only.
TEST_P(DatabaseContractTest, AnIgnoredErrorStillFailsTheFunction) {
  const auto database = Open();
  EXPECT_THAT(database->Write([](SqlTransaction& transaction) -> Status {
    TICKETING_RETURN_IF_ERROR(Insert(transaction, 1, "a"));
    EXPECT_THAT(Insert(transaction, 1, "b"), HasCode(ErrorCode::kConflict));
    EXPECT_THAT(Insert(transaction, 2, "c"), HasCode(ErrorCode::kConflict));
    return OkStatus();
  }),
              HasCode(ErrorCode::kConflict));
  EXPECT_THAT(Names(*database), ElementsAre());
}

TEST_P(DatabaseContractTest, RefusesWhatIsNotPortable) {
  const auto database = Open();
  for (const char* sql : {
           "SELEC 1",                              // not SQL
           "SELECT missing FROM items",            // no such column
           "SELECT 1; SELECT 2",                   // two statements
           "",                                     // none
           "COMMIT",                               // not the function's business
           "PRAGMA synchronous=OFF",               //
           "ATTACH 'x' AS y",                      //
           "SELECT random()",                      // entropy and time are arguments
           "SELECT CURRENT_TIMESTAMP",             //
           "SELECT name FROM items WHERE id = ?",  // an argument too few
       }) {
    EXPECT_THAT(database->Write([&](SqlTransaction& transaction) {
      return transaction.Execute(sql, {}).status();
    }),
                HasCode(ErrorCode::kInternal))
        << sql;
  }
  EXPECT_OK(database->Write(
      [](SqlTransaction& transaction) { return Insert(transaction, 1, "still fine"); }));
}

TEST_P(DatabaseContractTest, AReadMustNotWrite) {
  const auto database = Open();
  EXPECT_THAT(
      database->Read([](SqlTransaction& transaction) { return Insert(transaction, 1, "a"); }),
      HasCode(ErrorCode::kInternal));
  EXPECT_THAT(Names(*database), ElementsAre());
  EXPECT_OK(
      database->Write([](SqlTransaction& transaction) { return Insert(transaction, 1, "a"); }));
}

TEST_P(DatabaseContractTest, ARowsCallbackMayEndTheQuery) {
  const auto database = Open();
  ASSERT_OK(database->Write([](SqlTransaction& transaction) -> Status {
    for (int64_t i = 0; i < 5; ++i)
      TICKETING_RETURN_IF_ERROR(Insert(transaction, i, std::to_string(i)));
    return OkStatus();
  }));
  int rows = 0;
  EXPECT_OK(database->Write([&](SqlTransaction& transaction) -> Status {
    EXPECT_THAT(transaction.Query("SELECT id FROM items", {},
                                  [&](const SqlRow&) {
                                    ++rows;
                                    return rows == 2 ? MakeError(ErrorCode::kNotFound, "enough")
                                                     : OkStatus();
                                  }),
                HasCode(ErrorCode::kNotFound));
    return Insert(transaction, 9, "the transaction goes on");
  }));
  EXPECT_EQ(rows, 2);
  EXPECT_EQ(Names(*database).size(), 6u);
}

// The statement cache must not hand out a statement that is still walking over its rows.
TEST_P(DatabaseContractTest, AQueryMayRunInsideItself) {
  const auto database = Open();
  ASSERT_OK(database->Write([](SqlTransaction& transaction) -> Status {
    for (int64_t i = 1; i <= 3; ++i)
      TICKETING_RETURN_IF_ERROR(Insert(transaction, i, std::to_string(i)));
    return OkStatus();
  }));
  int pairs = 0;
  EXPECT_OK(database->Read([&](SqlTransaction& transaction) {
    const std::string sql = "SELECT id FROM items WHERE id >= ? ORDER BY id";
    return transaction.Query(sql, {int64_t{1}}, [&](const SqlRow& outer) {
      return transaction.Query(sql, {outer.Int(0)}, [&](const SqlRow&) {
        ++pairs;
        return OkStatus();
      });
    });
  }));
  EXPECT_EQ(pairs, 3 + 2 + 1);
}

TEST_P(DatabaseContractTest, ManyDifferentStatements) {
  const auto database = Open();
  EXPECT_OK(database->Write([](SqlTransaction& transaction) -> Status {
    for (int64_t i = 0; i < 1000; ++i) {
      const std::string sql = "INSERT INTO items (id, name) VALUES (" + std::to_string(i) + ", ?)";
      TICKETING_RETURN_IF_ERROR(transaction.Execute(sql, {std::to_string(i)}).status());
    }
    return OkStatus();
  }));
  EXPECT_EQ(Names(*database).size(), 1000u);
}

TEST_P(DatabaseContractTest, DestructionRunsWhatWasSubmitted) {
  std::vector<Status> outcomes;
  {
    const auto database = Open();
    for (int64_t i = 0; i < 100; ++i) {
      database->WriteAsync(
          [i](SqlTransaction& transaction) { return Insert(transaction, i, std::to_string(i)); },
          [&](Status status) { outcomes.push_back(status); });
    }
  }
  ASSERT_EQ(outcomes.size(), 100u);
  for (const Status& status : outcomes) EXPECT_OK(status);
  if (GetParam().keeps) {
    EXPECT_EQ(Names(*Open()).size(), 100u);
  }
}

TEST_P(DatabaseContractTest, DoneMaySubmitAndRead) {
  std::vector<std::string> seen;
  {
    const auto database = Open();
    database->WriteAsync(
        [](SqlTransaction& transaction) { return Insert(transaction, 1, "first"); },
        [&](Status first) {
          EXPECT_OK(first);
          EXPECT_THAT(Names(*database), ElementsAre("first"));
          database->WriteAsync(
              [](SqlTransaction& transaction) { return Insert(transaction, 2, "second"); },
              [&](Status second) {
                EXPECT_OK(second);
                seen = Names(*database);
              });
        });
  }
  EXPECT_THAT(seen, ElementsAre("first", "second"));
}

TEST_P(DatabaseContractTest, RefusesNames) {
  for (const char* name : {"", "../etc", "A", "a.b", "a b"}) {
    EXPECT_THAT(engine_->Factory({})->Open(name, {}), HasCode(ErrorCode::kInvalidField)) << name;
  }
}

}  // namespace
}  // namespace ticketing
