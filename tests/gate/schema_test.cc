// Files of older versions.
#include "lib/gate/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <climits>
#include <memory>
#include <string>
#include <vector>

#include "tests/gate/fixture.h"

namespace ticketing {
namespace {

class OldFileTest : public ::testing::Test {
 protected:
  // A file as the program left it that knew so many steps of the schema.
  Status Write(int version, const SqlFunction& fn) {
    std::vector<Migration> schema = gate::Schema();
    std::erase_if(schema, [&](const Migration& step) { return step.version > version; });
    TICKETING_ASSIGN_OR_RETURN(const auto database, factory_.Open("gate", schema));
    return database->Write(fn);
  }
  StatusOr<std::unique_ptr<GateEngine>> Open() {
    return GateEngine::Open(env_.env(), factory_, "gate", DeviceKey(kHandA), ConfigOf(kHandA));
  }

  TempDir dir_;
  TestEnv env_;
  SqliteDatabaseFactory factory_{{.data_dir = dir_.path()}};
};

TEST_F(OldFileTest, KeepsItsTickets) {
  ASSERT_OK(Write(3, [](SqlTransaction& tx) -> Status {
    for (int64_t n = 9; n >= 0; --n) {
      TICKETING_RETURN_IF_ERROR(
          tx.Execute("INSERT INTO tickets (event, ticket, ordinal, zone, type, status, issue, "
                     "seat_label, version, grp) VALUES (12, ?, ?, 1, 1, 1, ?, ?, ?, ?)",
                     {Ticket(static_cast<uint64_t>(n)).ToSql(), n, n % 2, "B-" + std::to_string(n),
                      n + 1, n / 3})
              .status());
    }
    return OkStatus();
  }));
  ASSERT_OK(Open());
  ASSERT_OK(Write(INT_MAX, [&](SqlTransaction& tx) -> Status {
    int64_t rows = 0;
    TICKETING_RETURN_IF_ERROR(
        tx.Query("SELECT ticket, ordinal, zone, type, status, issue, seat_label, version, grp FROM "
                 "tickets WHERE event = 12 AND version > 0 ORDER BY ticket",
                 {}, [&](const SqlRow& row) {
                   const int64_t n = rows++;
                   EXPECT_EQ(row.Int(0), Ticket(static_cast<uint64_t>(n)).ToSql());
                   EXPECT_EQ(row.Int(1), n);
                   EXPECT_EQ(row.Int(2) * 100 + row.Int(3) * 10 + row.Int(4), 111);
                   EXPECT_EQ(row.Int(5), n % 2);
                   EXPECT_EQ(row.Text(6), "B-" + std::to_string(n));
                   EXPECT_EQ(row.Int(7), n + 1);
                   EXPECT_EQ(row.Int(8), n / 3);
                   return OkStatus();
                 }));
    EXPECT_EQ(rows, 10);
    return OkStatus();
  }));
}

}  // namespace
}  // namespace ticketing
