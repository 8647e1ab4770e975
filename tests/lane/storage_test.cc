// What is written comes back: at every point, from log and snapshots, and damage is found.
#include "tests/lane/lane_world.h"
#include "tests/seat/chart_fixture.h"

namespace ticketing {
namespace {

class StorageTest : public LaneTest {
 protected:
  Status Execute(const std::string& sql, const SqlArgs& args = {}) {
    return database_->Write([&](SqlTransaction& tx) { return tx.Execute(sql, args).status(); });
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, StorageTest, AllEngines(), NameOf);

// A command whose history entry is long, so that a snapshot comes soon.
LaneApply Wordy(LaneApply apply) {
  return [=](LaneState& state, Timestamp now) -> StatusOr<LaneEffect> {
    TICKETING_ASSIGN_OR_RETURN(LaneEffect effect, apply(state, now));
    effect.note.reason = std::string(20'000, 'x') + std::to_string(now.micros);
    return effect;
  };
}

TEST_P(StorageTest, ALoadedLaneIsTheRunningOneAtEveryPoint) {
  seat::Sequence random(7);
  uint64_t next = 1;
  std::vector<uint64_t> holds;
  for (int step = 0; step < 300; ++step) {
    SCOPED_TRACE(step);
    const uint64_t id = next++;
    LaneApply apply;
    switch (random.Below(6)) {
      case 0:
      case 1:
        apply = Shop::Hold(id, {random.Below(40), 40 + random.Below(5)});
        holds.push_back(id);
        break;
      case 2:
        apply = Shop::HoldPlaces(id, 1 + random.Below(3));
        holds.push_back(id);
        break;
      case 3:
        apply = Shop::Release(holds.empty() ? 1 : holds[random.Below(holds.size())]);
        break;
      case 4:
        apply = Shop::Book(holds.empty() ? 1 : holds[random.Below(holds.size())], id);
        break;
      default:
        apply = [object = random.Below(46), id](LaneState& state,
                                                Timestamp) -> StatusOr<LaneEffect> {
          LaneEffect effect;
          TICKETING_ASSIGN_OR_RETURN(effect.changes,
                                     state.seats.SetExtra(0, object, "x" + std::to_string(id)));
          return effect;
        };
    }
    (void)lane_->Run(Wordy(std::move(apply)));
    if (random.Chance(20)) env_.clock.Advance(Duration::Minutes(1));
    ASSERT_EQ(Dump(*lane_), FreshDump());
  }
  EXPECT_GT(Sql("SELECT version FROM lane_snapshots"), 100);
  EXPECT_GT(Sql("SELECT version FROM lanes"), Sql("SELECT version FROM lane_snapshots"));
  Audit();
}

TEST_P(StorageTest, SnapshotsBoundWhatALoadReads) {
  for (uint64_t i = 1; i <= 40; ++i) EXPECT_OK(lane_->Run(Wordy(Shop::Hold(i, {uint32_t(i - 1)}))));
  const int64_t snapshot = Sql("SELECT version FROM lane_snapshots");
  EXPECT_GT(snapshot, 1);
  // The log before the snapshot is history; nobody needs it to sell.
  const std::string whole = FreshDump();
  EXPECT_OK(Execute("DELETE FROM lane_log WHERE version <= " + std::to_string(snapshot)));
  EXPECT_EQ(FreshDump(), whole);
}

TEST_P(StorageTest, DamageIsFoundAndNamed) {
  for (uint64_t i = 1; i <= 5; ++i) EXPECT_OK(lane_->Run(Shop::Hold(i, {uint32_t(i)})));
  const auto load = [&] {
    const Status status = MakeLane(*database_)->Ask([](const LaneState&) { return OkStatus(); });
    EXPECT_THAT(std::string(MessageOf(status)), ::testing::HasSubstr(kLane.ToString()));
    return status;
  };
  std::string body;
  EXPECT_OK(database_->Read([&](SqlTransaction& tx) {
    return tx.Query("SELECT body FROM lane_log WHERE version = 4", {}, [&](const SqlRow& row) {
      body = row.Bytes(0);
      return OkStatus();
    });
  }));
  const auto set = [&](std::string bytes) {
    EXPECT_OK(Execute("UPDATE lane_log SET body = ? WHERE version = 4", {Blob{std::move(bytes)}}));
  };
  for (size_t size = 0; size < body.size(); ++size) {
    if (size == 2 || size > 2) SCOPED_TRACE(size);
    set(body.substr(0, size));
    const Status status = MakeLane(*database_)->Ask([](const LaneState&) { return OkStatus(); });
    // Only an empty commit, which ends after its time, is whole; then a row lacks its hold.
    if (!status.ok()) EXPECT_THAT(status, HasCode(ErrorCode::kDataLoss));
  }
  set("\x7f" + body.substr(1));
  Status status = load();
  EXPECT_THAT(status, HasCode(ErrorCode::kDataLoss));
  EXPECT_THAT(std::string(MessageOf(status)), ::testing::HasSubstr("version 4"));
  set(body + "\1");
  EXPECT_THAT(load(), HasCode(ErrorCode::kDataLoss));
  set(body);
  EXPECT_OK(MakeLane(*database_)->Ask([](const LaneState&) { return OkStatus(); }));
  EXPECT_OK(Execute("DELETE FROM lane_log WHERE version = 6"));  // the last one
  EXPECT_THAT(load(), HasCode(ErrorCode::kDataLoss));
  EXPECT_OK(Execute("DELETE FROM lane_log WHERE version = 3"));
  EXPECT_THAT(load(), HasCode(ErrorCode::kDataLoss));
  EXPECT_OK(Execute("DELETE FROM lane_snapshots"));
  EXPECT_THAT(load(), HasCode(ErrorCode::kDataLoss));
}

TEST_P(StorageTest, SaleWindowsStandRightAfterALoadAndStay) {
  const Timestamp opens = env_.clock.Now() + Duration::Hours(1);
  EXPECT_OK(lane_->Run([&](LaneState& state, Timestamp now) -> StatusOr<LaneEffect> {
    seat::SaleRules rules;
    rules.windows.push_back({"", opens, {}});
    TICKETING_RETURN_IF_ERROR(state.seats.SetRules(0, std::move(rules), now));
    return LaneEffect{.head = true};
  }));
  const auto closed = (*lane_->View())->version;
  EXPECT_EQ((*MakeLane(*database_)->View())->version, closed);
  env_.clock.Advance(Duration::Hours(2));
  // The window opens once, whoever sees it first; another load finds it open and writes nothing.
  EXPECT_EQ((*MakeLane(*database_)->View())->version, closed + 1);
  const int64_t written = Sql("SELECT version FROM lanes");
  for (int i = 0; i < 3; ++i) {
    const auto other = MakeLane(*database_);
    const auto delta = other->Delta(closed + 1);
    ASSERT_OK(delta);
    const auto view = *other->View();
    EXPECT_EQ(view->version, closed + 1);
    EXPECT_EQ(view->categories[0].free, Totals().free);
    EXPECT_OK(other->Run([](LaneState& state, Timestamp) -> StatusOr<LaneEffect> {
      EXPECT_TRUE(state.seats.at(0).for_sale(0));
      return LaneEffect{};
    }));
  }
  EXPECT_EQ(Sql("SELECT version FROM lanes"), written);
}

// A season with two matches: events come while others sell, and every one has its snapshot.
TEST_P(StorageTest, ASeasonComesBackWithItsMatches) {
  const LaneId season{2000};
  CreateLane(season, seat::EventKind::kSeason);
  const auto lane = MakeLane(*database_, season);
  const auto same = [&] { EXPECT_EQ(Dump(*lane), FreshDump(season)); };
  const auto add = [](uint64_t id, seat::EventKind kind) {
    return [=](LaneState& state, Timestamp) -> StatusOr<LaneEffect> {
      TICKETING_RETURN_IF_ERROR(state.seats.Add(EventId{id}, kind).status());
      return LaneEffect{.head = true};
    };
  };
  same();
  EXPECT_OK(lane->Run(add(2001, seat::EventKind::kMatch)));
  same();
  EXPECT_OK(lane->Run(Shop::Hold(1, {0, 1}, 0)));  // the season
  same();
  EXPECT_THAT(lane->Run(Shop::Hold(2, {1}, 1)), HasCode(ErrorCode::kSeatNotAvailable));
  EXPECT_OK(lane->Run(add(2002, seat::EventKind::kMatch)));
  same();
  EXPECT_OK(lane->Run(Shop::Hold(3, {5}, 2)));
  EXPECT_OK(lane->Run(Shop::HoldPlaces(4, 3, 1)));
  same();
  for (uint64_t i = 10; i < 40; ++i) {
    EXPECT_OK(lane->Run(Wordy(Shop::Hold(i, {uint32_t(i)}, i % 3))));
    same();
  }
  env_.clock.Advance(Duration::Minutes(5));
  EXPECT_OK(lane->ExpireHolds());
  same();
  EXPECT_EQ((*lane->View(1))->categories[0].held, 0u);
  EXPECT_EQ(Sql("SELECT COUNT(*) FROM lane_snapshots WHERE lane_id = 2000"), 3);
  EXPECT_EQ(Sql("SELECT COUNT(*) FROM lane_counters WHERE lane_id = 2000"), 3);
  // The log before the oldest of them is not needed any more.
  const std::string whole = FreshDump(season);
  EXPECT_OK(
      Execute("DELETE FROM lane_log WHERE lane_id = 2000 AND version <= (SELECT MIN(version)"
              " FROM lane_snapshots WHERE lane_id = 2000)"));
  EXPECT_EQ(FreshDump(season), whole);
}

}  // namespace
}  // namespace ticketing
