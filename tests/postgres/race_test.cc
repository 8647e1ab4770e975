// Goal: processes that share a database do not step on each other. Method: two Database objects,
// each with connections of its own as two processes have them, race for the same rows.
#include <barrier>
#include <functional>
#include <future>
#include <thread>

#include "tests/postgres/fixture.h"
#include "ticketing/env/fiber.h"

namespace ticketing {
namespace {

using PostgresRaceTest = PostgresTest;

// Meets another thread, but only the first time: a function that runs again goes on alone.
class MeetOnce {
 public:
  explicit MeetOnce(std::barrier<>& place) : place_(place) {}
  void Meet() {
    if (!met_) place_.arrive_and_wait();
    met_ = true;
  }

 private:
  std::barrier<>& place_;
  bool met_ = false;
};

TEST_F(PostgresRaceTest, OneOfTwoMovesTheVersion) {
  const auto first = Open();
  const auto second = Open();
  for (int64_t version = 0; version < 100; ++version) {
    std::barrier start(2);
    std::vector<int64_t> moved(2, -1);
    const auto move = [&](Database& database, size_t who) {
      start.arrive_and_wait();
      EXPECT_OK(database.Write([&](SqlTransaction& transaction) -> Status {
        TICKETING_ASSIGN_OR_RETURN(
            moved[who],
            transaction.Execute("UPDATE lanes SET version = ? WHERE id = ? AND version = ?",
                                {version + 1, int64_t{1}, version}));
        return OkStatus();
      }));
    };
    std::thread other([&] { move(*second, 1); });
    move(*first, 0);
    other.join();
    ASSERT_EQ(moved[0] + moved[1], 1) << "version " << version;
  }
}

// What a write read must still hold when it commits. Each finds nobody on duty and takes it; only
// one may.
TEST_F(PostgresRaceTest, WhatWasReadHoldsAtTheCommit) {
  const auto first = Open();
  const auto second = Open();
  std::barrier both_have_read(2);
  std::vector<int> runs(2, 0);
  const auto take = [&](Database& database, size_t who) {
    MeetOnce meeting(both_have_read);
    EXPECT_OK(database.Write([&](SqlTransaction& transaction) -> Status {
      ++runs[who];
      std::set<int64_t> numbers;
      TICKETING_RETURN_IF_ERROR(Into(transaction, numbers));
      meeting.Meet();
      return numbers.empty() ? Insert(transaction, static_cast<int64_t>(who)) : OkStatus();
    }));
  };
  std::thread other([&] { take(*second, 1); });
  take(*first, 0);
  other.join();
  EXPECT_EQ(Numbers(*first).size(), 1u);
  EXPECT_GE(runs[0] + runs[1], 3) << "nobody lost";
}

// The same inside a shared commit: the whole batch runs again and every write keeps its outcome.
TEST_F(PostgresRaceTest, ABatchRunsAgainAsAWhole) {
  const auto first = Open();
  const auto second = Open();
  int runs = 0;
  std::vector<ErrorCode> outcomes;
  const auto record = [&](Status status) { outcomes.push_back(CodeOf(status)); };
  std::promise<void> entered;
  std::promise<void> opened;
  first->WriteAsync(
      [&](SqlTransaction&) {
        entered.set_value();
        opened.get_future().wait();
        return OkStatus();
      },
      nullptr);
  entered.get_future().wait();
  first->WriteAsync([](SqlTransaction& transaction) { return Insert(transaction, 1); }, record);
  first->WriteAsync([](SqlTransaction&) { return MakeError(ErrorCode::kHoldExpired, "late"); },
                    record);
  first->WriteAsync(
      [&](SqlTransaction& transaction) -> Status {
        TICKETING_ASSIGN_OR_RETURN(const int64_t version, Version(transaction, 1));
        if (++runs == 1) {
          EXPECT_OK(second->Write([&](SqlTransaction& other) {
            return other.Execute("UPDATE lanes SET version = version + 1 WHERE id = 1", {})
                .status();
          }));
        }
        return transaction.Execute("UPDATE lanes SET version = ? WHERE id = 1", {version + 10})
            .status();
      },
      record);
  opened.set_value();
  EXPECT_OK(first->Write([](SqlTransaction& transaction) { return Insert(transaction, 2); }));
  EXPECT_EQ(outcomes,
            (std::vector<ErrorCode>{ErrorCode::kOk, ErrorCode::kHoldExpired, ErrorCode::kOk}));
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(Numbers(*first), (std::set<int64_t>{1, 2}));
  EXPECT_OK(first->Read([&](SqlTransaction& transaction) -> Status {
    EXPECT_THAT(Version(transaction, 1), IsOkAndHolds(11));
    return OkStatus();
  }));
}

TEST_F(PostgresRaceTest, ADeadlockIsSolved) {
  const auto first = Open();
  const auto second = Open();
  std::barrier both_hold_one(2);
  const auto lock_both = [&](Database& database, int64_t one, int64_t other) {
    MeetOnce meeting(both_hold_one);
    EXPECT_OK(database.Write([&](SqlTransaction& transaction) -> Status {
      const std::string sql = "UPDATE lanes SET version = version + 1 WHERE id = ?";
      TICKETING_RETURN_IF_ERROR(transaction.Execute(sql, {one}).status());
      meeting.Meet();
      return transaction.Execute(sql, {other}).status();
    }));
  };
  std::thread other([&] { lock_both(*second, 2, 1); });
  lock_both(*first, 1, 2);
  other.join();
  EXPECT_OK(first->Read([&](SqlTransaction& transaction) -> Status {
    EXPECT_THAT(Version(transaction, 1), IsOkAndHolds(2));
    EXPECT_THAT(Version(transaction, 2), IsOkAndHolds(2));
    return OkStatus();
  }));
}

// A function that hides the engine's wish for a retry gets it all the same.
TEST_F(PostgresRaceTest, ARetryCannotBeHidden) {
  const auto first = Open();
  const auto second = Open();
  int runs = 0;
  EXPECT_OK(first->Write([&](SqlTransaction& transaction) -> Status {
    EXPECT_OK(Version(transaction, 1));
    if (++runs == 1) {
      EXPECT_OK(second->Write([&](SqlTransaction& other) {
        return other.Execute("UPDATE lanes SET version = 5 WHERE id = 1", {}).status();
      }));
    }
    const auto changed =
        transaction.Execute("UPDATE lanes SET version = version + 1 WHERE id = 1", {});
    return changed.ok() ? OkStatus() : MakeError(ErrorCode::kNotFound, "of my own");
  }));
  EXPECT_EQ(runs, 2);
}

// The threads of an HTTP server are few: it must hear that one is waiting for another machine.
TEST_F(PostgresTest, AReadSaysThatItsThreadBlocks) {
  struct Host final : FiberHost {
    void Ready(Fiber&) override {}
    void BeginBlocking() override { ++blocking; }
    void EndBlocking() override { --blocking; }
    uint32_t AwaitEvents(int, uint32_t, int64_t) override { return 0; }
    int blocking = 0;
  } host;
  const auto database = Open();
  Fiber fiber(&host);
  fiber.Start([&] {
    EXPECT_OK(database->Read([&](SqlTransaction&) {
      EXPECT_EQ(host.blocking, 1);
      return OkStatus();
    }));
    EXPECT_EQ(host.blocking, 0);
  });
  fiber.Run();
  EXPECT_TRUE(fiber.idle());
}

}  // namespace
}  // namespace ticketing
