#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "lib/sqlite/gather_vfs.h"
#include "tests/sqlite/fault_vfs.h"
#include "ticketing/sqlite/sqlite_database.h"
#include "ticketing/testing/matchers.h"
#include "ticketing/testing/seeded_random.h"
#include "ticketing/testing/temp_dir.h"

namespace ticketing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class DiskFaultTest : public ::testing::Test {
 protected:
  ~DiskFaultTest() override { Break(DiskFault::kNone); }

  static void Break(DiskFault fault, int64_t countdown = 0) {
    FaultVfs::Instance().countdown = countdown;
    FaultVfs::Instance().fault = fault;
  }

  std::unique_ptr<Database> Open(const char* vfs = FaultVfs::kName, bool single_threaded = false) {
    FaultVfs::Instance();
    auto database =
        SqliteDatabaseFactory(
            SqliteOptions{.data_dir = dir_.path(), .vfs = vfs, .single_threaded = single_threaded})
            .Open(
                "test",
                {{1,
                  {"CREATE TABLE numbers (n INTEGER PRIMARY KEY, filler TEXT NOT NULL) STRICT"}}});
    EXPECT_OK(database);
    return *std::move(database);
  }

  static Status Insert(Database& database, int64_t n) {
    return database.Write([n](SqlTransaction& transaction) {
      return transaction
          .Execute("INSERT INTO numbers (n, filler) VALUES (?, ?)", {n, std::string(500, 'f')})
          .status();
    });
  }

  static std::set<int64_t> Numbers(Database& database) {
    std::set<int64_t> numbers;
    EXPECT_OK(database.Read([&](SqlTransaction& transaction) {
      return transaction.Query("SELECT n FROM numbers", {}, [&](const SqlRow& row) {
        numbers.insert(row.Int(0));
        return OkStatus();
      });
    }));
    return numbers;
  }

  TempDir dir_;
};

class DiskFaultKindTest : public DiskFaultTest, public ::testing::WithParamInterface<DiskFault> {};

INSTANTIATE_TEST_SUITE_P(Kinds, DiskFaultKindTest,
                         ::testing::Values(DiskFault::kFull, DiskFault::kWriteError,
                                           DiskFault::kSyncError));

TEST_P(DiskFaultKindTest, AFailingDiskRefusesAndRecovers) {
  {
    const auto database = Open();
    ASSERT_OK(Insert(*database, 1));
    Break(GetParam());
    const Status refused = Insert(*database, 2);
    EXPECT_THAT(refused, HasCode(ErrorCode::kUnavailable));
    EXPECT_THAT(std::string(MessageOf(refused)), HasSubstr("the write was not committed"));
    if (GetParam() == DiskFault::kFull) {
      EXPECT_THAT(std::string(MessageOf(refused)), HasSubstr("disk is full"));
    }
    EXPECT_THAT(Numbers(*database), ElementsAre(1));
    Break(DiskFault::kNone);
    EXPECT_OK(Insert(*database, 3));
    EXPECT_THAT(Numbers(*database), ElementsAre(1, 3));
  }
  EXPECT_THAT(Numbers(*Open()), ElementsAre(1, 3));
}

// The disk fails and recovers at random moments under several writers; each remembers what it was
// told.
TEST_F(DiskFaultTest, NothingAcknowledgedIsLost) {
  constexpr int64_t kThreads = 4;
  constexpr int64_t kWrites = 200;
  std::vector<std::set<int64_t>> acknowledged(kThreads);
  {
    const auto database = Open();
    std::vector<std::thread> threads;
    for (int64_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        SeededRandom random(static_cast<uint64_t>(t));
        for (int64_t i = 0; i < kWrites; ++i) {
          if (random.Uniform(10) == 0) {
            constexpr DiskFault kFaults[] = {DiskFault::kNone, DiskFault::kNone, DiskFault::kFull,
                                             DiskFault::kWriteError, DiskFault::kSyncError};
            Break(kFaults[random.Uniform(5)], static_cast<int64_t>(random.Uniform(20)));
          }
          const int64_t n = t * 10'000 + i;
          const Status status = Insert(*database, n);
          if (status.ok()) acknowledged[static_cast<size_t>(t)].insert(n);
          if (!status.ok()) Break(DiskFault::kNone);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    Break(DiskFault::kNone);
  }
  const auto database = Open();
  const std::set<int64_t> kept = Numbers(*database);
  size_t count = 0;
  for (const std::set<int64_t>& numbers : acknowledged) {
    count += numbers.size();
    for (const int64_t n : numbers) EXPECT_TRUE(kept.contains(n)) << n;
  }
  EXPECT_GT(count, 100u);
  EXPECT_LT(count, static_cast<size_t>(kThreads * kWrites)) << "no fault hit anything";
  ASSERT_OK(database->Read([](SqlTransaction& transaction) {
    return transaction.Query("SELECT count(*), count(filler) FROM numbers NOT INDEXED", {},
                             [](const SqlRow& row) {
                               EXPECT_EQ(row.Int(0), row.Int(1));
                               return OkStatus();
                             });
  }));
}

TEST_F(DiskFaultTest, AFailedReadSaysSo) {
  {
    const auto database = Open();
    ASSERT_OK(Insert(*database, 1));
  }
  const auto database = Open();
  Break(DiskFault::kReadError);
  EXPECT_THAT(database->Read([](SqlTransaction& transaction) {
    return transaction.Query("SELECT n FROM numbers", {}, [](const SqlRow&) { return OkStatus(); });
  }),
              HasCode(ErrorCode::kUnavailable));
  Break(DiskFault::kNone);
  EXPECT_THAT(Numbers(*database), ElementsAre(1));
}

TEST_F(DiskFaultTest, DamageIsDataLoss) {
  std::string path = dir_ / "test.db";
  {
    const auto database = Open();
    for (int64_t n = 0; n < 100; ++n) ASSERT_OK(Insert(*database, n));
  }
  {
    // Every page but the first two, which hold the schema.
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(0, std::ios::end);
    const std::streamoff size = file.tellg();
    ASSERT_GT(size, 4 * 4096);
    file.seekp(2 * 4096);
    file << std::string(static_cast<size_t>(size) - 2 * 4096, '\x5a');
  }
  const auto database = Open();
  EXPECT_THAT(database->Read([](SqlTransaction& transaction) {
    return transaction.Query("SELECT n, filler FROM numbers", {},
                             [](const SqlRow&) { return OkStatus(); });
  }),
              HasCode(ErrorCode::kDataLoss));
  EXPECT_THAT(Insert(*database, 1000), HasCode(ErrorCode::kDataLoss));
}

// SQLite alone writes each page of the log with two calls, and takes no more than 128 KB in one.
TEST_F(DiskFaultTest, ACommitIsWrittenInLargePieces) {
  constexpr int64_t kRows = 2000;
  {
    const auto database = Open();
    const int64_t before = FaultVfs::Instance().writes;
    EXPECT_OK(database->Write([](SqlTransaction& transaction) {
      for (int64_t n = 0; n < kRows; ++n) {
        TICKETING_RETURN_IF_ERROR(transaction
                                      .Execute("INSERT INTO numbers (n, filler) VALUES (?, ?)",
                                               {n, std::string(500, 'f')})
                                      .status());
      }
      return OkStatus();
    }));
    EXPECT_LE(FaultVfs::Instance().writes - before, 20);  // of a megabyte
    EXPECT_EQ(Numbers(*database).size(), static_cast<size_t>(kRows));
  }
  EXPECT_EQ(Numbers(*Open()).size(), static_cast<size_t>(kRows));
}

// Two connections, as two processes have them. One spills pages of a transaction that it then gives
// up; the other commits over the same place of the log.
TEST_F(DiskFaultTest, WhatWasUndoneOverwritesNobodysCommit) {
  const std::string vfs = sqlite::GatheringVfs("");
  const std::string file = dir_.path() + "/two.db";
  sqlite3* both[2] = {};
  const auto run = [&](int who, const char* sql) {
    EXPECT_EQ(sqlite3_exec(both[who], sql, nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(both[who]);
  };
  for (int who = 0; who < 2; ++who) {
    ASSERT_EQ(sqlite3_open_v2(file.c_str(), &both[who], SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                              vfs.c_str()),
              SQLITE_OK);
    run(who, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=10");
  }
  run(0, "CREATE TABLE pages (n INTEGER PRIMARY KEY, filler TEXT)");
  // Otherwise the rollback reads its pages back out of the log, and so writes what was gathered.
  run(0, "PRAGMA wal_checkpoint(TRUNCATE)");
  const auto insert = [&](int who, int rows) {
    const std::string sql =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
        std::to_string(rows) + ") INSERT INTO pages SELECT i, '" +
        std::string(3000, who == 0 ? 'u' : 'c') + "' FROM n";
    run(who, sql.c_str());
  };
  run(0, "BEGIN");
  insert(0, 30);
  run(0, "ROLLBACK");
  insert(1, 60);
  run(0, "INSERT INTO pages VALUES (1000, 'x')");
  std::string answer;
  EXPECT_EQ(sqlite3_exec(
                both[0],
                "SELECT SUM(filler LIKE 'c%'), (SELECT * FROM pragma_integrity_check) FROM pages",
                [](void* out, int, char** values, char**) {
                  *static_cast<std::string*>(out) = std::string(values[0]) + " " + values[1];
                  return 0;
                },
                &answer, nullptr),
            SQLITE_OK)
      << sqlite3_errmsg(both[0]);
  EXPECT_EQ(answer, "60 ok") << "what was undone has another filler";
  for (sqlite3* one : both) sqlite3_close(one);
}

// What a simulator needs: no threads, and no memory shared between processes.
TEST_F(DiskFaultTest, ASimulatedDiskNeedsNoSharedMemory) {
  {
    const auto database = Open(FaultVfs::kNameWithoutSharedMemory, true);
    std::vector<int> order;
    database->WriteAsync([](SqlTransaction&) { return OkStatus(); },
                         [&](Status) { order.push_back(1); });
    order.push_back(2);
    EXPECT_THAT(order, ElementsAre(1, 2));
    EXPECT_OK(Insert(*database, 7));
    EXPECT_THAT(Numbers(*database), ElementsAre(7));
  }
  EXPECT_THAT(Numbers(*Open(FaultVfs::kNameWithoutSharedMemory, true)), ElementsAre(7));
}

}  // namespace
}  // namespace ticketing
