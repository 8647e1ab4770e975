// Goal: the port's SQL means the same on PostgreSQL. Method: texts in, texts out.
#include "lib/postgres/translate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "lib/postgres/errors.h"
#include "ticketing/testing/matchers.h"

namespace ticketing::postgres {
namespace {

std::string Sql(std::string_view sql) {
  const auto translated = Translate(sql);
  EXPECT_OK(translated);
  return translated.ok() ? translated->sql : "";
}

TEST(TranslateTest, NumbersArguments) {
  EXPECT_EQ(Sql("SELECT a FROM t WHERE b = ? AND c IN (?, ?)"),
            "SELECT a FROM t WHERE b = $1 AND c IN ($2, $3)");
  EXPECT_EQ(Sql("SELECT '?''?', \"a?\", ? -- ?\n /* ? */ , ?"),
            "SELECT '?''?', \"a?\", $1 -- ?\n /* ? */ , $2");
  EXPECT_EQ(Translate("UPDATE t SET a = ?, b = ?")->arguments, 2u);
}

TEST(TranslateTest, TurnsTypesWhereTheyAreTypes) {
  EXPECT_EQ(Sql("CREATE TABLE integer_blob (text TEXT NOT NULL, integer INTEGER PRIMARY KEY CHECK "
                "(integer = 1), b BLOB, PRIMARY KEY (text, integer)) STRICT, WITHOUT ROWID"),
            "CREATE TABLE integer_blob (text TEXT COLLATE \"C\" NOT NULL, integer BIGINT PRIMARY "
            "KEY CHECK (integer = 1), b BYTEA, PRIMARY KEY (text, integer)) ");
  EXPECT_EQ(Sql("ALTER TABLE t ADD COLUMN n INTEGER NOT NULL DEFAULT 0"),
            "ALTER TABLE t ADD COLUMN n BIGINT NOT NULL DEFAULT 0");
  EXPECT_EQ(Sql("CREATE INDEX text ON t (integer, text)"),
            "CREATE INDEX text ON t (integer, text)");
  EXPECT_EQ(Sql("SELECT integer, text FROM blob"), "SELECT integer, text FROM blob");
}

TEST(TranslateTest, RefusesWhatIsNotPortable) {
  for (const char* sql :
       {"", "  -- nothing\n", "BEGIN", "commit", "ROLLBACK", "SAVEPOINT a", "SET x = 1",
        "COPY t FROM '/etc/passwd'", "LISTEN a", "DO 'x'", "SELECT now()", "select Random ()",
        "SELECT current_timestamp", "SELECT nextval('s')", "SELECT set_config('a', 'b', true)"}) {
    EXPECT_THAT(Translate(sql), HasCode(ErrorCode::kInternal)) << sql;
  }
  EXPECT_OK(Translate("SELECT random, now FROM t WHERE a = 'random()'"));
}

TEST(TranslateTest, MakesArrays) {
  const std::array three = {kInt8, kText, kBytea};
  EXPECT_EQ(WithArrays("INSERT INTO t (a, b, c, d) VALUES (?, ?, 0, ?)", three),
            "INSERT INTO t (a, b, c, d) SELECT args_.a1, args_.a2, 0, args_.a3 FROM "
            "unnest($1::BIGINT[], $2::TEXT[], $3::BYTEA[]) AS args_ (a1, a2, a3)");
  const std::array two = {kInt8, kInt8};
  EXPECT_EQ(WithArrays("INSERT INTO t (a, b) VALUES (?, ? + 1) ON CONFLICT (a) DO UPDATE SET b = "
                       "excluded.b",
                       two),
            "INSERT INTO t (a, b) SELECT args_.a1, args_.a2 + 1 FROM unnest($1::BIGINT[], "
            "$2::BIGINT[]) AS args_ (a1, a2) ON CONFLICT (a) DO UPDATE SET b = excluded.b");
  EXPECT_EQ(WithArrays("UPDATE t SET a = ? WHERE b = ?", two),
            "UPDATE t SET a = args_.a1 FROM unnest($1::BIGINT[], $2::BIGINT[]) AS args_ (a1, a2) "
            "WHERE b = args_.a2");
  EXPECT_EQ(WithArrays("DELETE FROM t WHERE a = ? AND b = ?", two),
            "DELETE FROM t USING unnest($1::BIGINT[], $2::BIGINT[]) AS args_ (a1, a2) WHERE a = "
            "args_.a1 AND b = args_.a2");
  // NULL in every list.
  const std::array with_null = {kInt8, kUnknownType, kText};
  EXPECT_EQ(WithArrays("INSERT INTO t (a, b, c) VALUES (?, ?, ?)", with_null),
            "INSERT INTO t (a, b, c) SELECT args_.a1, NULL, args_.a3 FROM unnest($1::BIGINT[], "
            "$2::TEXT[]) AS args_ (a1, a3)");
}

TEST(TranslateTest, LeavesOtherShapesAlone) {
  const std::array two = {kInt8, kInt8};
  for (const char* sql : {"INSERT INTO t (a) VALUES (?), (?)", "INSERT INTO t (a, b) SELECT ?, ?",
                          "INSERT INTO t (a) VALUES (?) ON CONFLICT (a) DO UPDATE SET b = ?",
                          "INSERT INTO t (a, b) VALUES (?, ?) RETURNING a",
                          "UPDATE t SET a = ? FROM s WHERE b = ?", "UPDATE t SET a = ?, b = ?",
                          "DELETE FROM t WHERE a IN (SELECT b FROM s WHERE c = ? AND d = ?)"}) {
    EXPECT_EQ(WithArrays(sql, two), std::nullopt) << sql;
  }
}

TEST(ErrorsTest, SayNothingOfTheConnectionString) {
  EXPECT_EQ(WithoutSecrets("connection to server at \"s3cret\" (127.0.0.1), port 5432 failed: "
                           "FATAL:  password authentication failed for user \"bob\"\n"),
            "FATAL:  password authentication failed for user ...");
  EXPECT_EQ(WithoutSecrets("invalid port number: \"s3cret\"\n"), "invalid port number: ...");
}

TEST(ErrorsTest, KnowsWhatAnErrorMeans) {
  EXPECT_EQ(CodeOf(ErrorOf("23505", "x")), ErrorCode::kConflict);
  EXPECT_EQ(CodeOf(ErrorOf("40001", "x")), ErrorCode::kAborted);
  EXPECT_EQ(CodeOf(ErrorOf("42601", "x")), ErrorCode::kInternal);
  EXPECT_EQ(CodeOf(ErrorOf("53100", "x")), ErrorCode::kUnavailable);
  EXPECT_EQ(CodeOf(ErrorOf("XX001", "x")), ErrorCode::kDataLoss);
  EXPECT_EQ(MessageOf(ErrorOf("22P02", "invalid input: \"s3cret\"")).find("s3cret"),
            std::string_view::npos);
  EXPECT_EQ(TroubleOf("40P01", ""), Trouble::kRetry);
  EXPECT_EQ(TroubleOf("57P01", ""), Trouble::kLost);
  EXPECT_EQ(TroubleOf("57014", ""), Trouble::kNone);
  EXPECT_EQ(TroubleOf("23505", ""), Trouble::kNone);
  EXPECT_EQ(TroubleOf("", ""), Trouble::kLost);
}

}  // namespace
}  // namespace ticketing::postgres
