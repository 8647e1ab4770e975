// The history of objects, read from the log.
#include "ticketing/lane/history.h"

#include "tests/lane/lane_world.h"

namespace ticketing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class HistoryTest : public LaneTest {
 protected:
  std::vector<HistoryEntry> Read(const HistoryQuery& query, size_t max = 1000) {
    std::vector<HistoryEntry> entries;
    EXPECT_OK(database_->Read([&](SqlTransaction& tx) {
      entries.clear();
      return ReadHistory(tx, kLane, query, [&](const HistoryEntry& entry) {
        entries.push_back(entry);
        return entries.size() < max;
      });
    }));
    return entries;
  }
  // "held 1 of 100 by buyer 100 (was free)", newest first.
  std::vector<std::string> Told(const HistoryQuery& query, size_t max = 1000) {
    std::vector<std::string> told;
    for (const HistoryEntry& entry : Read(query, max)) {
      std::string text = std::string(NameOfStatus(entry.row.status)) + " " +
                         std::to_string(entry.row.quantity) + " at " +
                         std::to_string(entry.row.index) + ", was " +
                         std::string(NameOfStatus(entry.was)) + ": " + entry.note.origin;
      if (!entry.extra.empty()) text += " [" + entry.extra + "]";
      told.push_back(text);
    }
    return told;
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, HistoryTest, AllEngines(), NameOf);

TEST_P(HistoryTest, TellsEveryChangeOfASeat) {
  const Timestamp start = env_.clock.Now();
  EXPECT_OK(lane_->Run(Shop::Hold(100, {4, 5})));
  env_.clock.Advance(Duration::Minutes(5));
  EXPECT_OK(lane_->Run(Shop::Hold(101, {5})));
  EXPECT_OK(lane_->Run(Shop::Book(101, 7)));
  EXPECT_OK(lane_->Run([](LaneState& state, Timestamp) -> StatusOr<LaneEffect> {
    LaneEffect effect;
    TICKETING_ASSIGN_OR_RETURN(effect.changes, state.seats.SetExtra(0, 5, "vip"));
    effect.note.origin = "admin";
    return effect;
  }));
  EXPECT_THAT(Told({.index = 5}),
              ElementsAre("free 0 at 5, was free: admin [vip]", "booked 1 at 5, was held: test",
                          "held 1 at 5, was free: test", "free 1 at 5, was held: hold expired",
                          "held 1 at 5, was free: test"));
  const std::vector<HistoryEntry> entries = Read({.index = 5});
  EXPECT_EQ(entries[1].row.order, OrderId{7});
  EXPECT_EQ(entries[4].note.actor, "buyer 100");
  EXPECT_EQ(entries[4].at, start);
  EXPECT_EQ(entries[3].at, start + Duration::Minutes(5));
  EXPECT_THAT(Read({.slot = 1}), IsEmpty());
  EXPECT_THAT(Told({.index = 6}), IsEmpty());
}

TEST_P(HistoryTest, TellsWhereThePlacesOfAnAreaWent) {
  EXPECT_OK(lane_->Run(Shop::HoldPlaces(100, 3)));
  EXPECT_OK(lane_->Run(Shop::HoldPlaces(101, 2)));
  EXPECT_OK(lane_->Run(Shop::Book(100, 7)));
  EXPECT_OK(lane_->Run(Shop::Release(101)));
  EXPECT_THAT(Told({.index = kHallArea}),
              ElementsAre("free 2 at 45, was held: test", "booked 3 at 45, was held: test",
                          "held 2 at 45, was free: test", "held 3 at 45, was free: test"));
  EXPECT_EQ(Read({.index = kHallArea})[0].row.hold, HoldId{101});
  EXPECT_EQ(Read({.index = kHallArea})[0].note.reason, "changed his mind");
}

TEST_P(HistoryTest, IsReadInPages) {
  for (uint64_t i = 1; i <= 5; ++i) {
    EXPECT_OK(lane_->Run(Shop::Hold(i, {0, 1, 2})));
    EXPECT_OK(lane_->Run(Shop::Release(i)));
  }
  const std::vector<HistoryEntry> all = Read({});
  ASSERT_EQ(all.size(), 30u);
  std::vector<uint64_t> ids;
  for (const HistoryEntry& entry : all) {
    if (!ids.empty()) EXPECT_LT(entry.id, ids.back());
    ids.push_back(entry.id);
  }
  // Page by page from the top.
  std::vector<uint64_t> paged;
  for (uint64_t before = UINT64_MAX; paged.size() < 30;) {
    const std::vector<HistoryEntry> page = Read({.before = before}, 4);
    ASSERT_FALSE(page.empty());
    for (const HistoryEntry& entry : page) paged.push_back(entry.id);
    before = paged.back();
  }
  EXPECT_EQ(paged, ids);
  EXPECT_THAT(Read({.before = ids.back()}), IsEmpty());
  // And what is new since.
  EXPECT_EQ(Read({.after = ids[4]}).size(), 4u);
  EXPECT_THAT(Read({.after = ids[0]}), IsEmpty());
}

TEST_P(HistoryTest, ADamagedLogIsNotGuessedAt) {
  EXPECT_OK(lane_->Run(Shop::Hold(1, {0})));
  EXPECT_OK(database_->Write([](SqlTransaction& tx) {
    return tx.Execute("UPDATE lane_log SET body = ?", {Blob{"what"}}).status();
  }));
  EXPECT_THAT(database_->Read([&](SqlTransaction& tx) {
    return ReadHistory(tx, kLane, {}, [](const HistoryEntry&) { return true; });
  }),
              HasCode(ErrorCode::kDataLoss));
}

}  // namespace
}  // namespace ticketing
