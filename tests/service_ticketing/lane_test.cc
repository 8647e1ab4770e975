// The event lane by itself, against its invariants (lib/service/ticketing/lane.h).
#include "lib/service/ticketing/lane.h"

#include <condition_variable>
#include <mutex>

#include "lib/service/ticketing/schema.h"
#include "tests/service_ticketing/world.h"
#include "ticketing/seat/chart_json.h"

namespace ticketing {
namespace {

// A database whose commits a test can hold back, or make fail once.
class Valve final : public Database {
 public:
  explicit Valve(Database& real) : real_(real) {}

  Status Read(const SqlFunction& fn) override { return real_.Read(fn); }
  Status Write(const SqlFunction& fn) override { return real_.Write(fn); }
  void WriteAsync(SqlFunction fn, std::function<void(Status)> done) override {
    {
      const std::lock_guard lock(mutex_);
      ++writes;
    }
    if (fail_next.exchange(false)) {
      return done(MakeError(ErrorCode::kUnavailable, "The disk is full."));
    }
    real_.WriteAsync(
        [this, fn = std::move(fn)](SqlTransaction& tx) {
          std::unique_lock lock(mutex_);
          opened_.wait(lock, [&] { return open_; });
          return fn(tx);
        },
        std::move(done));
  }
  void Close() {
    const std::lock_guard lock(mutex_);
    open_ = false;
  }
  void Open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    opened_.notify_all();
  }

  std::atomic<bool> fail_next = false;
  int writes = 0;

 private:
  Database& real_;
  std::mutex mutex_;
  std::condition_variable opened_;
  bool open_ = true;
};

class LaneTest : public ::testing::Test {
 protected:
  LaneTest() : factory_(SqliteOptions{.data_dir = world_.dir.path()}) {
    world_.MakeEvent();
    database_ = *factory_.Open("ticketing", TicketingSchema());
    valve_ = std::make_unique<Valve>(*database_);
    lane_ = MakeLane(*valve_);
  }
  ~LaneTest() override {
    valve_->Open();
    database_.reset();  // it tells the lane of its last commits
  }

  std::unique_ptr<EventLane> MakeLane(Database& database) {
    const auto chart = std::make_shared<const seat::Chart>(*seat::ParseChart(SmallChart()));
    return std::make_unique<EventLane>(world_.env.env(), database, *EventId::Parse(world_.event_id),
                                       chart);
  }

  // Holds one seat; `rows` may refuse.
  static LaneApply HoldSeat(uint32_t seat, uint64_t hold, Status rows = OkStatus()) {
    return [=](LaneState& state, Timestamp now) -> StatusOr<LaneEffect> {
      const seat::Pick pick{seat, 1};
      TICKETING_ASSIGN_OR_RETURN(
          seat::Changes changes,
          state.inventory.HoldObjects(HoldId{hold}, {&pick, 1}, now + Duration::Minutes(5), now));
      LaneEffect effect;
      effect.changes.push_back(std::move(changes));
      effect.details.emplace(HoldId{hold}, "");
      effect.rows = [rows](SqlTransaction&) { return rows; };
      return effect;
    };
  }

  // Submits without waiting; the answers come in order of the commands.
  void Submit(LaneApply apply) {
    const std::lock_guard lock(mutex_);
    const size_t n = answers_.size();
    answers_.emplace_back();
    lane_->Submit({std::move(apply), [this, n](Status status) {
                     const std::lock_guard inner(answer_mutex_);
                     answers_[n] = std::move(status);
                     answered_.notify_all();
                   }});
  }
  std::vector<ErrorCode> WaitForAnswers() {
    std::unique_lock lock(answer_mutex_);
    answered_.wait(lock, [&] {
      for (const auto& answer : answers_) {
        if (!answer) return false;
      }
      return true;
    });
    std::vector<ErrorCode> codes;
    for (const auto& answer : answers_) codes.push_back(CodeOf(*answer));
    return codes;
  }

  World world_;
  SqliteDatabaseFactory factory_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Valve> valve_;
  std::mutex mutex_;
  std::mutex answer_mutex_;
  std::condition_variable answered_;
  std::deque<std::optional<Status>> answers_;
  std::unique_ptr<EventLane> lane_;
};

TEST_F(LaneTest, WhatWaitsSharesOneCommit) {
  valve_->Close();
  for (uint32_t seat = 0; seat < 40; ++seat) Submit(HoldSeat(seat, 100 + seat));
  valve_->Open();
  for (const ErrorCode code : WaitForAnswers()) EXPECT_EQ(code, ErrorCode::kOk);
  EXPECT_EQ(world_.Sql("SELECT COUNT(*) FROM seats WHERE status = 1"), 40);
  EXPECT_EQ(valve_->writes, 2);  // the first alone, the rest together
  EXPECT_EQ(world_.Sql("SELECT version FROM lanes"), 3);
}

TEST_F(LaneTest, NobodyHearsAnAnswerBeforeItsCommit) {
  valve_->Close();
  Submit(HoldSeat(0, 100));
  Submit(HoldSeat(0, 101));  // refused because of what is not committed yet
  {
    const std::lock_guard lock(answer_mutex_);
    EXPECT_FALSE(answers_[0]);
    EXPECT_FALSE(answers_[1]);
  }
  // Through the same database: opening it anew would wait for the write that the valve holds up.
  int64_t seats = -1;
  EXPECT_OK(valve_->Read([&](SqlTransaction& tx) {
    return tx.Query("SELECT COUNT(*) FROM seats", {}, [&](const SqlRow& row) {
      seats = row.Int(0);
      return OkStatus();
    });
  }));
  EXPECT_EQ(seats, 0);
  valve_->Open();
  EXPECT_THAT(WaitForAnswers(),
              ::testing::ElementsAre(ErrorCode::kOk, ErrorCode::kSeatNotAvailable));
}

TEST_F(LaneTest, ACommandWhoseRowsAreRefusedIsTakenOutAlone) {
  valve_->Close();
  Submit(HoldSeat(9, 109));
  Submit(HoldSeat(0, 100));
  Submit(HoldSeat(1, 101, MakeError(ErrorCode::kConflict, "No.")));
  Submit(HoldSeat(1, 102));  // would be refused beside the one before
  Submit(HoldSeat(2, 103, MakeError(ErrorCode::kOrderState, "No.")));
  Submit(HoldSeat(3, 104));
  valve_->Open();
  EXPECT_THAT(WaitForAnswers(),
              ::testing::ElementsAre(ErrorCode::kOk, ErrorCode::kOk, ErrorCode::kConflict,
                                     ErrorCode::kOk, ErrorCode::kOrderState, ErrorCode::kOk));
  EXPECT_EQ(world_.Sql("SELECT hold_id FROM seats WHERE idx = 1"), 102);
  EXPECT_EQ(world_.Sql("SELECT COUNT(*) FROM seats WHERE idx = 2"), 0);
  EXPECT_EQ(world_.Sql("SELECT COUNT(*) FROM holds"), 4);
}

TEST_F(LaneTest, AFailedCommitIsForgotten) {
  valve_->fail_next = true;
  EXPECT_THAT(lane_->Run(HoldSeat(0, 100)), HasCode(ErrorCode::kUnavailable));
  EXPECT_OK(lane_->Run(HoldSeat(0, 101)));
  EXPECT_EQ(world_.Sql("SELECT hold_id FROM seats"), 101);
}

TEST_F(LaneTest, ALaneThatWasOvertakenLoadsAndGoesOn) {
  const std::unique_ptr<EventLane> other = MakeLane(*valve_);
  EXPECT_OK(lane_->Run(HoldSeat(0, 100)));
  EXPECT_OK(other->Run(HoldSeat(1, 101)));
  EXPECT_OK(lane_->Run(HoldSeat(2, 102)));
  EXPECT_THAT(other->Run(HoldSeat(2, 103)), HasCode(ErrorCode::kSeatNotAvailable));
  // A refusal from old memory is not believed: the other let the seat go meanwhile.
  EXPECT_OK(lane_->Run([](LaneState& state, Timestamp) -> StatusOr<LaneEffect> {
    TICKETING_ASSIGN_OR_RETURN(seat::Changes changes, state.inventory.Release(HoldId{102}));
    LaneEffect effect;
    effect.changes.push_back(std::move(changes));
    return effect;
  }));
  EXPECT_OK(other->Run(HoldSeat(2, 104)));
  EXPECT_EQ(world_.Sql("SELECT COUNT(*) FROM seats"), 3);
}

TEST_F(LaneTest, ViewsShowCommittedStatesOnly) {
  const auto before = lane_->View();
  ASSERT_OK(before);
  valve_->Close();
  Submit(HoldSeat(0, 100));
  // The hold is applied in memory and waits for its commit; the view of now does not have it.
  const auto during = lane_->View();
  ASSERT_OK(during);
  EXPECT_EQ((*during)->version, (*before)->version);
  EXPECT_EQ((*during)->map, (*before)->map);
  valve_->Open();
  WaitForAnswers();
  const auto after = lane_->View();
  ASSERT_OK(after);
  EXPECT_GT((*after)->version, (*before)->version);
  EXPECT_EQ((*after)->categories[0].held, 1u);
}

TEST_F(LaneTest, HoldsThatRanOutAreLetGoBeforeTheNextCommand) {
  EXPECT_OK(lane_->Run(HoldSeat(0, 100)));
  world_.env.clock.Advance(Duration::Minutes(5));
  EXPECT_OK(lane_->Run(HoldSeat(0, 101)));
  EXPECT_EQ(world_.Sql("SELECT hold_id FROM seats"), 101);
  EXPECT_EQ(world_.Sql("SELECT COUNT(*) FROM holds"), 1);
  world_.env.clock.Advance(Duration::Minutes(5));
  EXPECT_OK(lane_->ExpireHolds());
  EXPECT_EQ(world_.Sql("SELECT COUNT(*) FROM seats"), 0);
}

}  // namespace
}  // namespace ticketing
