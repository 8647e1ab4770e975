#include "ticketing/seat/inventory.h"

#include <gmock/gmock.h>

#include "tests/seat/chart_fixture.h"
#include "ticketing/base/limits.h"

namespace ticketing::seat {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Timestamp At(int64_t seconds) {
  return Timestamp::FromSeconds(seconds);
}
constexpr HoldId kAnn = {11};
constexpr HoldId kBob = {12};
constexpr OrderId kOrder = {21};
constexpr OrderId kOther = {22};

SeatRow Held(uint32_t index, HoldId hold, uint32_t quantity = 1) {
  SeatRow row;
  row.index = index;
  row.quantity = quantity;
  row.status = SeatStatus::kHeld;
  row.hold = hold;
  return row;
}
SeatRow Booked(uint32_t index, OrderId order, uint32_t quantity = 1) {
  SeatRow row;
  row.index = index;
  row.quantity = quantity;
  row.status = SeatStatus::kBooked;
  row.order = order;
  return row;
}
SeatRow Free(uint32_t index) {
  SeatRow row;
  row.index = index;
  return row;
}
std::vector<SeatRow> RowsIn(const std::vector<SeatChange>& changes) {
  std::vector<SeatRow> rows;
  for (const SeatChange& change : changes) rows.push_back(change.row);
  return rows;
}

class InventoryTest : public testing::Test {
 protected:
  std::vector<Pick> P(std::initializer_list<std::string> labels) { return Picks(*chart_, labels); }
  std::vector<Pick> Places(const std::string& area, int64_t quantity) {
    return {{chart_->Find(area).value(), quantity}};
  }
  SeatStatus StatusOf(const std::string& label) {
    return inventory_.status(chart_->Find(label).value());
  }
  std::vector<std::string> Objects(const Status& status) { return DetailsOf(status).objects; }
  std::string Field(const Status& status) {
    EXPECT_EQ(CodeOf(status), ErrorCode::kInvalidField) << status;
    const auto fields = DetailsOf(status).fields;
    return fields.empty() ? "" : fields[0].field;
  }
  // That a refused command left everything as it was.
  void ExpectUntouched() {
    EXPECT_EQ(inventory_.version(), version_);
    EXPECT_EQ(inventory_.Rows(), rows_);
    EXPECT_EQ(inventory_.Holds(), holds_);
  }
  void Remember() {
    version_ = inventory_.version();
    rows_ = inventory_.Rows();
    holds_ = inventory_.Holds();
  }

  std::shared_ptr<const Chart> chart_ = SmallChart();
  Inventory inventory_{chart_};
  uint64_t version_ = 0;
  std::vector<SeatRow> rows_;
  std::vector<Hold> holds_;
};

TEST_F(InventoryTest, AHoldSaysExactlyWhatItChanged) {
  const auto changes =
      inventory_.Apply(Step::ToHold(kAnn, P({"Palco 1", "Norte-A-2"}), At(900)), At(0));
  ASSERT_TRUE(changes.ok()) << changes.status();
  EXPECT_EQ(changes->version, 1u);
  EXPECT_THAT(RowsIn(changes->seats), ElementsAre(Held(1, kAnn), Held(24, kAnn)));
  EXPECT_THAT(changes->holds, ElementsAre(Hold{kAnn, At(0), At(900), false}));
  EXPECT_EQ(StatusOf("Norte-A-2"), SeatStatus::kHeld);
  EXPECT_EQ(StatusOf("Norte-A-3"), SeatStatus::kFree);
}

TEST_F(InventoryTest, OneOfTwoGetsTheSeatAndTheOtherHearsWhich) {
  ASSERT_TRUE(
      inventory_.Apply(Step::ToHold(kAnn, P({"Norte-A-2", "Norte-A-3"}), At(900)), At(0)).ok());
  Remember();
  const auto refused = inventory_.Apply(
      Step::ToHold(kBob, P({"Norte-A-1", "Norte-A-2", "Norte-A-3"}), At(900)), At(0));
  EXPECT_EQ(CodeOf(refused.status()), ErrorCode::kSeatNotAvailable);
  EXPECT_THAT(Objects(refused.status()), ElementsAre("Norte-A-2", "Norte-A-3"));
  ExpectUntouched();
}

TEST_F(InventoryTest, AHoldGrowsKeepsTheLaterExpiryAndAcceptsWhatItHas) {
  ASSERT_TRUE(inventory_.Apply(Step::ToHold(kAnn, P({"Norte-A-2"}), At(900)), At(0)).ok());
  auto more = inventory_.Apply(Step::ToHold(kAnn, P({"Norte-A-2", "Norte-A-3"}), At(500)), At(100));
  ASSERT_TRUE(more.ok());
  EXPECT_THAT(more->seats, SizeIs(1));
  EXPECT_THAT(more->holds, ElementsAre(Hold{kAnn, At(0), At(900), false}));
  more = inventory_.Apply(Step::ToHold(kAnn, P({"Norte-A-2"}), At(900)), At(200));
  ASSERT_TRUE(more.ok());
  EXPECT_THAT(more->seats, IsEmpty());
  EXPECT_EQ(more->version, 2u);
  ASSERT_TRUE(inventory_.Apply(Step::ToHold(kAnn, P({"Norte-A-4"}), At(1000)), At(200)).ok());
  EXPECT_EQ(inventory_.FindHold(kAnn)->expires_at, At(1000));
}

TEST_F(InventoryTest, ListsThatMakeNoSenseAreRefused) {
  const auto hold = [&](std::vector<Pick> picks) {
    return inventory_.Apply(Step::ToHold(kAnn, picks, At(900)), At(0)).status();
  };
  EXPECT_EQ(Field(hold({})), "objects");
  EXPECT_EQ(Field(hold(std::vector<Pick>(limits::kObjectsPerCommandMax + 1))), "objects");
  EXPECT_EQ(Field(hold(P({"Norte-A-1", "Norte-A-2", "Norte-A-1"}))), "objects[2]");
  EXPECT_EQ(Field(hold({{0, 0}})), "objects[0].quantity");
  EXPECT_EQ(Field(hold({{0, 2}})), "objects[0].quantity");
  EXPECT_EQ(Field(hold(Places("Pie 1", -1))), "objects[0].quantity");
  EXPECT_EQ(Field(hold(Places("Pie 1", 6))), "objects[0].quantity");
  EXPECT_EQ(Field(hold(Places("Pie 1", INT64_MAX))), "objects[0].quantity");
  EXPECT_EQ(CodeOf(hold({{28, 1}})), ErrorCode::kUnknownObject);
  EXPECT_THAT(Objects(hold({{28, 1}, {kNone, 1}})), ElementsAre("#28", "#4294967295"));
  EXPECT_EQ(
      Field(inventory_.Apply(Step::ToHold(HoldId(), P({"Norte-A-1"}), At(9)), At(0)).status()),
      "hold");
  ExpectUntouched();
}

TEST_F(InventoryTest, ExpiriesLieInTheFutureAndBelowTheCeiling) {
  const int64_t most = limits::kHoldMax.seconds();
  const auto hold = [&](Timestamp expires_at, Timestamp now) {
    return inventory_.Apply(Step::ToHold(kAnn, P({"Norte-A-1"}), expires_at), now).status();
  };
  EXPECT_EQ(Field(hold(At(100), At(100))), "expires_at");
  EXPECT_EQ(Field(hold(At(100 + most + 1), At(100))), "expires_at");
  EXPECT_TRUE(hold(At(100 + most), At(100)).ok());
  // The ceiling counts from the first hold, however often it is extended.
  EXPECT_EQ(Field(inventory_.Extend(kAnn, At(101 + most), At(200)).status()), "expires_at");
  EXPECT_TRUE(inventory_.Extend(kAnn, At(300), At(200)).ok());
  EXPECT_EQ(CodeOf(inventory_.Extend(kAnn, At(400), At(300)).status()), ErrorCode::kHoldExpired);
  EXPECT_EQ(CodeOf(inventory_.Extend(kBob, At(400), At(300)).status()), ErrorCode::kHoldNotFound);
}

TEST_F(InventoryTest, AreasCountHeldAndBookedPlaces) {
  ASSERT_TRUE(inventory_.Apply(Step::ToHold(kAnn, Places("Pie 1", 2), At(900)), At(0)).ok());
  ASSERT_TRUE(inventory_.Apply(Step::ToBook(kOrder, Places("Pie 1", 2)), At(1)).ok());
  Remember();
  const auto refused = inventory_.Apply(Step::ToHold(kBob, Places("Pie 1", 2), At(900)), At(0));
  EXPECT_THAT(Objects(refused.status()), ElementsAre("Pie 1"));
  ExpectUntouched();
  // More for the same hold adds up in one row.
  const auto more = inventory_.Apply(Step::ToHold(kAnn, Places("Pie 1", 1), At(900)), At(0));
  ASSERT_TRUE(more.ok());
  EXPECT_THAT(RowsIn(more->seats), ElementsAre(Held(26, kAnn, 3)));
  const AreaState area = inventory_.area(26);
  EXPECT_EQ(area.held, 3u);
  EXPECT_EQ(area.booked, 2u);
  EXPECT_EQ(area.free(), 0u);
}

TEST_F(InventoryTest, BookingTakesAllOfTheHoldAndEndsIt) {
  std::vector<Pick> picks = P({"Norte-A-2", "Palco 2"});
  picks.push_back({27, 2});
  ASSERT_TRUE(inventory_.Apply(Step::ToHold(kAnn, picks, At(900)), At(0)).ok());
  const auto booked = inventory_.Book(kAnn, kOrder, At(899));
  ASSERT_TRUE(booked.ok());
  EXPECT_THAT(RowsIn(booked->seats), ElementsAre(Booked(1, kOrder), Booked(25, kOrder),
                                                 Held(27, kAnn, 0), Booked(27, kOrder, 2)));
  EXPECT_THAT(booked->holds, ElementsAre(Hold{kAnn, At(0), At(900), true}));
  EXPECT_EQ(inventory_.FindHold(kAnn), std::nullopt);
  EXPECT_THAT(inventory_.RowsOf(kOrder), SizeIs(3));
  EXPECT_EQ(CodeOf(inventory_.Book(kAnn, kOther, At(899)).status()), ErrorCode::kHoldNotFound);
}

TEST_F(InventoryTest, AnExpiredHoldCannotBeBookedButKeepsItsSeatsUntilSwept) {
  ASSERT_TRUE(inventory_.Apply(Step::ToHold(kAnn, P({"Norte-A-2"}), At(900)), At(0)).ok());
  Remember();
  EXPECT_EQ(CodeOf(inventory_.Book(kAnn, kOrder, At(900)).status()), ErrorCode::kHoldExpired);
  EXPECT_EQ(
      CodeOf(inventory_.Apply(Step::ToHold(kAnn, P({"Norte-A-3"}), At(1800)), At(900)).status()),
      ErrorCode::kHoldExpired);
  EXPECT_EQ(CodeOf(inventory_.Apply(Step::ToBook(kOrder, P({"Norte-A-2"})), At(1)).status()),
            ErrorCode::kSeatNotAvailable);
  ExpectUntouched();
  EXPECT_THAT(inventory_.ExpireHolds(At(899)).holds, IsEmpty());
  ExpectUntouched();
  const Changes swept = inventory_.ExpireHolds(At(900));
  EXPECT_EQ(swept.version, 2u);
  EXPECT_THAT(RowsIn(swept.seats), ElementsAre(Free(1)));
  EXPECT_THAT(swept.holds, ElementsAre(Hold{kAnn, At(0), At(900), true}));
  EXPECT_TRUE(inventory_.Apply(Step::ToBook(kOrder, P({"Norte-A-2"})), At(1)).ok());
}

TEST_F(InventoryTest, ExpiryNeverFreesWhatWasBooked) {
  ASSERT_TRUE(inventory_.Apply(Step::ToHold(kAnn, P({"Norte-A-2"}), At(900)), At(0)).ok());
  ASSERT_TRUE(inventory_.Book(kAnn, kOrder, At(899)).ok());
  // The same hold id comes back with another seat: its old expiry must not count either.
  ASSERT_TRUE(inventory_.Apply(Step::ToHold(kAnn, P({"Norte-A-3"}), At(1000)), At(899)).ok());
  EXPECT_THAT(inventory_.ExpireHolds(At(950)).seats, IsEmpty());
  EXPECT_THAT(inventory_.ExpireHolds(At(99999)).seats, SizeIs(1));
  EXPECT_EQ(StatusOf("Norte-A-2"), SeatStatus::kBooked);
  EXPECT_EQ(StatusOf("Norte-A-3"), SeatStatus::kFree);
}

TEST_F(InventoryTest, HoldsExpireInOrderOfTheirExpiryHoweverOftenTheyMoved) {
  ASSERT_TRUE(inventory_.Apply(Step::ToHold(kAnn, P({"Norte-A-1"}), At(500)), At(0)).ok());
  ASSERT_TRUE(inventory_.Apply(Step::ToHold(kBob, P({"Norte-A-2"}), At(600)), At(0)).ok());
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(inventory_.Extend(kAnn, At(700 + i % 2), At(1)).ok());
  }
  ASSERT_TRUE(inventory_.Extend(kBob, At(650), At(1)).ok());
  EXPECT_LE(inventory_.NextExpiry(), At(650));
  EXPECT_THAT(inventory_.ExpireHolds(At(649)).holds, IsEmpty());
  const Changes swept = inventory_.ExpireHolds(At(701));
  ASSERT_THAT(swept.holds, SizeIs(2));
  EXPECT_EQ(swept.holds[0].id, kBob);
  EXPECT_EQ(swept.holds[1].id, kAnn);
  EXPECT_EQ(inventory_.NextExpiry(), std::nullopt);
}

TEST_F(InventoryTest, ReleaseOfAPartLeavesTheRest) {
  std::vector<Pick> picks = P({"Norte-A-1", "Norte-A-2", "Norte-A-3"});
  picks.push_back({26, 3});
  ASSERT_TRUE(inventory_.Apply(Step::ToHold(kAnn, picks, At(900)), At(0)).ok());
  ASSERT_TRUE(
      inventory_.Apply(Step::ToRelease(kAnn, std::vector<Pick>{{1, 1}, {26, 2}}), At(1)).ok());
  EXPECT_EQ(StatusOf("Norte-A-2"), SeatStatus::kFree);
  EXPECT_THAT(inventory_.RowsOf(kAnn),
              ElementsAre(Held(0, kAnn), Held(2, kAnn), Held(26, kAnn, 1)));
  Remember();
  const auto refused =
      inventory_.Apply(Step::ToRelease(kAnn, std::vector<Pick>{{0, 1}, {1, 1}, {26, 2}}), At(1));
  EXPECT_EQ(CodeOf(refused.status()), ErrorCode::kConflict);
  EXPECT_THAT(Objects(refused.status()), ElementsAre("Norte-A-2", "Pie 1"));
  ExpectUntouched();
  EXPECT_EQ(CodeOf(inventory_.Apply(Step::ToRelease(kBob, P({"Norte-A-1"})), At(1)).status()),
            ErrorCode::kHoldNotFound);
  const auto rest =
      inventory_.Apply(Step::ToRelease(kAnn, std::vector<Pick>{{0, 1}, {2, 1}, {26, 1}}), At(1));
  ASSERT_TRUE(rest.ok());
  EXPECT_THAT(rest->holds, ElementsAre(Hold{kAnn, At(0), At(900), true}));
  EXPECT_THAT(inventory_.Rows(), IsEmpty());
}

TEST_F(InventoryTest, ReleaseFreesAll) {
  std::vector<Pick> picks = P({"Norte-A-1", "Palco 1"});
  picks.push_back({26, 3});
  ASSERT_TRUE(inventory_.Apply(Step::ToHold(kAnn, picks, At(900)), At(0)).ok());
  const auto released = inventory_.Release(kAnn);
  ASSERT_TRUE(released.ok());
  EXPECT_THAT(released->seats, SizeIs(3));
  EXPECT_THAT(inventory_.Rows(), IsEmpty());
  EXPECT_EQ(inventory_.area(26).held, 0u);
  EXPECT_EQ(CodeOf(inventory_.Release(kAnn).status()), ErrorCode::kHoldNotFound);
}

TEST_F(InventoryTest, ARefundFreesOnlyWhatTheOrderHas) {
  ASSERT_TRUE(
      inventory_.Apply(Step::ToBook(kOrder, std::vector<Pick>{{1, 1}, {2, 1}, {26, 3}}), At(1))
          .ok());
  ASSERT_TRUE(
      inventory_.Apply(Step::ToBook(kOther, std::vector<Pick>{{3, 1}, {26, 1}}), At(1)).ok());
  Remember();
  const auto refused = inventory_.Apply(
      Step::ToRefund(kOrder, std::vector<Pick>{{1, 1}, {3, 1}, {4, 1}, {26, 4}}), At(1));
  EXPECT_EQ(CodeOf(refused.status()), ErrorCode::kConflict);
  EXPECT_THAT(Objects(refused.status()), ElementsAre("Norte-A-4", "Norte-A-5", "Pie 1"));
  ExpectUntouched();
  const auto refunded =
      inventory_.Apply(Step::ToRefund(kOrder, std::vector<Pick>{{1, 1}, {26, 2}}), At(1));
  ASSERT_TRUE(refunded.ok());
  EXPECT_THAT(RowsIn(refunded->seats), ElementsAre(Free(1), Booked(26, kOrder, 1)));
  EXPECT_TRUE(inventory_.Apply(Step::ToHold(kAnn, P({"Norte-A-2"}), At(900)), At(0)).ok());
}

TEST_F(InventoryTest, AHoldAndAnOrderWithTheSameNumberStayApart) {
  ASSERT_TRUE(inventory_.Apply(Step::ToHold({5}, Places("Pie 1", 2), At(900)), At(0)).ok());
  ASSERT_TRUE(inventory_.Apply(Step::ToBook({5}, Places("Pie 1", 1)), At(1)).ok());
  ASSERT_TRUE(inventory_.Book({5}, {5}, At(1)).ok());
  EXPECT_EQ(inventory_.area(26).booked, 3u);
  EXPECT_THAT(inventory_.Rows(), SizeIs(1));
}

TEST_F(InventoryTest, LabelsResolveOrAreAllNamed) {
  const std::vector<LabelPick> good = {{"Norte-A-1"}, {"Pie 1", 3}};
  const auto picks = ResolveLabels(*chart_, good);
  ASSERT_TRUE(picks.ok());
  EXPECT_THAT(*picks, ElementsAre(Pick{0, 1}, Pick{26, 3}));
  const std::vector<LabelPick> bad = {
      {"Norte-A-1"}, {"Z-1"}, {"\"'🎸"}, {"a\nb"}, {std::string(1000, 'x')}};
  const Status refused = ResolveLabels(*chart_, bad).status();
  EXPECT_EQ(CodeOf(refused), ErrorCode::kUnknownObject);
  EXPECT_THAT(Objects(refused),
              ElementsAre("Z-1", "\"'🎸", "\"a?b\"", "\"" + std::string(40, 'x') + "...\""));
  EXPECT_EQ(Field(ResolveLabels(*chart_, {}).status()), "objects");
}

TEST_F(InventoryTest, TotalsCountByCategory) {
  ASSERT_TRUE(
      inventory_.Apply(Step::ToHold(kAnn, P({"Norte-A-1", "Norte-B-1"}), At(900)), At(0)).ok());
  ASSERT_TRUE(inventory_.Apply(Step::ToBook(kOrder, Places("Pie 1", 4)), At(1)).ok());
  const std::vector<CategoryTotals> totals = inventory_.TotalsByCategory();
  ASSERT_THAT(totals, SizeIs(3));
  EXPECT_EQ(totals[0].free, 8u + 1 + 2 - 1);  // P: row A, Sur-A-6, two suites; one is held
  EXPECT_EQ(totals[0].held, 1u);
  EXPECT_EQ(totals[1].held, 1u);
  EXPECT_EQ(totals[2].booked, 4u);
  EXPECT_EQ(totals[2].free, 4u);
}

TEST_F(InventoryTest, LoadsWhatItGave) {
  std::vector<Pick> picks = P({"Norte-A-1", "Palco 1"});
  picks.push_back({26, 3});
  ASSERT_TRUE(inventory_.Apply(Step::ToHold(kAnn, picks, At(900)), At(0)).ok());
  ASSERT_TRUE(
      inventory_.Apply(Step::ToBook(kOrder, std::vector<Pick>{{5, 1}, {26, 2}}), At(1)).ok());
  Inventory loaded(chart_);
  ASSERT_TRUE(loaded.Restore(inventory_.Snapshot()).ok());
  ASSERT_TRUE(loaded.CheckWhole().ok());
  EXPECT_EQ(loaded.version(), 2u);
  EXPECT_EQ(loaded.Snapshot(), inventory_.Snapshot());
  EXPECT_EQ(loaded.area(26).free(), 0u);
  EXPECT_THAT(loaded.ExpireHolds(At(900)).seats, SizeIs(3));
}

TEST_F(InventoryTest, DamagedRowsAreNeverLoaded) {
  const Hold hold = {kAnn, At(0), At(900), false};
  const auto load = [&](std::vector<SeatRow> rows, std::vector<Hold> holds) {
    Changes changes;
    changes.version = 1;
    for (const SeatRow& row : rows) changes.seats.push_back({row, SeatStatus::kFree, 0});
    changes.holds = std::move(holds);
    Inventory inventory(chart_);
    Status status = inventory.Restore(changes);
    if (status.ok()) status = inventory.CheckWhole();
    return CodeOf(status);
  };
  const SeatRow held = Held(1, kAnn);
  const SeatRow booked = Booked(2, kOrder);
  const SeatRow places = Booked(26, kOrder, 5);
  ASSERT_EQ(load({held, booked, places}, {hold}), ErrorCode::kOk);
  const auto with = [](SeatRow row, auto change) {
    change(row);
    return row;
  };
  const std::vector<SeatRow> bad = {
      with(booked, [](SeatRow& r) { r.index = 28; }),
      with(booked, [](SeatRow& r) { r.quantity = 2; }),
      with(booked, [](SeatRow& r) { r.channel = 2; }),
      with(booked, [](SeatRow& r) { r.hold = kAnn; }),
      with(booked, [](SeatRow& r) { r.status = SeatStatus::kCustom; }),
      with(booked, [](SeatRow& r) { r.custom = "kill"; }),
      with(held, [](SeatRow& r) { r.index = 3, r.hold = kBob; }),
      with(held, [](SeatRow& r) { r.hold = {}; }),
      with(places, [](SeatRow& r) { r.quantity = 6; }),
      with(places, [](SeatRow& r) { r.status = SeatStatus::kFree, r.order = {}; }),
      with(places, [](SeatRow& r) { r.resale = true; }),
  };
  for (size_t i = 0; i < bad.size(); ++i) {
    EXPECT_EQ(load({held, bad[i]}, {hold}), ErrorCode::kDataLoss) << i;
  }
  EXPECT_EQ(load({held}, {}), ErrorCode::kDataLoss);
  EXPECT_EQ(load({}, {hold}), ErrorCode::kDataLoss) << "a hold that holds nothing";
  Hold ended = hold;
  ended.ended = true;
  EXPECT_EQ(load({held}, {hold, ended}), ErrorCode::kDataLoss) << "ended with seats";
  EXPECT_EQ(load({}, {ended}), ErrorCode::kDataLoss) << "ended before it began";
}

}  // namespace
}  // namespace ticketing::seat
