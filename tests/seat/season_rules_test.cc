// What holds a season together when its events come and go, when windows open in one of them, when
// it gets another chart, and when a match sells the places of one holder.
#include <gmock/gmock.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/seat/states_fixture.h"
#include "ticketing/base/limits.h"
#include "ticketing/seat/event_set.h"

namespace ticketing::seat {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr OrderId kOther = {22};

// A season of three matches; `early` has the first two, `late` the last two.
class SeasonRulesTest : public testing::Test {
 protected:
  enum Slot : uint32_t { kSeason, kOne, kTwo, kThree, kEarly, kLate };

  SeasonRulesTest() {
    EXPECT_TRUE(set_.Add({1}, EventKind::kSeason).ok());
    for (const uint64_t id : {2, 3, 4}) EXPECT_TRUE(set_.Add({id}, EventKind::kMatch).ok());
    for (const uint64_t id : {5, 6}) EXPECT_TRUE(set_.Add({id}, EventKind::kPartialSeason).ok());
    EXPECT_TRUE(set_.AddMatches(kEarly, std::vector<uint32_t>{kOne, kTwo}).ok());
    EXPECT_TRUE(set_.AddMatches(kLate, std::vector<uint32_t>{kTwo, kThree}).ok());
  }
  uint32_t Index(const std::string& label) { return chart_->Find(label).value(); }
  ErrorCode Apply(uint32_t slot, Step step) {
    const EventStep one = {slot, std::move(step)};
    return CodeOf(set_.Apply({&one, 1}, At(1)).status());
  }
  ErrorCode Book(uint32_t slot, Pick pick, OrderId order = kOrder) {
    return Apply(slot, Step::ToBook(order, std::vector<Pick>{pick}));
  }
  ErrorCode Refund(uint32_t slot, Pick pick, OrderId order = kOrder) {
    return Apply(slot, Step::ToRefund(order, std::vector<Pick>{pick}));
  }
  ErrorCode TakeOut(Pick pick, OrderId order, std::optional<uint32_t> season = kSeason) {
    return CodeOf(set_.OverrideSeason(kOne, std::vector<Pick>{pick}, season, order));
  }
  ErrorCode GiveBack(Pick pick, OrderId order, std::optional<uint32_t> season = kSeason) {
    return CodeOf(set_.UseSeason(kOne, std::vector<Pick>{pick}, season, order));
  }
  uint32_t Free(uint32_t slot, const std::string& area) {
    return set_.at(slot).area(Index(area)).free();
  }
  // The same set, from what is stored of it.
  EventSet Reloaded(Timestamp at) {
    std::vector<std::string> events;
    for (uint32_t slot = 0; slot < set_.size(); ++slot) events.push_back(set_.EncodeEvent(slot));
    EventSet loaded = EventSet::Load(chart_, set_.EncodeHead(), events).value();
    EXPECT_TRUE(loaded.Settle(at).ok());
    EXPECT_EQ(loaded.EncodeHead(), set_.EncodeHead());
    return loaded;
  }

  std::shared_ptr<const Chart> chart_ = MakeChart(MixedDrawing());
  EventSet set_{chart_};
};

// --- Events that come and go

TEST_F(SeasonRulesTest, PartsThatSharedAMatchAreStrangersWhenItIsGone) {
  ASSERT_EQ(Book(kEarly, {0, 1}), ErrorCode::kOk);
  EXPECT_EQ(Book(kLate, {0, 1}), ErrorCode::kSeatNotAvailable);
  ASSERT_TRUE(set_.Remove(kTwo).ok());
  EXPECT_EQ(Book(kLate, {0, 1}), ErrorCode::kOk);
  EXPECT_TRUE(Reloaded(At(1)).at(kThree).blocked(0));
}

TEST_F(SeasonRulesTest, PlacesThatARemovedMatchSoldAreFreeForTheSeason) {
  ASSERT_EQ(Book(kOne, {Index("Pie 1"), 4}), ErrorCode::kOk);
  EXPECT_EQ(Free(kSeason, "Pie 1"), 1u);
  ASSERT_TRUE(set_.Remove(kOne).ok());
  EXPECT_EQ(Free(kSeason, "Pie 1"), 5u);
}

TEST_F(SeasonRulesTest, OnlyMatchesThatAreThereJoinAPart) {
  ASSERT_TRUE(set_.Remove(kThree).ok());
  for (const uint32_t match : {uint32_t{kThree}, uint32_t{kLate}, uint32_t{6}, UINT32_MAX}) {
    EXPECT_EQ(CodeOf(set_.AddMatches(kEarly, std::vector<uint32_t>{match})), ErrorCode::kNotFound)
        << match;
  }
  EXPECT_THAT(set_.entry(kEarly).matches, ElementsAre(kOne, kTwo));
}

TEST_F(SeasonRulesTest, ASeasonHasOnlySoManyEvents) {
  for (uint64_t id = 100; set_.size() < limits::kEventsPerSetMax; ++id) {
    set_.Add({id}, EventKind::kPartialSeason).value();
    set_.Remove(static_cast<uint32_t>(set_.size() - 1)).IgnoreError();
  }
  EXPECT_EQ(CodeOf(set_.Add({99}, EventKind::kMatch).status()), ErrorCode::kConflict);
  EXPECT_EQ(set_.size(), limits::kEventsPerSetMax);
  EXPECT_EQ(Reloaded(At(1)).size(), limits::kEventsPerSetMax);
}

TEST_F(SeasonRulesTest, ThereAreNoBestSeatsOfAnEventThatIsGone) {
  ASSERT_TRUE(set_.Remove(kEarly).ok());
  BestAvailableRequest request;
  request.quantity = static_cast<int64_t>(limits::kBestAvailableMax);  // more than there are
  EXPECT_EQ(CodeOf(set_.HoldBestAvailable(kEarly, kAnn, request, At(900), At(1)).status()),
            ErrorCode::kNotFound);
}

// --- Windows

TEST_F(SeasonRulesTest, AWindowThatOpensInOneMatchIsTold) {
  SaleRules rules;
  rules.windows = {{"", At(100), At(200)}};
  ASSERT_TRUE(set_.SetRules(kTwo, rules, At(1)).ok());
  EXPECT_EQ(set_.at(kTwo).PackedUnit(0), 3);
  const uint64_t before = set_.at(kTwo).version();
  const std::vector<Changes> told = set_.ExpireHolds(At(100));
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].slot, kTwo);
  EXPECT_EQ(told[0].version, before + 1);
  EXPECT_EQ(set_.at(kTwo).PackedUnit(0), 0);
  // Loaded again, it stands as it stood at the last command.
  EXPECT_EQ(Reloaded(At(150)).at(kTwo).PackedUnit(0), 0);
  EXPECT_EQ(Reloaded(At(200)).at(kTwo).PackedUnit(0), 3);
}

// --- Another chart

TEST_F(SeasonRulesTest, WhatIsSetAsideOrPromisedIsInUse) {
  const uint32_t pie = Index("Pie 1");
  SaleRules rules;
  rules.channels = {
      Channel{.key = "sponsor", .objects = {4, 7}, .area_places = {{Index("Pie 2"), 2}}}};
  ASSERT_TRUE(set_.SetRules(kThree, rules, At(1)).ok());
  ASSERT_TRUE(set_.OverrideSeason(kOne, std::vector<Pick>{{9, 1}}, std::nullopt).ok());
  ASSERT_EQ(Book(kSeason, {pie, 2}), ErrorCode::kOk);
  ASSERT_EQ(Book(kOne, {pie, 1}), ErrorCode::kOk);
  std::vector<std::pair<uint32_t, uint64_t>> in_use;
  for (const ObjectInUse& use : set_.InUse()) in_use.emplace_back(use.index, use.taken);
  EXPECT_THAT(in_use, ElementsAre(std::pair(4u, 1u), std::pair(7u, 1u), std::pair(9u, 1u),
                                  std::pair(pie, 3u), std::pair(Index("Pie 2"), 2u)));
}

TEST_F(SeasonRulesTest, AnotherChartKeepsNumbersOfChannelsAndForgetsDataOfWhatIsGone) {
  SaleRules rules;
  rules.channels = {Channel{.key = "a"}, Channel{.key = "b", .objects = {5}}};
  ASSERT_TRUE(set_.SetRules(kTwo, rules, At(1)).ok());
  rules.channels = {set_.at(kTwo).rules().channels[0]};
  ASSERT_TRUE(set_.SetRules(kTwo, rules, At(1)).ok());  // number 2 is spent
  ASSERT_TRUE(set_.SetExtra(kTwo, 0, "gone").ok());
  ASSERT_TRUE(set_.SetExtra(kTwo, 3, "stays").ok());
  Drawing drawing = MixedDrawing();
  for (DrawnSection& section : drawing.sections) {
    for (DrawnRow& row : section.rows) {
      std::erase_if(row.seats, [&](const DrawnSeat& seat) {
        return section.label + "-" + row.label + "-" + seat.label == chart_->object(0).label;
      });
    }
  }
  const std::shared_ptr<const Chart> other = MakeChart(drawing);
  const auto replacement = CheckReplacement(*chart_, *other, set_.InUse());
  ASSERT_TRUE(replacement.ok()) << replacement.status();
  StatusOr<EventSet> moved = set_.MovedTo(other, replacement->numbers, At(2));
  ASSERT_TRUE(moved.ok()) << moved.status();
  EXPECT_EQ(moved->at(kTwo).extra(other->Find(chart_->object(3).label).value()), "stays");
  EXPECT_EQ(moved->at(kTwo).last_channel(), 2);
  rules.channels.push_back(Channel{.key = "c"});
  ASSERT_TRUE(moved->SetRules(kTwo, rules, At(2)).ok());
  EXPECT_EQ(moved->at(kTwo).rules().channels[1].id, 3);
}

// --- Overrides of one season among several

TEST_F(SeasonRulesTest, OnlyTheNamedSeasonHasItBack) {
  ASSERT_TRUE(set_.OverrideSeason(kOne, std::vector<Pick>{{0, 1}}, kSeason).ok());
  ASSERT_TRUE(set_.OverrideSeason(kOne, std::vector<Pick>{{0, 1}}, kEarly).ok());
  ASSERT_TRUE(set_.UseSeason(kOne, std::vector<Pick>{{0, 1}}, kEarly).ok());
  EXPECT_THAT(set_.overrides(kOne), ElementsAre(Override{kSeason, 0, 1}));
}

// --- Places of an order

TEST_F(SeasonRulesTest, AMatchSellsThePlacesOfOneHolder) {
  const uint32_t pie = Index("Pie 1");  // 5 places
  ASSERT_EQ(Book(kSeason, {pie, 3}), ErrorCode::kOk);
  ASSERT_EQ(Book(kSeason, {pie, 2}, kOther), ErrorCode::kOk);
  EXPECT_EQ(Free(kOne, "Pie 1"), 0u);
  ASSERT_EQ(TakeOut({pie, 2}, kOrder), ErrorCode::kOk);
  EXPECT_EQ(TakeOut({pie, 2}, kOrder), ErrorCode::kConflict) << "it has one more";
  EXPECT_THAT(set_.overrides(kOne), ElementsAre(Override{kSeason, pie, 2, kOrder}));
  EXPECT_EQ(Free(kOne, "Pie 1"), 2u);
  EXPECT_EQ(Free(kTwo, "Pie 1"), 0u);
  EXPECT_EQ(Reloaded(At(1)).at(kOne).area(pie).free(), 2u);
  ASSERT_EQ(Book(kOne, {pie, 2}, {31}), ErrorCode::kOk);
  EXPECT_EQ(GiveBack({pie, 1}, kOrder), ErrorCode::kConflict);
  ASSERT_EQ(Refund(kOne, {pie, 2}, {31}), ErrorCode::kOk);
  ASSERT_EQ(GiveBack({pie, 2}, kOther), ErrorCode::kOk);  // had nothing there
  EXPECT_EQ(Free(kOne, "Pie 1"), 2u);
  ASSERT_EQ(GiveBack({pie, 2}, kOrder), ErrorCode::kOk);
  EXPECT_THAT(set_.overrides(kOne), IsEmpty());
  EXPECT_EQ(Free(kOne, "Pie 1"), 0u);
}

// The place that the match sells is the holder's own: who else refunds does not make room twice.
TEST_F(SeasonRulesTest, PlacesOfAHolderWhoRefundsAreNotSoldTwice) {
  const uint32_t pie = Index("Pie 1");
  ASSERT_EQ(Book(kSeason, {pie, 2}), ErrorCode::kOk);
  ASSERT_EQ(Book(kSeason, {pie, 3}, kOther), ErrorCode::kOk);
  ASSERT_EQ(TakeOut({pie, 2}, kOrder), ErrorCode::kOk);
  ASSERT_EQ(Book(kOne, {pie, 2}, {31}), ErrorCode::kOk);
  ASSERT_EQ(Refund(kSeason, {pie, 2}), ErrorCode::kOk);
  EXPECT_EQ(Free(kOne, "Pie 1"), 0u) << "three holders and two who bought the match";
  EXPECT_EQ(Free(kTwo, "Pie 1"), 2u);
  EXPECT_EQ(Free(kSeason, "Pie 1"), 0u);
}

TEST_F(SeasonRulesTest, PlacesThatChangeHandsKeepOutOfWhatTheMatchSold) {
  const uint32_t pie = Index("Pie 1");
  ASSERT_EQ(Book(kSeason, {pie, 5}), ErrorCode::kOk);
  ASSERT_EQ(TakeOut({pie, 2}, kOrder), ErrorCode::kOk);
  ASSERT_EQ(Book(kOne, {pie, 2}, {31}), ErrorCode::kOk);
  Step kill;
  kill.to = SeatStatus::kCustom;
  kill.custom = "kill";
  kill.of_order = kOrder;
  kill.order = kOther;
  kill.picks = {{pie, 4}};
  const EventStep step = {kSeason, kill};
  const Status refused = set_.Apply({&step, 1}, At(1)).status();
  EXPECT_EQ(CodeOf(refused), ErrorCode::kConflict);
  EXPECT_THAT(DetailsOf(refused).objects, ElementsAre("Pie 1"));
  EXPECT_EQ(set_.at(kSeason).RowsOf(kOrder).size(), 1u);
  // Whatever they become, as long as they stay that order's.
  kill.order = kOrder;
  ASSERT_EQ(Apply(kSeason, kill), ErrorCode::kOk);
  EXPECT_EQ(Free(kOne, "Pie 1"), 0u);
  kill.order = kOther;
  kill.custom = "press";
  kill.picks = {{pie, 3}};
  EXPECT_EQ(Apply(kSeason, kill), ErrorCode::kOk) << "two are left for the match";
}

TEST_F(SeasonRulesTest, AnOverrideOfAnOrderNamesPlacesAndASeason) {
  const uint32_t pie = Index("Pie 1");
  ASSERT_EQ(Book(kSeason, {pie, 3}), ErrorCode::kOk);
  ASSERT_EQ(Book(kSeason, {0, 1}), ErrorCode::kOk);
  EXPECT_EQ(TakeOut({pie, 1}, kOrder, std::nullopt), ErrorCode::kInvalidField);
  EXPECT_EQ(TakeOut({0, 1}, kOrder), ErrorCode::kInvalidField);
  EXPECT_EQ(TakeOut({pie, 1}, kOther), ErrorCode::kConflict);
  EXPECT_EQ(TakeOut({pie, 1}, kOrder, kEarly), ErrorCode::kConflict);
  EXPECT_EQ(GiveBack({0, 1}, kOrder), ErrorCode::kInvalidField);
  // What nobody was named for counts as well.
  ASSERT_EQ(TakeOut({pie, 2}, {}), ErrorCode::kOk);
  EXPECT_EQ(TakeOut({pie, 2}, kOrder), ErrorCode::kConflict);
  ASSERT_EQ(TakeOut({pie, 1}, kOrder), ErrorCode::kOk);
  EXPECT_EQ(Free(kOne, "Pie 1"), 5u);
  ASSERT_EQ(GiveBack({pie, 5}, {}), ErrorCode::kOk);
  EXPECT_THAT(set_.overrides(kOne), ElementsAre(Override{kSeason, pie, 1, kOrder}));
}

TEST_F(SeasonRulesTest, OnlyPlacesOfAreasAreLoadedAsAnOrders) {
  ASSERT_EQ(Book(kSeason, {Index("Pie 1"), 3}), ErrorCode::kOk);
  ASSERT_EQ(TakeOut({Index("Pie 1"), 1}, kOrder), ErrorCode::kOk);
  std::string head = set_.EncodeHead();
  ASSERT_TRUE(EventSet::Load(chart_, head, {}).ok());
  const std::string entry = {'\1', '\0', static_cast<char>(Index("Pie 1")), '\1', '\x15'};
  const size_t at = head.find(entry);
  ASSERT_NE(at, std::string::npos);
  head[at + 2] = '\3';  // a seat
  EXPECT_EQ(CodeOf(EventSet::Load(chart_, head, {}).status()), ErrorCode::kDataLoss);
}

// --- Bytes of changes

TEST_F(SeasonRulesTest, StatusesAndFlagsOutOfRangeAreNoChanges) {
  Changes changes;
  changes.seats.push_back({set_.at(kOne).row(0), SeatStatus::kFree, 1});
  changes.holds.push_back({kAnn, At(1), At(2), true});
  std::string bytes;
  AppendChanges(bytes, changes);
  const auto taken = [](const std::string& of) {
    std::string_view rest = of;
    return TakeChanges(rest).has_value();
  };
  ASSERT_TRUE(taken(bytes));
  constexpr size_t kStatuses = 4;  // after slot, version, count and index
  for (const char statuses : {'\x05', '\x50', '\x0f'}) {
    std::string bad = bytes;
    bad[kStatuses] = statuses;
    EXPECT_FALSE(taken(bad)) << int{statuses};
  }
  bytes.back() = '\2';
  EXPECT_FALSE(taken(bytes)) << "ended twice over";
}

}  // namespace
}  // namespace ticketing::seat
