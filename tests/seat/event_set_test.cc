#include "ticketing/seat/event_set.h"

#include <gmock/gmock.h>

#include "tests/seat/chart_fixture.h"
#include "ticketing/base/limits.h"

namespace ticketing::seat {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr Timestamp At(int64_t seconds) {
  return Timestamp::FromSeconds(seconds);
}
constexpr HoldId kAnn = {11};
constexpr OrderId kOrder = {21};

// A season of three matches; `early` has the first two, `late` the last two.
class SeasonTest : public testing::Test {
 protected:
  enum Slot : uint32_t { kSeason, kOne, kTwo, kThree, kEarly, kLate };

  SeasonTest() {
    EXPECT_EQ(set_.Add({1}, EventKind::kSeason).value(), kSeason);
    for (const uint64_t id : {2, 3, 4}) EXPECT_TRUE(set_.Add({id}, EventKind::kMatch).ok());
    EXPECT_EQ(set_.Add({5}, EventKind::kPartialSeason).value(), kEarly);
    EXPECT_EQ(set_.Add({6}, EventKind::kPartialSeason).value(), kLate);
    EXPECT_TRUE(set_.AddMatches(kEarly, std::vector<uint32_t>{kOne, kTwo}).ok());
    EXPECT_TRUE(set_.AddMatches(kLate, std::vector<uint32_t>{kTwo, kThree}).ok());
  }

  uint32_t Index(const std::string& label) { return chart_->Find(label).value(); }
  EventStep Book(uint32_t slot, uint32_t index, int64_t quantity = 1) {
    return {slot, Step::ToBook(kOrder, std::vector<Pick>{{index, quantity}})};
  }
  EventStep Free(uint32_t slot, uint32_t index, int64_t quantity = 1) {
    EventStep step = Book(slot, index, quantity);
    step.step.to = SeatStatus::kFree;
    return step;
  }
  ErrorCode Apply(std::vector<EventStep> steps) {
    const std::vector<std::string> before = Everything();
    const auto changes = set_.Apply(steps, At(1));
    if (!changes.ok()) EXPECT_EQ(Everything(), before) << "a refusal changed something";
    if (changes.ok()) {
      for (const Changes& change : *changes) log_.push_back(change);
    }
    return CodeOf(changes.status());
  }
  std::vector<std::string> Everything() {
    std::vector<std::string> all;
    for (uint32_t slot = 0; slot < set_.size(); ++slot) {
      all.push_back(set_.EncodeEvent(slot));
      set_.at(slot).PackUnits(all.back());
    }
    return all;
  }
  // Which events of the set can still sell a unit.
  std::vector<uint32_t> Open(uint32_t unit) {
    std::vector<uint32_t> open;
    for (uint32_t slot = 0; slot < set_.size(); ++slot) {
      if (set_.at(slot).PackedUnit(unit) == 0) open.push_back(slot);
    }
    return open;
  }
  // A set loaded from its parts is the same set.
  void ExpectReloads() {
    std::vector<std::string> events;
    for (uint32_t slot = 0; slot < set_.size(); ++slot) events.push_back(set_.EncodeEvent(slot));
    StatusOr<EventSet> loaded = EventSet::Load(chart_, set_.EncodeHead(), events);
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    const std::vector<std::string> before = Everything();
    std::swap(set_, *loaded);
    EXPECT_EQ(Everything(), before);
  }

  std::shared_ptr<const Chart> chart_ = MakeChart(MixedDrawing());
  EventSet set_{chart_};
  std::vector<Changes> log_;
};

TEST_F(SeasonTest, ABookingOnTheSeasonCoversAllMatchesAndTheOtherWayRound) {
  ASSERT_EQ(Apply({Book(kSeason, 0)}), ErrorCode::kOk);
  EXPECT_THAT(Open(0), ElementsAre());
  for (const uint32_t slot : {kOne, kTwo, kThree, kEarly, kLate}) {
    EXPECT_EQ(Apply({Book(slot, 0)}), ErrorCode::kSeatNotAvailable) << slot;
  }
  ASSERT_EQ(Apply({Book(kThree, 1)}), ErrorCode::kOk);
  EXPECT_THAT(Open(1), ElementsAre(kOne, kTwo, kEarly));
  ASSERT_EQ(Apply({Free(kSeason, 0)}), ErrorCode::kOk);
  EXPECT_THAT(Open(0), SizeIs(6));
  ExpectReloads();
  EXPECT_THAT(Open(1), ElementsAre(kOne, kTwo, kEarly));
}

TEST_F(SeasonTest, PartialSeasonsThatShareAMatchExcludeEachOther) {
  ASSERT_EQ(Apply({Book(kEarly, 0)}), ErrorCode::kOk);
  EXPECT_THAT(Open(0), ElementsAre(kThree));
  EXPECT_EQ(Apply({Book(kLate, 0)}), ErrorCode::kSeatNotAvailable);
  EXPECT_EQ(Apply({Book(kSeason, 0)}), ErrorCode::kSeatNotAvailable);
  ASSERT_TRUE(set_.RemoveMatch(kLate, kTwo).ok());
  EXPECT_EQ(Apply({Book(kLate, 0)}), ErrorCode::kOk);
  EXPECT_THAT(Open(0), ElementsAre());
}

TEST_F(SeasonTest, ANewMatchInheritsWhatTheSeasonSold) {
  ASSERT_EQ(Apply({Book(kSeason, 0)}), ErrorCode::kOk);
  const uint32_t match = set_.Add({7}, EventKind::kMatch).value();
  EXPECT_EQ(set_.at(match).PackedUnit(0), 2);
  EXPECT_EQ(Apply({Book(match, 0)}), ErrorCode::kSeatNotAvailable);
  ExpectReloads();
  EXPECT_EQ(Apply({Book(match, 0)}), ErrorCode::kSeatNotAvailable);
}

TEST_F(SeasonTest, AMatchThatIsSoldCannotJoinAPartialSeasonThatIs) {
  ASSERT_EQ(Apply({Book(kEarly, 0), Book(kThree, 0)}), ErrorCode::kOk);
  const Status status = set_.AddMatches(kEarly, std::vector<uint32_t>{kThree});
  EXPECT_EQ(CodeOf(status), ErrorCode::kConflict);
  EXPECT_THAT(DetailsOf(status).objects, ElementsAre(chart_->object(0).label));
  EXPECT_THAT(set_.entry(kEarly).matches, ElementsAre(kOne, kTwo));
  EXPECT_TRUE(set_.AddMatches(kLate, std::vector<uint32_t>{kOne}).ok());
}

TEST_F(SeasonTest, AnOverrideGivesOneMatchBackAndCanBeTakenBack) {
  ASSERT_EQ(Apply({Book(kSeason, 0)}), ErrorCode::kOk);
  const std::vector<Pick> seat = {{0, 1}};
  EXPECT_EQ(CodeOf(set_.OverrideSeason(kThree, seat, kEarly)), ErrorCode::kInvalidField);
  EXPECT_EQ(CodeOf(set_.OverrideSeason(kSeason, seat, {})), ErrorCode::kInvalidField);
  ASSERT_TRUE(set_.OverrideSeason(kOne, seat, {}).ok());
  EXPECT_THAT(Open(0), ElementsAre(kOne));
  ASSERT_EQ(Apply({Book(kOne, 0)}), ErrorCode::kOk);
  ExpectReloads();
  EXPECT_EQ(CodeOf(set_.UseSeason(kOne, seat, {})), ErrorCode::kConflict);
  ASSERT_EQ(Apply({Free(kOne, 0)}), ErrorCode::kOk);
  ASSERT_TRUE(set_.UseSeason(kOne, seat, {}).ok());
  EXPECT_THAT(Open(0), ElementsAre());
}

TEST_F(SeasonTest, AnOverrideMayComeBeforeTheSeason) {
  const std::vector<Pick> seat = {{0, 1}};
  ASSERT_TRUE(set_.OverrideSeason(kOne, seat, {}).ok());
  EXPECT_EQ(CodeOf(set_.OverrideSeason(kOne, seat, {})), ErrorCode::kConflict);
  ASSERT_EQ(Apply({Book(kSeason, 0)}), ErrorCode::kOk);
  EXPECT_THAT(Open(0), ElementsAre(kOne));
  ASSERT_EQ(Apply({Book(kOne, 0)}), ErrorCode::kOk);
  ExpectReloads();
  EXPECT_EQ(CodeOf(set_.UseSeason(kOne, seat, {})), ErrorCode::kConflict);
}

TEST_F(SeasonTest, PlacesOfAreasAreCountedAcrossTheSeason) {
  const uint32_t pie = Index("Pie 1");  // 5 places
  ASSERT_EQ(Apply({Book(kSeason, pie, 2), Book(kOne, pie, 2), Book(kLate, pie, 1)}),
            ErrorCode::kOk);
  EXPECT_EQ(set_.at(kOne).area(pie).free(), 1u);
  EXPECT_EQ(set_.at(kTwo).area(pie).free(), 2u);
  EXPECT_EQ(set_.at(kSeason).area(pie).free(), 1u);  // match one is the fullest
  EXPECT_EQ(set_.at(kLate).area(pie).free(), 2u);
  EXPECT_EQ(set_.at(kEarly).area(pie).free(), 1u);
  EXPECT_EQ(Apply({Book(kSeason, pie, 2)}), ErrorCode::kSeatNotAvailable);
  ASSERT_TRUE(set_.OverrideSeason(kOne, std::vector<Pick>{{pie, 1}, {pie, 1}}, kSeason).ok());
  EXPECT_EQ(set_.at(kOne).area(pie).free(), 3u);
  EXPECT_EQ(CodeOf(set_.OverrideSeason(kOne, std::vector<Pick>{{pie, 1}}, kSeason)),
            ErrorCode::kConflict);
  ASSERT_EQ(Apply({Book(kOne, pie, 3)}), ErrorCode::kOk);
  EXPECT_EQ(CodeOf(set_.UseSeason(kOne, std::vector<Pick>{{pie, 1}}, kSeason)),
            ErrorCode::kConflict);
  ExpectReloads();
  EXPECT_EQ(set_.at(kOne).area(pie).free(), 0u);
}

TEST_F(SeasonTest, SeveralEventsOrNone) {
  ASSERT_EQ(Apply({Book(kTwo, 1)}), ErrorCode::kOk);
  EXPECT_EQ(Apply({Book(kOne, 1), Book(kTwo, 1)}), ErrorCode::kSeatNotAvailable);
  // An ordered batch: what an earlier step frees a later one may take.
  EXPECT_EQ(Apply({Free(kTwo, 1), Book(kLate, 1)}), ErrorCode::kOk);
  EXPECT_EQ(Apply({Book(kTwo, 1), Free(kLate, 1)}), ErrorCode::kSeatNotAvailable);
  EXPECT_EQ(Apply({Book(9, 1)}), ErrorCode::kNotFound);
  EXPECT_EQ(Apply({}), ErrorCode::kInvalidField);
}

TEST_F(SeasonTest, AHoldSpansEventsAndEndsOnAll) {
  const std::vector<Pick> seat = {{0, 1}};
  ASSERT_EQ(
      Apply({{kOne, Step::ToHold(kAnn, seat, At(900))}, {kTwo, Step::ToHold(kAnn, seat, At(900))}}),
      ErrorCode::kOk);
  EXPECT_THAT(Open(0), ElementsAre(kThree));
  ASSERT_TRUE(set_.Extend(kAnn, At(1000), At(1)).ok());
  EXPECT_EQ(set_.NextExpiry(), At(900)) << "may be early, never late";
  EXPECT_THAT(set_.ExpireHolds(At(999)), SizeIs(0));
  const std::vector<Changes> swept = set_.ExpireHolds(At(1000));
  EXPECT_THAT(Open(0), SizeIs(6));
  EXPECT_GE(swept.size(), 2u);
  EXPECT_EQ(CodeOf(set_.Book(kAnn, kOrder, At(1000)).status()), ErrorCode::kHoldNotFound);
}

TEST_F(SeasonTest, EveryEventWhoseMapChangedGetsANewVersion) {
  std::vector<uint64_t> before;
  for (uint32_t slot = 0; slot < set_.size(); ++slot) before.push_back(set_.at(slot).version());
  ASSERT_EQ(Apply({Book(kEarly, 0)}), ErrorCode::kOk);
  for (uint32_t slot = 0; slot < set_.size(); ++slot) {
    EXPECT_EQ(set_.at(slot).version() > before[slot], slot != kThree) << slot;
  }
  // Replaying what was reported gives the same set, versions included.
  EventSet replayed = EventSet::Load(chart_, set_.EncodeHead(), {}).value();
  for (const Changes& changes : log_) ASSERT_TRUE(replayed.Restore(changes).ok());
  ASSERT_TRUE(replayed.Settle(At(1)).ok());
  const std::vector<std::string> wanted = Everything();
  std::swap(set_, replayed);
  EXPECT_EQ(Everything(), wanted);
}

TEST_F(SeasonTest, AChairThatTwoEventsHaveIsDamage) {
  EventSet other = EventSet::Load(chart_, set_.EncodeHead(), {}).value();
  ASSERT_EQ(Apply({Book(kSeason, 3)}), ErrorCode::kOk);
  const EventStep match = Book(kOne, 3);
  ASSERT_TRUE(other.Apply({&match, 1}, At(1)).ok());
  // Of one moment each, they could not both be.
  std::vector<std::string> events;
  for (uint32_t slot = 0; slot < set_.size(); ++slot)
    events.push_back((slot == kOne ? other : set_).EncodeEvent(slot));
  StatusOr<EventSet> loaded = EventSet::Load(chart_, set_.EncodeHead(), events);
  ASSERT_TRUE(loaded.ok()) << "what comes in the log may still say how";
  EXPECT_EQ(CodeOf(loaded->Settle(At(1))), ErrorCode::kDataLoss);
  // A chair of the area too many is found as well; an override makes both right.
  ASSERT_TRUE(set_.Settle(At(1)).ok());
  ASSERT_TRUE(set_.OverrideSeason(kOne, std::vector<Pick>{{3, 1}}, std::nullopt).ok());
  loaded = EventSet::Load(chart_, set_.EncodeHead(), events);
  ASSERT_TRUE(loaded.ok());
  EXPECT_TRUE(loaded->Settle(At(1)).ok());
}

TEST_F(SeasonTest, AnotherChartKeepsWhatIsTaken) {
  const uint32_t area = Index("Pie 1");
  ASSERT_EQ(Apply({Book(kSeason, 3), Book(kOne, 5), Book(kLate, area, 2)}), ErrorCode::kOk);
  ASSERT_EQ(Apply({{kTwo, Step::ToHold(kAnn, std::vector<Pick>{{6, 1}}, At(900))}}),
            ErrorCode::kOk);
  ASSERT_TRUE(set_.OverrideSeason(kTwo, std::vector<Pick>{{3, 1}}, std::nullopt).ok());
  std::vector<uint32_t> in_use;
  for (const ObjectInUse& use : set_.InUse()) in_use.push_back(use.index);
  EXPECT_THAT(in_use, ElementsAre(3, 5, 6, area));
  const auto without = [&](uint32_t index) {
    Drawing drawing = MixedDrawing();
    for (DrawnSection& section : drawing.sections) {
      for (DrawnRow& row : section.rows) {
        std::erase_if(row.seats, [&](const DrawnSeat& seat) {
          return section.label + "-" + row.label + "-" + seat.label == chart_->object(index).label;
        });
      }
    }
    return MakeChart(drawing);
  };
  // Without the best seat every number is another.
  const std::shared_ptr<const Chart> other = without(0);
  ASSERT_EQ(other->object_count() + 1, chart_->object_count());
  const auto replacement = CheckReplacement(*chart_, *other, set_.InUse());
  ASSERT_TRUE(replacement.ok()) << replacement.status();
  StatusOr<EventSet> moved = set_.MovedTo(other, replacement->numbers, At(2));
  ASSERT_TRUE(moved.ok()) << moved.status();
  const auto number = [&](uint32_t old) { return other->Find(chart_->object(old).label).value(); };
  EXPECT_NE(number(3), 3u);
  EXPECT_EQ(moved->at(kSeason).row(number(3)).order, kOrder);
  EXPECT_EQ(moved->at(kOne).status(number(5)), SeatStatus::kBooked);
  EXPECT_EQ(moved->at(kTwo).RowsOf(kAnn).at(0).index, number(6));
  EXPECT_EQ(moved->at(kLate).area(number(area)).booked, 2u);
  EXPECT_TRUE(moved->at(kOne).blocked(number(3)));
  EXPECT_FALSE(moved->at(kTwo).blocked(number(3))) << "overridden there";
  for (uint32_t slot = 0; slot < set_.size(); ++slot)
    EXPECT_GT(moved->at(slot).version(), set_.at(slot).version());
  // What is in use cannot go.
  EXPECT_EQ(CodeOf(CheckReplacement(*chart_, *without(5), set_.InUse()).status()),
            ErrorCode::kConflict);
}

TEST_F(SeasonTest, ARollbackBringsBlocksBackToo) {
  ASSERT_EQ(Apply({Book(kOne, 3)}), ErrorCode::kOk);
  const std::vector<std::string> before = Everything();
  const EventSet::Savepoint savepoint = set_.Mark();
  ASSERT_EQ(Apply({Book(kSeason, 0), Free(kOne, 3)}), ErrorCode::kOk);
  EXPECT_EQ(Apply({Book(kOne, 0)}), ErrorCode::kSeatNotAvailable);
  ASSERT_EQ(Apply({Book(kLate, Index("Pie 1"), 2)}), ErrorCode::kOk);
  set_.Rollback(savepoint);
  set_.Forget();
  EXPECT_EQ(Everything(), before);
  EXPECT_THAT(Open(0), SizeIs(6));
}

TEST_F(SeasonTest, OnlySeasonsHaveOtherEvents) {
  EXPECT_EQ(CodeOf(set_.Add({1}, EventKind::kMatch).status()), ErrorCode::kConflict);
  EXPECT_EQ(CodeOf(set_.Add({9}, EventKind::kSeason).status()), ErrorCode::kConflict);
  EXPECT_EQ(CodeOf(set_.Add({9}, EventKind::kEvent).status()), ErrorCode::kConflict);
  EventSet one(chart_);
  EXPECT_EQ(CodeOf(one.Add({9}, EventKind::kMatch).status()), ErrorCode::kConflict);
  ASSERT_TRUE(one.Add({9}, EventKind::kEvent).ok());
  EXPECT_EQ(CodeOf(one.Add({10}, EventKind::kMatch).status()), ErrorCode::kConflict);
}

// A chair is a chair, whether its table is sold whole or not.
TEST_F(SeasonTest, ATableSoldWholeInTheSeasonIsTakenSeatBySeatInItsMatches) {
  const uint32_t table = Index("Norte-T1");  // drawn to be sold by seat
  const uint32_t seat = Index("Norte-T1-2");
  SaleRules whole;
  whole.tables.mode = TableSelling::Mode::kWhole;
  ASSERT_TRUE(set_.SetRules(kSeason, whole, At(1)).ok());
  ASSERT_EQ(Apply({Book(kSeason, table)}), ErrorCode::kOk);
  EXPECT_EQ(Apply({Book(kOne, seat)}), ErrorCode::kSeatNotAvailable);
  ExpectReloads();
  EXPECT_EQ(Apply({Book(kOne, seat)}), ErrorCode::kSeatNotAvailable);
  // An override of one chair lets the match sell that one.
  ASSERT_TRUE(set_.OverrideSeason(kOne, std::vector<Pick>{{seat, 1}}, {}).ok());
  EXPECT_EQ(Apply({Book(kOne, seat + 1)}), ErrorCode::kSeatNotAvailable);
  EXPECT_EQ(Apply({Book(kOne, seat)}), ErrorCode::kOk);
  EXPECT_EQ(CodeOf(set_.UseSeason(kOne, std::vector<Pick>{{seat, 1}}, {})), ErrorCode::kConflict);
  ASSERT_EQ(Apply({Free(kOne, seat), Free(kSeason, table), Book(kTwo, seat)}), ErrorCode::kOk);
  EXPECT_EQ(Apply({Book(kSeason, table)}), ErrorCode::kSeatNotAvailable);
  ASSERT_EQ(Apply({Free(kTwo, seat)}), ErrorCode::kOk);
  EXPECT_EQ(Apply({Book(kSeason, table)}), ErrorCode::kOk);
}

TEST_F(SeasonTest, ARemovedPartialSeasonTakesNoOrders) {
  ASSERT_TRUE(set_.Remove(kEarly).ok());
  EXPECT_EQ(CodeOf(set_.RemoveMatch(kEarly, kOne)), ErrorCode::kNotFound);
  EXPECT_EQ(CodeOf(set_.AddMatches(kEarly, std::vector<uint32_t>{kThree})), ErrorCode::kNotFound);
  EXPECT_EQ(Apply({Book(kEarly, 0)}), ErrorCode::kNotFound);
}

// Heads that only somebody else could have written.
TEST_F(SeasonTest, EventsThatCannotStandTogetherAreNeverLoaded) {
  struct Event {
    uint64_t id = 0;
    EventKind kind = EventKind::kMatch;
    std::vector<uint8_t> matches = {};
    std::vector<Override> overrides = {};
  };
  const auto load = [&](std::initializer_list<Event> events) {
    std::string head = {'\1', static_cast<char>(events.size())};
    for (const Event& event : events) {
      head += {static_cast<char>(event.id), static_cast<char>(event.kind), '\0',
               static_cast<char>(event.matches.size())};
      for (const uint8_t match : event.matches) head.push_back(static_cast<char>(match));
      head.push_back(static_cast<char>(event.overrides.size()));
      for (const Override& o : event.overrides) {
        head +=
            {static_cast<char>(o.season), static_cast<char>(o.index), static_cast<char>(o.places)};
      }
      head += {'\0', '\0'};
      const std::string rules = EncodeRules(SaleRules());
      head.push_back(static_cast<char>(rules.size()));
      head += rules;
    }
    return CodeOf(EventSet::Load(chart_, head, {}).status());
  };
  const Event season = {1, EventKind::kSeason, {1}};
  const Event match = {2};
  ASSERT_EQ(load({season, match}), ErrorCode::kOk);
  ASSERT_EQ(load({season, {2, EventKind::kMatch, {}, {{0, 0, 1}}}}), ErrorCode::kOk);
  EXPECT_EQ(load({match}), ErrorCode::kDataLoss);
  EXPECT_EQ(load({{1, EventKind::kEvent}, match}), ErrorCode::kDataLoss);
  EXPECT_EQ(load({season, {2, EventKind::kSeason}}), ErrorCode::kDataLoss);
  EXPECT_EQ(load({season, {1}}), ErrorCode::kDataLoss) << "twice";
  EXPECT_EQ(load({{1, EventKind::kSeason, {0}}, match}), ErrorCode::kDataLoss);
  EXPECT_EQ(load({{1, EventKind::kSeason, {1, 1}}, match}), ErrorCode::kDataLoss);
  EXPECT_EQ(load({season, {2, EventKind::kMatch, {1}}}), ErrorCode::kDataLoss);
  EXPECT_EQ(load({season, {2, EventKind::kMatch, {}, {{1, 0, 1}}}}), ErrorCode::kDataLoss);
  EXPECT_EQ(load({season, {2, EventKind::kMatch, {}, {{0, 0, 0}}}}), ErrorCode::kDataLoss);
  EXPECT_EQ(load({{1, EventKind::kSeason, {1}, {{0, 0, 1}}}, match}), ErrorCode::kDataLoss);
}

TEST_F(SeasonTest, DamagedBytesAreNeverLoaded) {
  ASSERT_EQ(Apply({Book(kSeason, 0)}), ErrorCode::kOk);
  const std::string head = set_.EncodeHead();
  const std::vector<std::string> events = {set_.EncodeEvent(0)};
  ASSERT_TRUE(EventSet::Load(chart_, head, events).ok());
  for (size_t size = 0; size < head.size(); ++size) {
    EXPECT_EQ(CodeOf(EventSet::Load(chart_, head.substr(0, size), events).status()),
              ErrorCode::kDataLoss);
  }
  for (size_t size = 0; size < events[0].size(); ++size) {
    const std::vector<std::string> cut = {events[0].substr(0, size)};
    EXPECT_EQ(CodeOf(EventSet::Load(chart_, head, cut).status()), ErrorCode::kDataLoss);
  }
}

}  // namespace
}  // namespace ticketing::seat
