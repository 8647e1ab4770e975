// One lane by itself against its invariants (event_lane.h).
#include <stdexcept>

#include "tests/lane/lane_world.h"

namespace ticketing {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

constexpr char kLostRace[] = "UPDATE lanes SET version = version + 1 WHERE id = 1000";

// What another process does when it commits something that changes no seat.
void Overtake(Database& database) {
  EXPECT_OK(database.Write([](SqlTransaction& tx) -> Status {
    TICKETING_RETURN_IF_ERROR(tx.Execute(kLostRace, {}).status());
    // An empty commit: format, time 0.
    return tx
        .Execute(
            "INSERT INTO lane_log (lane_id, version, body) SELECT id, version, ? FROM lanes"
            " WHERE id = 1000",
            {Blob{std::string("\1\0", 2)}})
        .status();
  }));
}

class OneLaneTest : public LaneTest {};
INSTANTIATE_TEST_SUITE_P(Engines, OneLaneTest, AllEngines(), NameOf);

TEST_P(OneLaneTest, WhatWaitsSharesOneCommit) {
  tricky_->Close();
  for (uint32_t seat = 0; seat < 40; ++seat) Submit(Shop::Hold(100 + seat, {seat}));
  tricky_->Open();
  EXPECT_THAT(WaitForAnswers(), Each(ErrorCode::kOk));
  EXPECT_EQ(Totals().held, 40u);
  EXPECT_EQ(tricky_->writes, 2);  // the first alone, the rest together
  EXPECT_EQ(Sql("SELECT version FROM lanes"), 3);
  EXPECT_EQ(Sql("SELECT COUNT(*) FROM lane_log"), 2);
}

TEST_P(OneLaneTest, ACommandThatThrowsIsTakenOutAlone) {
  tricky_->Close();
  Submit(Shop::Hold(100, {0}));
  Submit(Shop::Hold(101, {1}));
  Submit([](LaneState& state, Timestamp now) -> StatusOr<LaneEffect> {
    // After it has changed something that nobody will be told of.
    EXPECT_OK(Shop::Hold(102, {2})(state, now).status());
    throw std::runtime_error("a bug of the caller");
  });
  Submit(Shop::Hold(103, {3}));
  tricky_->Open();
  EXPECT_THAT(WaitForAnswers(),
              ElementsAre(ErrorCode::kOk, ErrorCode::kOk, ErrorCode::kInternal, ErrorCode::kOk));
  EXPECT_EQ(Totals().held, 3u);
  EXPECT_EQ(Dump(*lane_), FreshDump());
  EXPECT_OK(lane_->Run(Shop::Hold(104, {2})));
}

TEST_P(OneLaneTest, ABatchIsBounded) {
  tricky_->Close();
  for (uint64_t i = 0; i < 3000; ++i) Submit(Shop::Release(i + 1));
  Submit(Shop::Hold(1, {1}));
  tricky_->Open();
  const std::vector<ErrorCode> codes = WaitForAnswers();
  EXPECT_EQ(codes.size(), 3001u);
  EXPECT_EQ(codes.back(), ErrorCode::kOk);
}

TEST_P(OneLaneTest, NobodyHearsAnAnswerBeforeItsCommit) {
  tricky_->Close();
  Submit(Shop::Hold(100, {0}));
  Submit(Shop::Hold(101, {0}));  // refused because of what is not committed yet
  {
    const std::lock_guard lock(answer_mutex_);
    EXPECT_FALSE(answers_[0]);
    EXPECT_FALSE(answers_[1]);
  }
  EXPECT_EQ(Sql("SELECT COUNT(*) FROM lane_log"), 0);
  tricky_->Open();
  EXPECT_THAT(WaitForAnswers(), ElementsAre(ErrorCode::kOk, ErrorCode::kSeatNotAvailable));
}

TEST_P(OneLaneTest, ACommandWhoseRowsAreRefusedIsTakenOutAlone) {
  tricky_->Close();
  Submit(Shop::Hold(109, {9}));
  Submit(Shop::WithRows(Shop::Hold(100, {0}), OkStatus()));
  Submit(Shop::WithRows(Shop::Hold(101, {1}), MakeError(ErrorCode::kConflict, "No.")));
  Submit(Shop::Hold(102, {1}));  // would be refused beside the one before
  Submit(Shop::WithRows(Shop::Hold(103, {2}), MakeError(ErrorCode::kOrderState, "No.")));
  Submit(Shop::Hold(104, {3}));
  tricky_->Open();
  EXPECT_THAT(WaitForAnswers(),
              ElementsAre(ErrorCode::kOk, ErrorCode::kOk, ErrorCode::kConflict, ErrorCode::kOk,
                          ErrorCode::kOrderState, ErrorCode::kOk));
  EXPECT_EQ(Row(1).hold, HoldId{102});
  EXPECT_EQ(Row(2).status, seat::SeatStatus::kFree);
  EXPECT_EQ(Totals().held, 4u);
  EXPECT_EQ(Dump(*lane_), FreshDump());
}

// The insert of many rows at once does not say which one is at fault.
TEST_P(OneLaneTest, ACommandWhoseInsertIsRefusedIsFound) {
  for (uint64_t i = 1; i <= 8; ++i) EXPECT_OK(lane_->Run(Shop::Hold(i, {uint32_t(i)})));
  EXPECT_OK(lane_->Run(Shop::Book(1, 7)));
  tricky_->Close();
  Submit(Shop::Hold(20, {20}));
  Submit(Shop::Book(2, 2));
  Submit(Shop::Book(3, 3));
  Submit(Shop::Book(4, 7));  // that order is there
  Submit(Shop::Book(5, 3));  // and this one comes in the same batch
  Submit(Shop::Book(6, 6));
  tricky_->Open();
  EXPECT_THAT(WaitForAnswers(),
              ElementsAre(ErrorCode::kOk, ErrorCode::kOk, ErrorCode::kOk, ErrorCode::kConflict,
                          ErrorCode::kConflict, ErrorCode::kOk));
  EXPECT_EQ(Row(4).hold, HoldId{4});
  EXPECT_EQ(Row(5).hold, HoldId{5});
  EXPECT_EQ(Row(6).order, OrderId{6});
  Audit();
  EXPECT_EQ(Dump(*lane_), FreshDump());
  EXPECT_OK(lane_->Run(Shop::Book(4, 4)));  // its hold is as it was
}

TEST_P(OneLaneTest, ManyRefusedCommandsDoNotStopTheOthers) {
  for (uint64_t i = 0; i < 40; ++i) EXPECT_OK(lane_->Run(Shop::Hold(i + 1, {uint32_t(i)})));
  tricky_->Close();
  Submit(Shop::Release(1));
  for (uint64_t i = 1; i < 40; ++i) {
    Submit(i % 3 == 0
               ? Shop::Release(i + 1)
               : Shop::WithRows(Shop::Release(i + 1), MakeError(ErrorCode::kConflict, "No.")));
  }
  tricky_->Open();
  const std::vector<ErrorCode> codes = WaitForAnswers();
  for (size_t i = 0; i < 40; ++i)
    EXPECT_EQ(codes[i], i % 3 == 0 ? ErrorCode::kOk : ErrorCode::kConflict) << i;
  EXPECT_EQ(Totals().held, 26u);
}

TEST_P(OneLaneTest, AFailedCommitIsForgotten) {
  tricky_->FailAt(1);
  EXPECT_THAT(lane_->Run(Shop::Hold(100, {0})), HasCode(ErrorCode::kUnavailable));
  EXPECT_OK(lane_->Run(Shop::Hold(101, {0})));
  EXPECT_EQ(Row(0).hold, HoldId{101});
}

TEST_P(OneLaneTest, ALaneThatWasOvertakenLoadsAndGoesOn) {
  const std::unique_ptr<EventLane> other = MakeLane(*tricky_);
  EXPECT_OK(lane_->Run(Shop::Hold(100, {0})));
  EXPECT_OK(other->Run(Shop::Hold(101, {1})));
  EXPECT_OK(lane_->Run(Shop::Hold(102, {2})));
  EXPECT_THAT(other->Run(Shop::Hold(103, {2})), HasCode(ErrorCode::kSeatNotAvailable));
  // A refusal from old memory is not believed: the other let the seat go meanwhile.
  EXPECT_OK(lane_->Run(Shop::Release(102)));
  EXPECT_OK(other->Run(Shop::Hold(104, {2})));
  EXPECT_EQ(Totals().held, 3u);
}

// Nor is an answer to a question.
TEST_P(OneLaneTest, AQuestionIsAnsweredFromTheCommittedState) {
  const std::unique_ptr<EventLane> other = MakeLane(*tricky_);
  const auto held = [](EventLane& lane) {
    bool found = false;
    EXPECT_OK(lane.Ask([&](const LaneState& state) {
      found = state.seats.at(0).FindHold(HoldId{100}).has_value();
      return OkStatus();
    }));
    return found;
  };
  EXPECT_FALSE(held(*other));
  EXPECT_OK(lane_->Run(Shop::Hold(100, {0})));
  EXPECT_TRUE(held(*other));
  EXPECT_OK(lane_->Run(Shop::Release(100)));
  EXPECT_FALSE(held(*other));
}

// However often others are faster, a batch comes about in the end.
TEST_P(OneLaneTest, ALaneThatAlwaysLosesKeepsTheOthersOut) {
  int raced = 0;
  const std::unique_ptr<Database> second = engine_->Open();
  tricky_->before_write = [&] {
    ++raced;
    Overtake(*second);
  };
  EXPECT_OK(lane_->Run(Shop::Hold(100, {0})));
  EXPECT_GT(raced, 3);
  EXPECT_THAT(lane_->Run(Shop::WithRows(Shop::Hold(101, {1}), MakeError(ErrorCode::kConflict, ""))),
              HasCode(ErrorCode::kConflict));
  EXPECT_THAT(lane_->Run(Shop::Hold(102, {0})), HasCode(ErrorCode::kSeatNotAvailable));
  tricky_->before_write = nullptr;
  EXPECT_EQ(Row(0).hold, HoldId{100});
  EXPECT_EQ(Totals().held, 1u);
  EXPECT_EQ(Dump(*lane_), FreshDump());
}

TEST_P(OneLaneTest, HoldsThatRanOutAreLetGoBeforeTheNextCommand) {
  EXPECT_OK(lane_->Run(Shop::Hold(100, {0})));
  env_.clock.Advance(Duration::Minutes(5));
  EXPECT_OK(lane_->Run(Shop::Hold(101, {0})));
  EXPECT_EQ(Row(0).hold, HoldId{101});
  env_.clock.Advance(Duration::Minutes(5));
  EXPECT_OK(lane_->ExpireHolds());
  EXPECT_EQ(Totals().held, 0u);
}

// A refusal may be all that a command brings; what expired before it is kept.
TEST_P(OneLaneTest, ARefusedCommandDoesNotUndoTheExpiryBeforeIt) {
  EXPECT_OK(lane_->Run(Shop::Hold(100, {0})));
  env_.clock.Advance(Duration::Minutes(5));
  EXPECT_THAT(lane_->Run(Shop::Book(100, 1)), HasCode(ErrorCode::kHoldNotFound));
  EXPECT_EQ(Totals().held, 0u);
  EXPECT_EQ(Dump(*lane_), FreshDump());
}

TEST_P(OneLaneTest, CountersGoWithTheirCommand) {
  EXPECT_OK(lane_->Run(Shop::Hold(1, {1})));
  EXPECT_OK(lane_->Run(Shop::Book(1, 1)));
  EXPECT_EQ(Sql("SELECT next_ordinal FROM lane_counters"), 1);
  // The same order again: its rows are refused, and with them its ordinal.
  EXPECT_OK(lane_->Run(Shop::Hold(2, {2})));
  EXPECT_THAT(lane_->Run(Shop::Book(2, 1)), HasCode(ErrorCode::kConflict));
  EXPECT_OK(lane_->Run([](LaneState& state, Timestamp) {
    state.counters[0].copy_version += 1;
    return LaneEffect{};
  }));
  EXPECT_EQ(Sql("SELECT next_ordinal FROM lane_counters"), 1);
  EXPECT_EQ(Sql("SELECT copy_version FROM lane_counters"), 2);
  EXPECT_EQ(Dump(*lane_), FreshDump());
}

TEST_P(OneLaneTest, ALaneThatIsNotThereSaysSo) {
  const auto nobody = MakeLane(*tricky_, LaneId{77});
  EXPECT_THAT(nobody->Run(Shop::Hold(1, {1})), HasCode(ErrorCode::kNotFound));
  EXPECT_THAT(nobody->View(), HasCode(ErrorCode::kNotFound));
  EXPECT_THAT(lane_->View(1), HasCode(ErrorCode::kNotFound));
}

}  // namespace
}  // namespace ticketing
