// Many threads, lanes and processes that want the same seats.
#include <array>
#include <atomic>
#include <map>
#include <thread>

#include "tests/lane/lane_world.h"
#include "tests/seat/chart_fixture.h"
#include "ticketing/lane/history.h"

namespace ticketing {
namespace {

class RaceTest : public LaneTest {};
INSTANTIATE_TEST_SUITE_P(Engines, RaceTest, AllEngines(), NameOf);

// Every change of a seat is told in the log, one after the other: a seat that is taken twice in a
// row was sold twice.
void ExpectEverySeatChangesHandsInTurn(Database& database) {
  std::map<uint32_t, uint64_t> owner;
  EXPECT_OK(database.Read([&](SqlTransaction& tx) {
    std::vector<HistoryEntry> entries;
    TICKETING_RETURN_IF_ERROR(ReadHistory(tx, kLane, {}, [&](const HistoryEntry& entry) {
      entries.push_back(entry);
      return true;
    }));
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
      uint64_t& has = owner[entry->row.index];
      switch (entry->row.status) {
        case seat::SeatStatus::kHeld:
          EXPECT_EQ(has, 0u);
          has = entry->row.hold.value;
          break;
        case seat::SeatStatus::kBooked:
          EXPECT_EQ(has, entry->row.order.value);
          break;
        default:
          EXPECT_NE(has, 0u);
          has = 0;
      }
    }
    return OkStatus();
  }));
}

// Two lanes of one event with a database each, as two processes have them.
TEST_P(RaceTest, TwoLanesOfOneEventSellEverySeatOnce) {
  constexpr int kThreads = 4;
  constexpr int kCommands = 800;
  const std::unique_ptr<Database> second = engine_->Open();
  const std::unique_ptr<EventLane> other = MakeLane(*second);
  std::array<std::atomic<int>, 40> taken = {};  // by those who were told so
  std::atomic<int> sold = 0;
  std::atomic<int> aborted = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      EventLane& lane = t % 2 == 0 ? *lane_ : *other;
      seat::Sequence random(t);
      for (int i = 0; i < kCommands; ++i) {
        const uint64_t id = 1 + t * 10'000 + i;
        const uint32_t seat = random.Below(40);
        const Status held = lane.Run(Shop::Hold(id, {seat}));
        if (CodeOf(held) == ErrorCode::kAborted) ++aborted;
        if (!held.ok()) continue;
        EXPECT_EQ(taken[seat].exchange(1), 0);
        if (random.Chance(2)) {
          EXPECT_OK(lane.Run(Shop::Book(id, id)));
          ++sold;
        } else {
          taken[seat] = 0;
          EXPECT_OK(lane.Run(Shop::Release(id)));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(aborted, 0);
  EXPECT_EQ(Totals().booked, static_cast<uint64_t>(sold));
  EXPECT_EQ(Totals().held, 0u);
  EXPECT_EQ(Dump(*lane_), FreshDump());
  EXPECT_EQ(Dump(*other), FreshDump());
  Audit();
  ExpectEverySeatChangesHandsInTurn(*database_);
}

TEST_P(RaceTest, OfManyWhoWantOneSeatExactlyOneGetsIt) {
  for (uint32_t round = 0; round < 20; ++round) {
    std::atomic<int> got = 0;
    std::vector<std::thread> threads;
    for (uint64_t t = 1; t <= 8; ++t) {
      threads.emplace_back([&, t] {
        const Status held = lane_->Run(Shop::Hold(round * 100 + t, {round}));
        if (held.ok())
          ++got;
        else
          EXPECT_THAT(held, HasCode(ErrorCode::kSeatNotAvailable));
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(got, 1);
  }
}

// Whoever is told that he bought has the seat; whoever is told that he did not, has not, whatever
// the clock did meanwhile.
TEST_P(RaceTest, BookingAgainstExpiryHasOneOutcome) {
  std::atomic<bool> stop = false;
  std::thread clock([&] {
    while (!stop) {
      env_.clock.Advance(Duration::Seconds(40));
      (void)lane_->ExpireHolds();
      std::this_thread::yield();
    }
  });
  std::atomic<uint64_t> booked = 0;
  std::atomic<int> late = 0;
  std::vector<std::thread> buyers;
  for (uint64_t t = 0; t < 3; ++t) {
    buyers.emplace_back([&, t] {
      for (uint64_t i = 0; i < 200; ++i) {
        const uint64_t id = 1 + t * 1000 + i;
        const uint32_t seat = (t * 13 + i) % 40;
        if (!lane_->Run(Shop::Hold(id, {seat})).ok()) continue;
        for (int wait = 0; wait < 4; ++wait) (void)lane_->Run(Shop::Release(999'999));
        const Status status = lane_->Run(Shop::Book(id, id));
        if (status.ok()) {
          ++booked;
        } else {
          EXPECT_THAT(status, ::testing::AnyOf(HasCode(ErrorCode::kHoldNotFound),
                                               HasCode(ErrorCode::kHoldExpired)));
          ++late;
        }
      }
    });
  }
  for (std::thread& buyer : buyers) buyer.join();
  stop = true;
  clock.join();
  EXPECT_EQ(Totals().booked, booked);
  Audit();
  ExpectEverySeatChangesHandsInTurn(*database_);
}

// An owner that slept while another process took over: nothing it knows is believed.
TEST_P(RaceTest, AStaleOwnerThatWakesUpBelievesTheDatabase) {
  const std::unique_ptr<Database> second = engine_->Open();
  const std::unique_ptr<EventLane> other = MakeLane(*second);
  EXPECT_OK(lane_->Run(Shop::Hold(1, {0})));
  bool slept = false;
  tricky_->before_write = [&] {
    if (std::exchange(slept, true)) return;
    // What it wants to write is made, and then the other one goes on for a while.
    EXPECT_OK(other->Run(Shop::Hold(3, {1, 2})));
    EXPECT_OK(other->Run(Shop::Release(1)));
    EXPECT_OK(other->Run(Shop::Hold(5, {0})));
  };
  EXPECT_THAT(lane_->Run(Shop::Book(1, 1)), HasCode(ErrorCode::kHoldNotFound));
  EXPECT_TRUE(slept);
  EXPECT_THAT(lane_->Run(Shop::Hold(4, {2})), HasCode(ErrorCode::kSeatNotAvailable));
  EXPECT_OK(lane_->Run(Shop::Book(3, 3)));
  EXPECT_THAT(other->Run(Shop::Book(3, 4)), HasCode(ErrorCode::kHoldNotFound));
  Audit();
  EXPECT_EQ(Dump(*lane_), FreshDump());
}

}  // namespace
}  // namespace ticketing
