// Buyers who collide, over two owners of one lane and on both engines: each case that sellers of
// seats have got wrong before has its name here. What a pure inventory answers is tested in
// tests/seat; here it must hold when commands race, commits are lost, and owners change.
#include <algorithm>
#include <array>
#include <atomic>
#include <functional>
#include <thread>
#include <vector>

#include "tests/lane/lane_world.h"
#include "tests/seat/chart_fixture.h"
#include "ticketing/base/limits.h"

namespace ticketing {
namespace {

using seat::EventKind;
using seat::Pick;
using seat::SeatStatus;
using seat::Step;

constexpr LaneId kSeasonLane{3000};
enum Slot : uint32_t { kSeason, kMatchOne, kMatchTwo, kMatchThree, kEarly, kLate };

// Two owners of a lane with a database each, as two processes have them.
class AdversarialTest : public LaneTest {
 protected:
  AdversarialTest() : second_(engine_->Open()) {
    other_ = MakeLane(*second_);
    CreateLane(kSeasonLane, EventKind::kSeason);
    season_ = MakeLane(*database_, kSeasonLane);
    other_season_ = MakeLane(*second_, kSeasonLane);
    EXPECT_OK(season_->Run([](LaneState& state, Timestamp) -> StatusOr<LaneEffect> {
      for (const uint64_t id : {3001, 3002, 3003})
        TICKETING_RETURN_IF_ERROR(state.seats.Add(EventId{id}, EventKind::kMatch).status());
      for (const uint64_t id : {3004, 3005})
        TICKETING_RETURN_IF_ERROR(state.seats.Add(EventId{id}, EventKind::kPartialSeason).status());
      const std::vector<uint32_t> early = {kMatchOne, kMatchTwo}, late = {kMatchTwo, kMatchThree};
      TICKETING_RETURN_IF_ERROR(state.seats.AddMatches(kEarly, early));
      TICKETING_RETURN_IF_ERROR(state.seats.AddMatches(kLate, late));
      return LaneEffect{.head = true};
    }));
  }
  ~AdversarialTest() override {
    tricky_->Open();
    second_.reset();
    database_.reset();
  }

  // One command with these steps.
  static LaneApply Steps(std::vector<seat::EventStep> steps) {
    return [steps = std::move(steps)](LaneState& state, Timestamp now) -> StatusOr<LaneEffect> {
      LaneEffect effect;
      TICKETING_ASSIGN_OR_RETURN(effect.changes, state.seats.Apply(steps, now));
      return effect;
    };
  }
  static seat::EventStep Book(uint64_t order, std::vector<Pick> picks, uint32_t slot = 0) {
    return {slot, Step::ToBook(OrderId{order}, picks)};
  }
  static seat::EventStep Refund(uint64_t order, std::vector<Pick> picks, uint32_t slot = 0) {
    return {slot, Step::ToRefund(OrderId{order}, picks)};
  }
  static LaneApply SetRules(seat::SaleRules rules, uint32_t slot = 0) {
    return
        [rules = std::move(rules), slot](LaneState& state, Timestamp now) -> StatusOr<LaneEffect> {
          TICKETING_RETURN_IF_ERROR(state.seats.SetRules(slot, rules, now));
          return LaneEffect{.head = true};
        };
  }

  // Runs the commands at the same time, every other one at the second owner, and gives how many
  // were not refused. A refusal must be that the seats are gone.
  int Race(EventLane& one, EventLane& two, const std::vector<LaneApply>& commands) {
    std::atomic<int> done = 0;
    std::vector<std::thread> threads;
    for (size_t i = 0; i < commands.size(); ++i) {
      threads.emplace_back([&, i] {
        const Status status = (i % 2 == 0 ? one : two).Run(commands[i]);
        if (status.ok()) {
          ++done;
        } else {
          EXPECT_THAT(status, HasCode(ErrorCode::kSeatNotAvailable));
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    return done;
  }
  int RaceInSeason(const std::vector<LaneApply>& commands) {
    return Race(*season_, *other_season_, commands);
  }
  // Whether a chair has an owner in an event, as it is stored.
  bool IsTaken(uint32_t index, uint32_t slot, LaneId lane = kSeasonLane) {
    return Row(index, slot, lane).status != SeatStatus::kFree;
  }
  seat::AreaState Floor(uint32_t slot = 0, LaneId lane = kLane) {
    seat::AreaState area;
    EXPECT_OK(MakeLane(*database_, lane)->Ask([&](const LaneState& state) {
      area = state.seats.at(slot).area(kHallArea);
      return OkStatus();
    }));
    return area;
  }

  std::unique_ptr<Database> second_;
  std::unique_ptr<EventLane> other_, season_, other_season_;
};
INSTANTIATE_TEST_SUITE_P(Engines, AdversarialTest, AllEngines(), NameOf);

TEST_P(AdversarialTest, ManyClientsOneSeatOneWinner) {
  for (uint32_t chair = 0; chair < 10; ++chair) {
    std::vector<LaneApply> buyers;
    for (uint64_t i = 0; i < 8; ++i) buyers.push_back(Steps({Book(100 + i, {{chair, 1}})}));
    EXPECT_EQ(Race(*lane_, *other_, buyers), 1) << chair;
  }
  EXPECT_EQ(Totals().booked, 10u);
}

// The way in which a table is sold changes while people buy it and its seats.
TEST_P(AdversarialTest, ATableAndItsSeatsAreNeverSoldBoth) {
  seat::SaleRules whole, by_seat;
  whole.tables.mode = seat::TableSelling::Mode::kWhole;
  by_seat.tables.mode = seat::TableSelling::Mode::kBySeat;
  for (uint64_t round = 0; round < 12; ++round) {
    std::vector<std::thread> threads;
    threads.emplace_back([&] { EXPECT_OK(lane_->Run(SetRules(whole))); });
    threads.emplace_back([&] { EXPECT_OK(other_->Run(SetRules(by_seat))); });
    for (uint64_t i = 0; i < 6; ++i) {
      threads.emplace_back([&, i] {
        EventLane& lane = i % 2 == 0 ? *lane_ : *other_;
        const uint32_t object = i < 3 ? kHallTable : kHallTable - 1 - static_cast<uint32_t>(i % 4);
        const Status status = lane.Run(Steps({Book(1 + i, {{object, 1}})}));
        if (!status.ok()) {
          EXPECT_THAT(status, ::testing::AnyOf(HasCode(ErrorCode::kSeatNotAvailable),
                                               HasCode(ErrorCode::kNotForSale)));
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    std::vector<Pick> taken;
    for (uint32_t object = kHallTable - 4; object <= kHallTable; ++object) {
      if (IsTaken(object, 0, kLane)) taken.push_back({object, 1});
    }
    if (taken.empty()) continue;
    if (taken.back().index == kHallTable) EXPECT_EQ(taken.size(), 1u) << "whole, and by seat";
    seat::EventStep free{0, {.to = SeatStatus::kFree, .picks = taken}};
    EXPECT_OK(lane_->Run(Steps({free})));
  }
}

TEST_P(AdversarialTest, ASeasonAndItsMatchesNeverBothSellASeat) {
  for (uint32_t chair = 0; chair < 12; ++chair) {
    std::vector<LaneApply> buyers;
    for (const uint32_t slot : {kSeason, kMatchOne, kSeason, kMatchTwo, kSeason, kMatchThree})
      buyers.push_back(Steps({Book(1 + slot, {{chair, 1}}, slot)}));
    const int sold = RaceInSeason(buyers);
    if (IsTaken(chair, kSeason)) {
      EXPECT_EQ(sold, 1) << chair;
    } else {
      EXPECT_EQ(sold, 3) << chair << ": each match once";
    }
  }
}

TEST_P(AdversarialTest, PartialSeasonsThatShareAMatchNeverBothSellASeat) {
  for (uint32_t chair = 0; chair < 12; ++chair) {
    std::vector<LaneApply> buyers;
    for (const uint32_t slot : {kEarly, kLate, kEarly, kLate, kMatchTwo, kMatchTwo})
      buyers.push_back(Steps({Book(1 + slot, {{chair, 1}}, slot)}));
    EXPECT_EQ(RaceInSeason(buyers), 1) << chair;
    // What shares nothing with the winner is still for sale.
    const bool early = IsTaken(chair, kEarly);
    EXPECT_EQ(season_->Run(Steps({Book(9, {{chair, 1}}, kMatchThree)})).ok(),
              !IsTaken(chair, kLate));
    EXPECT_EQ(season_->Run(Steps({Book(9, {{chair, 1}}, kMatchOne)})).ok(), !early);
  }
}

TEST_P(AdversarialTest, OverlappingBatchesAreWholeOrNothing) {
  constexpr uint64_t kRounds = 8;
  int sold = 0;
  for (uint64_t round = 0; round < kRounds; ++round) {
    // Chains over four chairs: each shares its first with one and its second with another.
    std::vector<LaneApply> buyers;
    for (uint32_t i = 0; i < 4; ++i) {
      const uint32_t base = static_cast<uint32_t>(round % 4) * 10;
      buyers.push_back(Steps({Book(1 + i, {{base + i, 1}}, kMatchOne),
                              Book(1 + i, {{base + (i + 1) % 4, 1}}, kMatchOne),
                              Book(1 + i, {{base + i, 1}}, kMatchThree)}));
    }
    const int done = RaceInSeason(buyers);
    EXPECT_GE(done, 1);
    EXPECT_LE(done, 2);
    sold += done;
    // Swaps: what the one gives up the other takes, in one command.
    for (uint32_t i = 0; i < 4; ++i) {
      const uint32_t base = static_cast<uint32_t>(round % 4) * 10;
      const std::vector<Pick> has = {{base + i, 1}};
      if (!season_->Run(Steps({Refund(1 + i, has, kMatchThree)})).ok()) continue;
      const std::vector<Pick> both = {{base + i, 1}, {base + (i + 1) % 4, 1}};
      EXPECT_OK(other_season_->Run(Steps({Refund(1 + i, both, kMatchOne)})));
    }
  }
  EXPECT_GE(sold, static_cast<int>(kRounds));
  EXPECT_EQ(Totals(kMatchOne, kSeasonLane).booked, 0u) << "nothing stayed of a batch";
  EXPECT_EQ(Totals(kMatchThree, kSeasonLane).booked, 0u);
}

TEST_P(AdversarialTest, ARefusedStepRollsBackEveryEvent) {
  EXPECT_OK(season_->Run(Steps({Book(1, {{5, 1}}, kMatchThree)})));
  const std::string before = FreshDump(kSeasonLane);
  EXPECT_THAT(other_season_->Run(
                  Steps({Book(2, {{1, 1}}, kMatchOne), Book(2, {{2, 1}}, kEarly),
                         Book(2, {{kHallArea, 9}}, kSeason), Book(2, {{5, 1}}, kMatchThree)})),
              HasCode(ErrorCode::kSeatNotAvailable));
  EXPECT_EQ(FreshDump(kSeasonLane), before);
  EXPECT_EQ(Dump(*other_season_), before);
}

// Old holds whose end comes after what they held was booked: the bug that freed sold seats.
TEST_P(AdversarialTest, ExpiryAfterBookingFreesNothing) {
  EXPECT_OK(lane_->Run(Shop::Hold(1, {0, 1})));
  EXPECT_OK(lane_->Run(Shop::HoldPlaces(2, 4)));
  EXPECT_OK(other_->Run(Shop::Book(1, 1)));
  EXPECT_OK(other_->Run(Shop::Book(2, 2)));
  env_.clock.Advance(Duration::Minutes(6));
  EXPECT_OK(lane_->ExpireHolds());
  EXPECT_OK(other_->ExpireHolds());
  EXPECT_THAT(lane_->Run(Shop::Hold(3, {0})), HasCode(ErrorCode::kSeatNotAvailable));
  EXPECT_EQ(Totals().booked, 6u);
  Audit();
}

// Holding, booking, letting go and expiring places of one area, all at once.
TEST_P(AdversarialTest, AnAreaIsNeverOverfullUnderMixedLoad) {
  constexpr int kThreads = 4;
  std::atomic<int64_t> booked = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      EventLane& lane = t % 2 == 0 ? *lane_ : *other_;
      seat::Sequence random(static_cast<uint64_t>(t) + 7);
      for (uint64_t i = 0; i < 60; ++i) {
        const uint64_t id = 1 + static_cast<uint64_t>(t) * 1000 + i;
        const int64_t places = 1 + random.Below(9);
        if (!lane.Run(Shop::HoldPlaces(id, places)).ok()) continue;
        const uint32_t dice = random.Below(10);
        if (dice < 2 && lane.Run(Shop::Book(id, id)).ok()) {
          booked += places;
          if (random.Chance(70)) {
            EXPECT_OK(lane.Run(Steps({Refund(id, {{kHallArea, places}})})));
            booked -= places;
          }
        } else if (dice < 9) {
          EXPECT_OK(lane.Run(Shop::Release(id)));
        }  // the rest stays until its time
        const LaneApply look = [](LaneState& state, Timestamp) -> StatusOr<LaneEffect> {
          const seat::AreaState area = state.seats.at(0).area(kHallArea);
          EXPECT_LE(area.held + area.booked, area.capacity);
          return LaneEffect{};
        };
        if (i % 10 == 0) EXPECT_OK(lane.Run(look));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Floor().booked, static_cast<uint32_t>(booked));
  env_.clock.Advance(Duration::Minutes(6));
  EXPECT_OK(lane_->ExpireHolds());
  EXPECT_EQ(Floor().held, 0u);
  // What is left can be sold to the last place, and no further.
  const uint32_t left = Floor().free();
  if (left > 0) EXPECT_OK(other_->Run(Steps({Book(9'999, {{kHallArea, left}})})));
  EXPECT_THAT(lane_->Run(Steps({Book(9'998, {{kHallArea, 1}})})),
              HasCode(ErrorCode::kSeatNotAvailable));
}

TEST_P(AdversarialTest, PlacesThatAHoldDoesNotHaveCannotBeReleasedWithIt) {
  EXPECT_OK(lane_->Run(Shop::HoldPlaces(1, 5)));
  EXPECT_OK(other_->Run(Shop::HoldPlaces(2, 5)));
  const std::vector<Pick> six = {{kHallArea, 6}};
  EXPECT_THAT(lane_->Run(Steps({{0, Step::ToRelease(HoldId{1}, six)}})),
              HasCode(ErrorCode::kConflict));
  EXPECT_EQ(Floor().held, 10u);
}

TEST_P(AdversarialTest, WhatIsBookedCannotBeHeld) {
  EXPECT_OK(lane_->Run(Steps({Book(1, {{0, 1}})})));
  EXPECT_THAT(other_->Run(Shop::Hold(1, {0})), HasCode(ErrorCode::kSeatNotAvailable));
  EXPECT_EQ(Row(0).status, SeatStatus::kBooked);
}

// Many who let the house choose: nobody gets what another has, and nobody hears of an error but
// that there are no more.
TEST_P(AdversarialTest, BestAvailableGivesNoSeatTwice) {
  std::array<std::atomic<int>, 46> taken = {};
  std::atomic<int> got = 0;
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      EventLane& lane = t % 2 == 0 ? *lane_ : *other_;
      for (uint64_t i = 0; i < 8; ++i) {
        seat::BestAvailable found;
        const LaneApply choose = [&](LaneState& state, Timestamp now) -> StatusOr<LaneEffect> {
          seat::BestAvailableRequest request;
          request.quantity = 2;
          LaneEffect effect;
          TICKETING_ASSIGN_OR_RETURN(effect.changes, state.seats.HoldBestAvailable(
                                                         0, HoldId{1 + t * 100 + i}, request,
                                                         now + Duration::Minutes(5), now, &found));
          return effect;
        };
        const Status status = lane.Run(choose);
        if (!status.ok()) {
          EXPECT_THAT(status, HasCode(ErrorCode::kNoAdjacentSeats));
          continue;
        }
        ++got;
        for (const Pick& pick : found.picks) EXPECT_EQ(taken[pick.index].exchange(1), 0);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(got, 22) << "44 seats, two at a time";
  EXPECT_EQ(Totals().held, 44u);
}

TEST_P(AdversarialTest, ChannelsAndWhatIsForSaleHoldAtEveryOwner) {
  seat::SaleRules rules;
  rules.channels = {seat::Channel{.key = "presale", .objects = {0, 1}}};
  rules.for_sale = seat::ForSale{false, {chart_->object(2).label}, {}, {}};
  EXPECT_OK(lane_->Run(SetRules(rules)));
  for (const uint32_t chair : {0u, 2u}) {
    const Status refused = other_->Run(Steps({Book(1, {{9, 1}, {chair, 1}})}));
    EXPECT_THAT(refused, HasCode(ErrorCode::kNotForSale));
    EXPECT_EQ(DetailsOf(refused).objects, std::vector<std::string>{chart_->object(chair).label});
  }
  seat::EventStep with_key = Book(1, {{0, 1}});
  with_key.step.access.channels = {"presale"};
  EXPECT_OK(other_->Run(Steps({with_key})));
  with_key.step.picks = {{1, 1}};
  with_key.step.access.channels = {"another"};
  EXPECT_THAT(other_->Run(Steps({with_key})), HasCode(ErrorCode::kNotForSale));
  EXPECT_EQ(Totals().booked, 1u);
}

TEST_P(AdversarialTest, AHoldHasACeilingHoweverOftenItIsExtended) {
  EXPECT_OK(lane_->Run(Shop::Hold(1, {0})));
  const Timestamp made = env_.clock.Now();
  const auto extend = [&](EventLane& lane, Timestamp until) {
    return lane.Run([until](LaneState& state, Timestamp now) -> StatusOr<LaneEffect> {
      LaneEffect effect;
      TICKETING_ASSIGN_OR_RETURN(effect.changes, state.seats.Extend(HoldId{1}, until, now));
      return effect;
    });
  };
  EXPECT_OK(extend(*other_, made + limits::kHoldMax));
  env_.clock.Advance(Duration::Minutes(30));
  EXPECT_THAT(extend(*lane_, made + limits::kHoldMax + Duration::Seconds(1)),
              HasCode(ErrorCode::kInvalidField));
  env_.clock.SetNow(made + limits::kHoldMax);
  EXPECT_OK(other_->ExpireHolds());
  EXPECT_OK(other_->Run(Shop::Hold(2, {0})));
}

// The answer of a booking is lost, and whoever waited for it asks again.
TEST_P(AdversarialTest, ARetryAfterALostAnswerSellsOnce) {
  for (uint64_t sale = 1; sale <= 3; ++sale) {
    EXPECT_OK(lane_->Run(Shop::Hold(sale, {static_cast<uint32_t>(sale)})));
    // The news of the commit is what fails last: count how many steps there are, then lose that.
    bool lost = false;
    for (int step = 1; !lost; ++step) {
      ASSERT_LT(step, 60);
      tricky_->FailAt(step);
      const Status first = lane_->Run(Shop::Book(sale, sale));
      tricky_->FailAt(INT32_MAX);
      const bool is_stored = Sql("SELECT COUNT(*) FROM orders WHERE id = " + std::to_string(sale));
      if (first.ok()) EXPECT_TRUE(is_stored);
      lost = is_stored;
    }
    EXPECT_FALSE(lane_->Run(Shop::Book(sale, sale)).ok()) << "the hold was used up";
    EXPECT_EQ(Row(static_cast<uint32_t>(sale)).order, OrderId{sale});
  }
  EXPECT_EQ(Totals().booked, 3u);
  Audit();
}

}  // namespace
}  // namespace ticketing
