// Custom states, resale, tables, channels, for-sale rules and what rides on objects.
#include <gmock/gmock.h>

#include "tests/seat/states_fixture.h"
#include "ticketing/base/limits.h"

namespace ticketing::seat {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// The table of the header, row by row, with a hold of one's own, of somebody else, and as staff.
TEST_F(StatesTest, EveryTransitionIsAsTheTableSays) {
  constexpr SeatStatus kAll[] = {SeatStatus::kFree, SeatStatus::kHeld, SeatStatus::kBooked,
                                 SeatStatus::kResale, SeatStatus::kCustom};
  enum Who { kOwn, kOther, kStaff };
  for (const SeatStatus from : kAll) {
    for (const SeatStatus to : kAll) {
      for (const Who who : {kOwn, kOther, kStaff}) {
        inventory_ = Inventory(chart_);
        if (from != SeatStatus::kFree) ASSERT_EQ(Apply(To(from, {"Norte-A-1"})), ErrorCode::kOk);
        Step step = To(to, {"Norte-A-1"});
        step.hold = {};
        const bool held = from == SeatStatus::kHeld;
        if (to == SeatStatus::kHeld) step.hold = who == kOwn ? kAnn : kBob;
        if (held && who == kOwn) step.hold = kAnn;
        step.any_hold = who == kStaff;
        bool allowed = true;
        if (held) allowed = who == kOwn || (who == kStaff && to != SeatStatus::kHeld);
        if (from == SeatStatus::kBooked) allowed = to != SeatStatus::kHeld && to != from;
        if (from == SeatStatus::kCustom) {
          allowed = to != SeatStatus::kHeld && to != SeatStatus::kResale;
        }
        EXPECT_EQ(Apply(step), allowed ? ErrorCode::kOk : ErrorCode::kSeatNotAvailable)
            << NameOfStatus(from) << " to " << NameOfStatus(to) << " as " << who;
        if (!allowed) EXPECT_THAT(Objects(), ElementsAre("Norte-A-1"));
        if (allowed) EXPECT_EQ(inventory_.status(0), to);
      }
    }
  }
}

TEST_F(StatesTest, ReleaseGoesBackToResaleWhatWasForResale) {
  ASSERT_EQ(Apply(To(SeatStatus::kBooked, {"Norte-A-1"})), ErrorCode::kOk);
  ASSERT_EQ(Apply(To(SeatStatus::kResale, {"Norte-A-1"})), ErrorCode::kOk);
  ASSERT_EQ(Apply(To(SeatStatus::kHeld, {"Norte-A-1"})), ErrorCode::kOk);
  inventory_.ExpireHolds(At(900));
  EXPECT_EQ(inventory_.status(0), SeatStatus::kResale);
  ASSERT_EQ(Apply(To(SeatStatus::kBooked, {"Norte-A-1"})), ErrorCode::kOk);
  ASSERT_EQ(Apply(To(SeatStatus::kFree, {"Norte-A-1"})), ErrorCode::kOk);
  EXPECT_EQ(inventory_.status(0), SeatStatus::kResale);
  ASSERT_EQ(Apply(To(SeatStatus::kFree, {"Norte-A-1"})), ErrorCode::kOk);
  EXPECT_EQ(inventory_.status(0), SeatStatus::kFree);
  // What is for resale is never chosen by the house.
  ASSERT_EQ(Apply(To(SeatStatus::kResale, {"Norte-A-4", "Norte-A-5"})), ErrorCode::kOk);
  BestAvailableRequest request;
  request.quantity = 2;
  for (const Pick& pick : Chosen(request)) {
    EXPECT_NE(inventory_.status(pick.index), SeatStatus::kResale);
  }
}

TEST_F(StatesTest, GuardsCompareTheStatusBefore) {
  Step kill = To(SeatStatus::kCustom, {"Norte-A-1"});
  kill.allowed_before = {"booked"};
  EXPECT_EQ(Apply(kill), ErrorCode::kSeatNotAvailable);
  ASSERT_EQ(Apply(To(SeatStatus::kBooked, {"Norte-A-1"})), ErrorCode::kOk);
  EXPECT_EQ(Apply(kill), ErrorCode::kOk);
  Step press = kill;
  press.custom = "press";
  press.allowed_before = {};
  press.rejected_before = {"kill"};
  EXPECT_EQ(Apply(press), ErrorCode::kSeatNotAvailable);
  press.rejected_before = {};
  press.allowed_before = {"kill", "free"};
  EXPECT_EQ(Apply(press), ErrorCode::kOk);
  EXPECT_EQ(inventory_.row(0).custom, "press");
}

TEST_F(StatesTest, TextsThatNobodyWantsAreRefused) {
  Step step = To(SeatStatus::kCustom, {"Norte-A-1"});
  for (const std::string& bad :
       {std::string(), std::string("booked"), std::string("held"),
        std::string(limits::kStatusNameBytesMax + 1, 'x'), std::string("a\nb")}) {
    step.custom = bad;
    EXPECT_EQ(Apply(step), ErrorCode::kInvalidField) << bad;
  }
  step.custom = "kill";
  step.order_name = std::string(limits::kOrderNameBytesMax + 1, 'x');
  EXPECT_EQ(Apply(step), ErrorCode::kInvalidField);
  step.order_name = {};
  step.notes = {{}, {}};
  EXPECT_EQ(Apply(step), ErrorCode::kInvalidField);
  step.notes = {{std::string(limits::kTicketTypeBytesMax + 1, 'x'), {}}};
  EXPECT_EQ(Apply(step), ErrorCode::kInvalidField);
  step.notes = {{"adult", std::string(limits::kExtraBytesMax + 1, 'x')}};
  EXPECT_EQ(Apply(step), ErrorCode::kInvalidField);
}

TEST_F(StatesTest, NotesRideAlongAndGoWhenTheSeatGoes) {
  Step step = To(SeatStatus::kHeld, {"Norte-A-1"});
  step.notes = {{"adult", "{\"n\":1}"}};
  ASSERT_EQ(Apply(step), ErrorCode::kOk);
  EXPECT_EQ(inventory_.row(0).ticket_type, "adult");
  Step book = To(SeatStatus::kBooked, {"Norte-A-1"});
  book.hold = kAnn;
  book.order_name = "order-7";
  book.keep_extra = true;
  ASSERT_EQ(Apply(book), ErrorCode::kOk);
  EXPECT_EQ(inventory_.row(0).ticket_type, "adult");
  EXPECT_EQ(inventory_.row(0).order_name, "order-7");
  EXPECT_EQ(inventory_.extra(0), "{\"n\":1}");
  EXPECT_EQ(inventory_.FindHold(kAnn), std::nullopt);
  Step release = To(SeatStatus::kFree, {"Norte-A-1"});
  release.order_name = "refund-1";
  ASSERT_EQ(Apply(release), ErrorCode::kOk);
  EXPECT_EQ(inventory_.extra(0), "");
  EXPECT_EQ(inventory_.row(0).order_name, "refund-1");
  EXPECT_EQ(inventory_.row(0).ticket_type, "");
}

TEST_F(StatesTest, ATableAndItsSeatsExcludeEachOther) {
  // T1 is sold by seat, T2 whole.
  EXPECT_EQ(Apply(To(SeatStatus::kHeld, {"Norte-T1"})), ErrorCode::kNotForSale);
  EXPECT_EQ(Apply(To(SeatStatus::kHeld, {"Norte-T2-1"})), ErrorCode::kNotForSale);
  ASSERT_EQ(Apply(To(SeatStatus::kBooked, {"Norte-T1-2"})), ErrorCode::kOk);
  ASSERT_EQ(Apply(To(SeatStatus::kBooked, {"Norte-T2"})), ErrorCode::kOk);
  EXPECT_TRUE(inventory_.blocked(Index("Norte-T1")));
  // Selling them the other way does not sell a chair twice.
  SaleRules rules;
  rules.tables.mode = TableSelling::Mode::kListed;
  rules.tables.whole = {{"Norte-T1", true}};
  SetRules(rules);
  EXPECT_EQ(Apply(To(SeatStatus::kHeld, {"Norte-T1"})), ErrorCode::kSeatNotAvailable);
  EXPECT_EQ(Apply(To(SeatStatus::kHeld, {"Norte-T2-1"})), ErrorCode::kSeatNotAvailable);
  ASSERT_EQ(Apply(To(SeatStatus::kFree, {"Norte-T1-2"})), ErrorCode::kOk);
  EXPECT_EQ(Apply(To(SeatStatus::kHeld, {"Norte-T1"})), ErrorCode::kOk);
  EXPECT_EQ(Apply(To(SeatStatus::kHeld, {"Norte-T1-1"})), ErrorCode::kSeatNotAvailable);
}

TEST_F(StatesTest, AnAreaSoldWholeIsForOneParty) {
  const uint32_t area = Index("Norte-GA1");
  Step step = To(SeatStatus::kHeld, {});
  step.picks = {{area, 4}};
  EXPECT_EQ(Apply(step), ErrorCode::kInvalidField);
  step.picks = {{area, 10}};
  ASSERT_EQ(Apply(step), ErrorCode::kOk);
  EXPECT_EQ(inventory_.area(area).free(), 0u);
  step.hold = kBob;
  EXPECT_EQ(Apply(step), ErrorCode::kSeatNotAvailable);
  ASSERT_TRUE(inventory_.Release(kAnn).ok());
  EXPECT_EQ(inventory_.area(area).free(), 10u);
}

TEST_F(StatesTest, ChannelsAreForThoseWhoMayUseThem) {
  SaleRules rules;
  rules.channels = {MakeChannel("presale", {"Norte-A-1", "Norte-A-2"}),
                    MakeChannel("sponsor", {"Norte-A-3", "Palco 1"})};
  rules.channels[1].area_places = {{Index("Pie 1"), 2}};
  SetRules(rules);
  EXPECT_EQ(inventory_.rules().channels[0].id, 1);
  EXPECT_EQ(inventory_.rules().channels[1].id, 2);

  EXPECT_EQ(Apply(To(SeatStatus::kHeld, {"Norte-A-1", "Norte-A-4"})), ErrorCode::kNotForSale);
  EXPECT_THAT(Objects(), ElementsAre("Norte-A-1"));
  Step step = To(SeatStatus::kHeld, {"Norte-A-1", "Norte-A-4"});
  step.access.channels = {"presale"};
  EXPECT_EQ(Apply(step), ErrorCode::kOk);
  step = To(SeatStatus::kHeld, {"Norte-A-2", "Norte-A-5"});
  step.access.channels = {"presale"};
  step.access.without_channel = false;
  EXPECT_EQ(Apply(step), ErrorCode::kNotForSale);
  EXPECT_THAT(Objects(), ElementsAre("Norte-A-5"));
  step = To(SeatStatus::kHeld, {"Norte-A-2", "Norte-A-3", "Palco 1"});
  step.access.all_channels = true;
  EXPECT_EQ(Apply(step), ErrorCode::kOk);
  // What was released may go to whoever may use the channel; resale is for everybody.
  Step resale = To(SeatStatus::kResale, {"Norte-A-2"});
  resale.any_hold = true;
  ASSERT_EQ(Apply(resale), ErrorCode::kOk);
  step = To(SeatStatus::kHeld, {"Norte-A-2"});
  step.hold = kBob;
  EXPECT_EQ(Apply(step), ErrorCode::kOk);
}

TEST_F(StatesTest, PlacesOfAnAreaBelongToChannels) {
  const uint32_t pie = Index("Pie 1");  // 5 places
  SaleRules rules;
  rules.channels = {MakeChannel("sponsor", {})};
  rules.channels[0].area_places = {{pie, 2}};
  SetRules(rules);
  Step step = To(SeatStatus::kHeld, {});
  step.picks = {{pie, 4}};
  EXPECT_EQ(Apply(step), ErrorCode::kNotForSale);
  step.picks = {{pie, 3}};
  ASSERT_EQ(Apply(step), ErrorCode::kOk);
  step.picks = {{pie, 1}};
  EXPECT_EQ(Apply(step), ErrorCode::kNotForSale);
  step.access.channels = {"sponsor"};
  ASSERT_EQ(Apply(step), ErrorCode::kOk);
  EXPECT_THAT(inventory_.AreaRows(pie), SizeIs(2));  // by channel
  ASSERT_EQ(Apply(step), ErrorCode::kOk);
  EXPECT_EQ(Apply(step), ErrorCode::kSeatNotAvailable);
  ASSERT_TRUE(inventory_.Release(kAnn).ok());
  EXPECT_EQ(inventory_.area(pie).free(), 5u);
  // Two picks of one area in one command add up, and nothing stays of a refused one.
  step.access.channels = {};
  step.picks = {{pie, 2}, {pie, 2}};
  EXPECT_EQ(Apply(step), ErrorCode::kNotForSale);
  EXPECT_EQ(inventory_.FindHold(kAnn), std::nullopt);
}

TEST_F(StatesTest, AQuotaBoundsWhatLeavesAChannel) {
  SaleRules rules;
  rules.channels = {MakeChannel("presale", {"Norte-A-1", "Norte-A-2", "Norte-A-3"})};
  rules.channels[0].quota = 2;
  SetRules(rules);
  Step step = To(SeatStatus::kHeld, {"Norte-A-1", "Norte-A-2", "Norte-A-3"});
  step.access.channels = {"presale"};
  EXPECT_EQ(Apply(step), ErrorCode::kNotForSale);
  step.picks.pop_back();
  ASSERT_EQ(Apply(step), ErrorCode::kOk);
  step.picks = Picks(*chart_, {"Norte-A-3"});
  EXPECT_EQ(Apply(step), ErrorCode::kNotForSale);
  ASSERT_TRUE(inventory_.Release(kAnn).ok());
  EXPECT_EQ(Apply(step), ErrorCode::kOk);
}

TEST_F(StatesTest, RulesThatContradictThemselvesAreRefused) {
  const auto refused = [&](SaleRules rules) {
    const uint64_t version = inventory_.version();
    const Status status = inventory_.SetRules(std::move(rules), At(1));
    EXPECT_EQ(CodeOf(status), ErrorCode::kInvalidField) << status;
    EXPECT_EQ(inventory_.version(), version);
  };
  SaleRules rules;
  rules.channels = {MakeChannel("a", {"Norte-A-1"}), MakeChannel("a", {})};
  refused(rules);
  rules.channels[1] = MakeChannel("b", {"Norte-A-1"});
  refused(rules);
  rules.channels[1] = MakeChannel("", {});
  refused(rules);
  rules.channels[1] = MakeChannel("b", {"Pie 1"});
  refused(rules);
  rules.channels[1] = MakeChannel("b", {});
  rules.channels[1].area_places = {{Index("Pie 1"), 6}};
  refused(rules);
  rules.channels[1].area_places = {{0, 1}};
  refused(rules);
}

TEST_F(StatesTest, ForSaleSwitchesByObjectAreaAndCategory) {
  SaleRules rules;
  rules.for_sale = ForSale{false, {"Norte-A-1", "no such"}, {{"Pie 1", 4}}, {"Q"}};
  SetRules(rules);
  EXPECT_EQ(Apply(To(SeatStatus::kHeld, {"Norte-A-1"})), ErrorCode::kNotForSale);
  EXPECT_EQ(Apply(To(SeatStatus::kHeld, {"Norte-B-1"})), ErrorCode::kNotForSale);
  EXPECT_EQ(Apply(To(SeatStatus::kHeld, {"Norte-A-2", "Pie 1"})), ErrorCode::kOk);
  EXPECT_EQ(Apply(To(SeatStatus::kHeld, {"Pie 1"})), ErrorCode::kNotForSale);
  Step staff = To(SeatStatus::kHeld, {"Norte-A-1", "Pie 1"});
  staff.access.ignore_for_sale = true;
  EXPECT_EQ(Apply(staff), ErrorCode::kOk);

  rules.for_sale = ForSale{true, {"Norte-A-5"}, {{"Pie 2", 1}}, {}};
  SetRules(rules);
  EXPECT_EQ(Apply(To(SeatStatus::kHeld, {"Norte-A-4"})), ErrorCode::kNotForSale);
  EXPECT_EQ(Apply(To(SeatStatus::kHeld, {"Norte-A-5", "Pie 2"})), ErrorCode::kOk);
  EXPECT_EQ(Apply(To(SeatStatus::kHeld, {"Pie 2"})), ErrorCode::kNotForSale);
  BestAvailableRequest request;
  request.quantity = 1;
  EXPECT_EQ(CodeOf(inventory_.FindBestAvailable(request).status()), ErrorCode::kNoAdjacentSeats);
  // What is sold may still be let go.
  EXPECT_EQ(Apply(To(SeatStatus::kFree, {})), ErrorCode::kInvalidField);
  Step release = Step::ToRelease(kAnn, Picks(*chart_, {"Norte-A-2"}));
  EXPECT_EQ(Apply(release), ErrorCode::kOk);
}

TEST_F(StatesTest, WindowsOpenAndCloseByThemselves) {
  SaleRules rules;
  rules.windows = {{"Q", At(100), At(200)}};
  SetRules(rules);
  EXPECT_EQ(inventory_.NextExpiry(), At(100));
  const uint32_t seat = Index("Norte-B-1");
  EXPECT_FALSE(inventory_.for_sale(seat));
  EXPECT_TRUE(inventory_.for_sale(0));
  const uint64_t version = inventory_.version();
  EXPECT_EQ(inventory_.ExpireHolds(At(99)).version, version);
  EXPECT_EQ(inventory_.ExpireHolds(At(100)).version, version + 1) << "the map is another one";
  EXPECT_TRUE(inventory_.for_sale(seat));
  EXPECT_EQ(inventory_.NextExpiry(), At(200));
  inventory_.ExpireHolds(At(200));
  EXPECT_FALSE(inventory_.for_sale(seat));
  EXPECT_EQ(inventory_.NextExpiry(), std::nullopt);
}

TEST_F(StatesTest, BestAvailableChoosesFromWhatTheCallerMayHave) {
  SaleRules rules;
  rules.channels = {MakeChannel("presale", {"Norte-A-4", "Norte-A-5"})};
  rules.for_sale = ForSale{false, {"Norte-A-3"}, {}, {}};
  SetRules(rules);
  BestAvailableRequest request;
  request.quantity = 2;
  for (const Pick& pick : Chosen(request)) {
    EXPECT_EQ(inventory_.channel(pick.index), 0);
    EXPECT_TRUE(inventory_.for_sale(pick.index));
  }
  request.access.channels = {"presale"};
  request.access.without_channel = false;
  EXPECT_EQ(Chosen(request), Picks(*chart_, {"Norte-A-4", "Norte-A-5"}));
  request.quantity = 3;
  EXPECT_FALSE(inventory_.FindBestAvailable(request).ok());
}

TEST_F(StatesTest, AnEventMayHaveCategoriesOfItsOwn) {
  SaleRules rules;
  rules.categories = {{"VIP", "Very", "#000000"}};
  rules.object_categories = {{"Norte-B-3", "VIP"}, {"Norte-B-4", "VIP"}, {"gone", "VIP"}};
  SetRules(rules);
  EXPECT_EQ(inventory_.category(Index("Norte-B-3")), "VIP");
  BestAvailableRequest request;
  request.quantity = 2;
  request.categories = {"VIP"};
  EXPECT_EQ(Chosen(request), Picks(*chart_, {"Norte-B-3", "Norte-B-4"}));
  EXPECT_EQ(inventory_.TotalsByCategory().back().free, 2u);
}

TEST_F(StatesTest, WhatIsNotASeatIsTakenWhenAskedFor) {
  for (uint32_t seat = 0; seat < chart_->seat_count(); ++seat) {
    if (!inventory_.sold_here(seat)) continue;
    Step step = To(SeatStatus::kBooked, {});
    step.picks = {{seat, 1}};
    ASSERT_EQ(Apply(step), ErrorCode::kOk);
  }
  BestAvailableRequest request;
  request.quantity = 1;
  EXPECT_FALSE(inventory_.FindBestAvailable(request).ok());
  request.areas = true;
  EXPECT_EQ(Chosen(request), Picks(*chart_, {"Norte-B1"}));
  request.quantity = 2;
  EXPECT_EQ(Chosen(request), Picks(*chart_, {"Norte-T2"}));
  request.quantity = 4;
  EXPECT_EQ(Chosen(request), (std::vector<Pick>{{Index("Pie 1"), 4}}));
}

TEST_F(StatesTest, AMarkBringsEverythingBack) {
  Step step = To(SeatStatus::kHeld, {"Norte-A-1", "Norte-A-2"});
  step.picks.push_back({Index("Pie 1"), 2});
  step.notes = {{"a", "1"}, {"b", "2"}, {"c", {}}};
  ASSERT_EQ(Apply(step), ErrorCode::kOk);
  const Changes before = inventory_.Snapshot();
  std::string map;
  inventory_.PackUnits(map);
  const size_t mark = inventory_.Mark();
  ASSERT_TRUE(inventory_.Extend(kAnn, At(1000), At(2)).ok());
  ASSERT_TRUE(inventory_.Book(kAnn, kOrder, At(2)).ok());
  ASSERT_EQ(Apply(To(SeatStatus::kCustom, {"Norte-A-1", "Palco 1"})), ErrorCode::kOk);
  step.hold = kBob;
  step.picks = {{5, 1}, {Index("Pie 1"), 1}};
  step.notes = {};
  ASSERT_EQ(Apply(step), ErrorCode::kOk);
  ASSERT_TRUE(inventory_.Release(kBob).ok());
  ASSERT_TRUE(inventory_.SetExtra(9, "x").ok());
  inventory_.Rollback(mark);
  EXPECT_EQ(inventory_.Snapshot(), before);
  std::string again;
  inventory_.PackUnits(again);
  EXPECT_EQ(map, again);
  inventory_.Forget();
  EXPECT_THAT(inventory_.ExpireHolds(At(900)).seats, SizeIs(3)) << "the old expiry counts again";
}

TEST_F(StatesTest, ChangesAndRulesComeBackFromBytes) {
  Step step = To(SeatStatus::kHeld, {"Norte-A-1"});
  step.picks.push_back({Index("Pie 1"), 2});
  step.notes = {{"a", "1"}, {"b", {}}};
  StatusOr<Changes> changes = inventory_.Apply(step, At(1));
  ASSERT_TRUE(changes.ok());
  std::string bytes;
  AppendChanges(bytes, *changes);
  std::string_view rest = bytes;
  EXPECT_EQ(TakeChanges(rest), *changes);
  EXPECT_THAT(rest, IsEmpty());
  for (size_t size = 0; size < bytes.size(); ++size) {
    rest = std::string_view(bytes).substr(0, size);
    EXPECT_EQ(TakeChanges(rest), std::nullopt);
  }
  SaleRules rules;
  rules.tables = {TableSelling::Mode::kListed, {{"T1", true}}};
  rules.channels = {MakeChannel("a", {"Norte-A-1", "Norte-A-3"})};
  rules.channels[0].quota = 0;
  rules.channels[0].index = -3;
  rules.channels[0].access_codes = {"x", "y"};
  rules.channels[0].area_places = {{Index("Pie 1"), 2}};
  rules.for_sale = ForSale{true, {"a"}, {{"b", 3}}, {"c"}};
  rules.windows = {{"Q", At(1), At(2)}};
  rules.categories = {{"k", "n", "#123456"}};
  rules.object_categories = {{"o", "k"}};
  const std::string encoded = EncodeRules(rules);
  EXPECT_EQ(DecodeRules(encoded), rules);
  for (size_t size = 0; size < encoded.size(); ++size) {
    EXPECT_EQ(DecodeRules(std::string_view(encoded).substr(0, size)), std::nullopt);
  }
}

}  // namespace
}  // namespace ticketing::seat
