// What a season refuses, and what a refusal or a removal leaves as it was.
#include <gmock/gmock.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/seat/states_fixture.h"
#include "ticketing/seat/event_set.h"

namespace ticketing::seat {
namespace {

using ::testing::ElementsAre;

// A season of two matches; `early` is a part of it with both.
class SeasonEdgesTest : public testing::Test {
 protected:
  enum Slot : uint32_t { kSeason, kOne, kTwo, kEarly };

  SeasonEdgesTest() {
    EXPECT_EQ(set_.Add({1}, EventKind::kSeason).value(), kSeason);
    for (const uint64_t id : {2, 3}) EXPECT_TRUE(set_.Add({id}, EventKind::kMatch).ok());
    EXPECT_EQ(set_.Add({5}, EventKind::kPartialSeason).value(), kEarly);
    EXPECT_TRUE(set_.AddMatches(kEarly, std::vector<uint32_t>{kOne, kTwo}).ok());
  }
  void Book(uint32_t slot, Pick pick) {
    const EventStep step = {slot, Step::ToBook(kOrder, std::vector<Pick>{pick})};
    const auto changes = set_.Apply({&step, 1}, At(1));
    ASSERT_TRUE(changes.ok()) << changes.status();
  }
  ErrorCode TakeOut(Pick pick, std::optional<uint32_t> season = std::nullopt) {
    return CodeOf(set_.OverrideSeason(kOne, std::vector<Pick>{pick}, season));
  }
  ErrorCode GiveBack(Pick pick) {
    return CodeOf(set_.UseSeason(kOne, std::vector<Pick>{pick}, std::nullopt));
  }

  std::shared_ptr<const Chart> chart_ = MakeChart(MixedDrawing());
  EventSet set_{chart_};
};

TEST_F(SeasonEdgesTest, AMatchIsInAPartOnce) {
  EXPECT_TRUE(set_.AddMatches(kEarly, std::vector<uint32_t>{kTwo, kTwo}).ok());
  EXPECT_THAT(set_.entry(kEarly).matches, ElementsAre(kOne, kTwo));
}

TEST_F(SeasonEdgesTest, AMatchThatLeavesAPartKeepsWhatItTookFromTheSeason) {
  ASSERT_EQ(TakeOut({0, 1}, kSeason), ErrorCode::kOk);
  ASSERT_EQ(TakeOut({1, 1}, kEarly), ErrorCode::kOk);
  ASSERT_TRUE(set_.RemoveMatch(kEarly, kOne).ok());
  EXPECT_THAT(set_.overrides(kOne), ElementsAre(Override{kSeason, 0, 1}));
}

TEST_F(SeasonEdgesTest, AnEventThatIsGoneTakesNoRulesAndGivesNothing) {
  ASSERT_TRUE(set_.Remove(kEarly).ok());
  EXPECT_EQ(CodeOf(set_.SetRules(kEarly, {}, At(1))), ErrorCode::kNotFound);
  EXPECT_EQ(TakeOut({0, 1}, kEarly), ErrorCode::kInvalidField);
}

TEST_F(SeasonEdgesTest, AnOverrideNamesSomething) {
  EXPECT_EQ(CodeOf(set_.OverrideSeason(kOne, {}, std::nullopt)), ErrorCode::kInvalidField);
  EXPECT_EQ(TakeOut({0, 0}), ErrorCode::kInvalidField);
  EXPECT_EQ(TakeOut({chart_->object_count(), 1}), ErrorCode::kInvalidField);
}

TEST_F(SeasonEdgesTest, AnOverrideOfOnePartLeavesTheOtherAlone) {
  Book(kSeason, {0, 1});
  ASSERT_EQ(TakeOut({0, 1}, kEarly), ErrorCode::kOk);
  EXPECT_THAT(set_.overrides(kOne), ElementsAre(Override{kEarly, 0, 1}));
}

TEST_F(SeasonEdgesTest, WhatTheMatchSoldItselfStaysTakenOut) {
  Book(kSeason, {0, 1});
  ASSERT_EQ(TakeOut({0, 1}), ErrorCode::kOk);
  Book(kOne, {0, 1});
  const std::vector<Override> before = set_.overrides(kOne);
  EXPECT_EQ(GiveBack({0, 1}), ErrorCode::kConflict);
  EXPECT_EQ(set_.overrides(kOne), before);
}

TEST_F(SeasonEdgesTest, OnlyAsManyPlacesGoBackAsWereAskedFor) {
  const uint32_t area = chart_->Find("Pie 1").value();
  Book(kSeason, {area, 2});
  Book(kEarly, {area, 2});
  ASSERT_EQ(TakeOut({area, 3}), ErrorCode::kOk);
  ASSERT_EQ(GiveBack({area, 2}), ErrorCode::kOk);
  EXPECT_THAT(set_.overrides(kOne), ElementsAre(Override{kEarly, area, 1}));
}

TEST_F(SeasonEdgesTest, AHoldOfNothingIsNeverLoaded) {
  EventSet one(chart_);
  ASSERT_TRUE(one.Add({1}, EventKind::kEvent).ok());
  std::string event(1, one.EncodeEvent(0)[0]);
  AppendChanges(event, {.version = 1, .holds = {{kAnn, At(1), At(900), false}}});
  const std::vector<std::string> events = {event};
  EXPECT_EQ(CodeOf(EventSet::Load(chart_, one.EncodeHead(), events).status()),
            ErrorCode::kDataLoss);
}

}  // namespace
}  // namespace ticketing::seat
