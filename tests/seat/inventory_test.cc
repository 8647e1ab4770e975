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
  const auto changes = inventory_.HoldObjects(kAnn, P({"Palco 1", "Norte-A-2"}), At(900), At(0));
  ASSERT_TRUE(changes.ok()) << changes.status();
  EXPECT_EQ(changes->version, 1u);
  EXPECT_THAT(changes->seats, ElementsAre(SeatRow{1, 0, SeatStatus::kHeld, 1, kAnn, {}},
                                          SeatRow{24, 0, SeatStatus::kHeld, 1, kAnn, {}}));
  EXPECT_THAT(changes->holds, ElementsAre(Hold{kAnn, At(0), At(900), false}));
  EXPECT_EQ(StatusOf("Norte-A-2"), SeatStatus::kHeld);
  EXPECT_EQ(StatusOf("Norte-A-3"), SeatStatus::kFree);
}

TEST_F(InventoryTest, OneOfTwoGetsTheSeatAndTheOtherHearsWhich) {
  ASSERT_TRUE(inventory_.HoldObjects(kAnn, P({"Norte-A-2", "Norte-A-3"}), At(900), At(0)).ok());
  Remember();
  const auto refused =
      inventory_.HoldObjects(kBob, P({"Norte-A-1", "Norte-A-2", "Norte-A-3"}), At(900), At(0));
  EXPECT_EQ(CodeOf(refused.status()), ErrorCode::kSeatNotAvailable);
  EXPECT_THAT(Objects(refused.status()), ElementsAre("Norte-A-2", "Norte-A-3"));
  ExpectUntouched();
}

TEST_F(InventoryTest, AHoldGrowsKeepsTheLaterExpiryAndAcceptsWhatItHas) {
  ASSERT_TRUE(inventory_.HoldObjects(kAnn, P({"Norte-A-2"}), At(900), At(0)).ok());
  auto more = inventory_.HoldObjects(kAnn, P({"Norte-A-2", "Norte-A-3"}), At(500), At(100));
  ASSERT_TRUE(more.ok());
  EXPECT_THAT(more->seats, SizeIs(1));
  EXPECT_THAT(more->holds, ElementsAre(Hold{kAnn, At(0), At(900), false}));
  more = inventory_.HoldObjects(kAnn, P({"Norte-A-2"}), At(900), At(200));
  ASSERT_TRUE(more.ok());
  EXPECT_THAT(more->seats, IsEmpty());
  EXPECT_EQ(more->version, 2u);
  ASSERT_TRUE(inventory_.HoldObjects(kAnn, P({"Norte-A-4"}), At(1000), At(200)).ok());
  EXPECT_EQ(inventory_.FindHold(kAnn)->expires_at, At(1000));
}

TEST_F(InventoryTest, ListsThatMakeNoSenseAreRefused) {
  const auto hold = [&](std::vector<Pick> picks) {
    return inventory_.HoldObjects(kAnn, picks, At(900), At(0)).status();
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
  EXPECT_EQ(Field(inventory_.HoldObjects({}, P({"Norte-A-1"}), At(9), At(0)).status()), "hold");
  EXPECT_EQ(Field(inventory_.BookDirect({}, P({"Norte-A-1"})).status()), "order");
  ExpectUntouched();
}

TEST_F(InventoryTest, ExpiriesLieInTheFutureAndBelowTheCeiling) {
  const int64_t most = limits::kHoldMax.seconds();
  const auto hold = [&](Timestamp expires_at, Timestamp now) {
    return inventory_.HoldObjects(kAnn, P({"Norte-A-1"}), expires_at, now).status();
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
  ASSERT_TRUE(inventory_.HoldObjects(kAnn, Places("Pie 1", 2), At(900), At(0)).ok());
  ASSERT_TRUE(inventory_.BookDirect(kOrder, Places("Pie 1", 2)).ok());
  Remember();
  const auto refused = inventory_.HoldObjects(kBob, Places("Pie 1", 2), At(900), At(0));
  EXPECT_THAT(Objects(refused.status()), ElementsAre("Pie 1"));
  ExpectUntouched();
  // More for the same hold adds up in one row.
  const auto more = inventory_.HoldObjects(kAnn, Places("Pie 1", 1), At(900), At(0));
  ASSERT_TRUE(more.ok());
  EXPECT_THAT(more->seats,
              ElementsAre(SeatRow{26, SeatRow::PartOf(kAnn), SeatStatus::kHeld, 3, kAnn, {}}));
  const AreaState area = inventory_.area(26);
  EXPECT_EQ(area.held, 3u);
  EXPECT_EQ(area.booked, 2u);
  EXPECT_EQ(area.free(), 0u);
}

TEST_F(InventoryTest, BookingTakesAllOfTheHoldAndEndsIt) {
  std::vector<Pick> picks = P({"Norte-A-2", "Palco 2"});
  picks.push_back({27, 2});
  ASSERT_TRUE(inventory_.HoldObjects(kAnn, picks, At(900), At(0)).ok());
  const auto booked = inventory_.Book(kAnn, kOrder, At(899));
  ASSERT_TRUE(booked.ok());
  EXPECT_THAT(
      booked->seats,
      ElementsAre(SeatRow{1, 0, SeatStatus::kBooked, 1, {}, kOrder},
                  SeatRow{25, 0, SeatStatus::kBooked, 1, {}, kOrder},
                  SeatRow{27, SeatRow::PartOf(kAnn), SeatStatus::kFree, 0, {}, {}},
                  SeatRow{27, SeatRow::PartOf(kOrder), SeatStatus::kBooked, 2, {}, kOrder}));
  EXPECT_THAT(booked->holds, ElementsAre(Hold{kAnn, At(0), At(900), true}));
  EXPECT_EQ(inventory_.FindHold(kAnn), std::nullopt);
  EXPECT_THAT(inventory_.RowsOf(kOrder), SizeIs(3));
  EXPECT_EQ(CodeOf(inventory_.Book(kAnn, kOther, At(899)).status()), ErrorCode::kHoldNotFound);
}

TEST_F(InventoryTest, AnExpiredHoldCannotBeBookedButKeepsItsSeatsUntilSwept) {
  ASSERT_TRUE(inventory_.HoldObjects(kAnn, P({"Norte-A-2"}), At(900), At(0)).ok());
  Remember();
  EXPECT_EQ(CodeOf(inventory_.Book(kAnn, kOrder, At(900)).status()), ErrorCode::kHoldExpired);
  EXPECT_EQ(CodeOf(inventory_.HoldObjects(kAnn, P({"Norte-A-3"}), At(1800), At(900)).status()),
            ErrorCode::kHoldExpired);
  EXPECT_EQ(CodeOf(inventory_.BookDirect(kOrder, P({"Norte-A-2"})).status()),
            ErrorCode::kSeatNotAvailable);
  ExpectUntouched();
  EXPECT_THAT(inventory_.ExpireHolds(At(899)).holds, IsEmpty());
  ExpectUntouched();
  const Changes swept = inventory_.ExpireHolds(At(900));
  EXPECT_EQ(swept.version, 2u);
  EXPECT_THAT(swept.seats, ElementsAre(SeatRow{1, 0, SeatStatus::kFree, 1, {}, {}}));
  EXPECT_THAT(swept.holds, ElementsAre(Hold{kAnn, At(0), At(900), true}));
  EXPECT_TRUE(inventory_.BookDirect(kOrder, P({"Norte-A-2"})).ok());
}

TEST_F(InventoryTest, ExpiryNeverFreesWhatWasBooked) {
  ASSERT_TRUE(inventory_.HoldObjects(kAnn, P({"Norte-A-2"}), At(900), At(0)).ok());
  ASSERT_TRUE(inventory_.Book(kAnn, kOrder, At(899)).ok());
  // The same hold id comes back with another seat: its old expiry must not count either.
  ASSERT_TRUE(inventory_.HoldObjects(kAnn, P({"Norte-A-3"}), At(1000), At(899)).ok());
  EXPECT_THAT(inventory_.ExpireHolds(At(950)).seats, IsEmpty());
  EXPECT_THAT(inventory_.ExpireHolds(At(99999)).seats, SizeIs(1));
  EXPECT_EQ(StatusOf("Norte-A-2"), SeatStatus::kBooked);
  EXPECT_EQ(StatusOf("Norte-A-3"), SeatStatus::kFree);
}

TEST_F(InventoryTest, HoldsExpireInOrderOfTheirExpiryHoweverOftenTheyMoved) {
  ASSERT_TRUE(inventory_.HoldObjects(kAnn, P({"Norte-A-1"}), At(500), At(0)).ok());
  ASSERT_TRUE(inventory_.HoldObjects(kBob, P({"Norte-A-2"}), At(600), At(0)).ok());
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
  ASSERT_TRUE(inventory_.HoldObjects(kAnn, picks, At(900), At(0)).ok());
  ASSERT_TRUE(inventory_.Release(kAnn, std::vector<Pick>{{1, 1}, {26, 2}}).ok());
  EXPECT_EQ(StatusOf("Norte-A-2"), SeatStatus::kFree);
  EXPECT_THAT(inventory_.RowsOf(kAnn),
              ElementsAre(SeatRow{0, 0, SeatStatus::kHeld, 1, kAnn, {}},
                          SeatRow{2, 0, SeatStatus::kHeld, 1, kAnn, {}},
                          SeatRow{26, SeatRow::PartOf(kAnn), SeatStatus::kHeld, 1, kAnn, {}}));
  Remember();
  const auto refused = inventory_.Release(kAnn, std::vector<Pick>{{0, 1}, {1, 1}, {26, 2}});
  EXPECT_EQ(CodeOf(refused.status()), ErrorCode::kConflict);
  EXPECT_THAT(Objects(refused.status()), ElementsAre("Norte-A-2", "Pie 1"));
  ExpectUntouched();
  EXPECT_EQ(CodeOf(inventory_.Release(kBob, P({"Norte-A-1"})).status()), ErrorCode::kHoldNotFound);
  const auto rest = inventory_.Release(kAnn, std::vector<Pick>{{0, 1}, {2, 1}, {26, 1}});
  ASSERT_TRUE(rest.ok());
  EXPECT_THAT(rest->holds, ElementsAre(Hold{kAnn, At(0), At(900), true}));
  EXPECT_THAT(inventory_.Rows(), IsEmpty());
}

TEST_F(InventoryTest, ReleaseFreesAll) {
  std::vector<Pick> picks = P({"Norte-A-1", "Palco 1"});
  picks.push_back({26, 3});
  ASSERT_TRUE(inventory_.HoldObjects(kAnn, picks, At(900), At(0)).ok());
  const auto released = inventory_.Release(kAnn);
  ASSERT_TRUE(released.ok());
  EXPECT_THAT(released->seats, SizeIs(3));
  EXPECT_THAT(inventory_.Rows(), IsEmpty());
  EXPECT_EQ(inventory_.area(26).held, 0u);
  EXPECT_EQ(CodeOf(inventory_.Release(kAnn).status()), ErrorCode::kHoldNotFound);
}

TEST_F(InventoryTest, ARefundFreesOnlyWhatTheOrderHas) {
  ASSERT_TRUE(inventory_.BookDirect(kOrder, std::vector<Pick>{{1, 1}, {2, 1}, {26, 3}}).ok());
  ASSERT_TRUE(inventory_.BookDirect(kOther, std::vector<Pick>{{3, 1}, {26, 1}}).ok());
  Remember();
  const auto refused =
      inventory_.Unbook(kOrder, std::vector<Pick>{{1, 1}, {3, 1}, {4, 1}, {26, 4}});
  EXPECT_EQ(CodeOf(refused.status()), ErrorCode::kConflict);
  EXPECT_THAT(Objects(refused.status()), ElementsAre("Norte-A-4", "Norte-A-5", "Pie 1"));
  ExpectUntouched();
  const auto refunded = inventory_.Unbook(kOrder, std::vector<Pick>{{1, 1}, {26, 2}});
  ASSERT_TRUE(refunded.ok());
  EXPECT_THAT(
      refunded->seats,
      ElementsAre(SeatRow{1, 0, SeatStatus::kFree, 1, {}, {}},
                  SeatRow{26, SeatRow::PartOf(kOrder), SeatStatus::kBooked, 1, {}, kOrder}));
  EXPECT_TRUE(inventory_.HoldObjects(kAnn, P({"Norte-A-2"}), At(900), At(0)).ok());
}

TEST_F(InventoryTest, AHoldAndAnOrderWithTheSameNumberStayApart) {
  ASSERT_TRUE(inventory_.HoldObjects({5}, Places("Pie 1", 2), At(900), At(0)).ok());
  ASSERT_TRUE(inventory_.BookDirect({5}, Places("Pie 1", 1)).ok());
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
  ASSERT_TRUE(inventory_.HoldObjects(kAnn, P({"Norte-A-1", "Norte-B-1"}), At(900), At(0)).ok());
  ASSERT_TRUE(inventory_.BookDirect(kOrder, Places("Pie 1", 4)).ok());
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
  ASSERT_TRUE(inventory_.HoldObjects(kAnn, picks, At(900), At(0)).ok());
  ASSERT_TRUE(inventory_.BookDirect(kOrder, std::vector<Pick>{{5, 1}, {26, 2}}).ok());
  auto loaded = Inventory::Load(chart_, inventory_.Rows(), inventory_.Holds(), 2);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->version(), 2u);
  EXPECT_EQ(loaded->Rows(), inventory_.Rows());
  EXPECT_EQ(loaded->Holds(), inventory_.Holds());
  EXPECT_EQ(loaded->area(26).free(), 0u);
  EXPECT_THAT(loaded->ExpireHolds(At(900)).seats, SizeIs(3));
}

TEST_F(InventoryTest, DamagedRowsAreNeverLoaded) {
  const SeatRow held = {1, 0, SeatStatus::kHeld, 1, kAnn, {}};
  const SeatRow booked = {2, 0, SeatStatus::kBooked, 1, {}, kOrder};
  const SeatRow places = {26, SeatRow::PartOf(kOrder), SeatStatus::kBooked, 5, {}, kOrder};
  const Hold hold = {kAnn, At(0), At(900), false};
  const auto load = [&](std::vector<SeatRow> rows, std::vector<Hold> holds) {
    return CodeOf(Inventory::Load(chart_, rows, holds, 1).status());
  };
  ASSERT_EQ(load({held, booked, places}, {hold}), ErrorCode::kOk);
  const auto with = [](SeatRow row, auto change) {
    change(row);
    return row;
  };
  const std::vector<SeatRow> bad = {
      with(booked, [](SeatRow& r) { r.index = 28; }),
      with(booked, [](SeatRow& r) { r.index = 1; }),
      with(booked, [](SeatRow& r) { r.part = 4; }),
      with(booked, [](SeatRow& r) { r.quantity = 2; }),
      with(booked, [](SeatRow& r) { r.status = SeatStatus::kFree; }),
      with(booked, [](SeatRow& r) { r.status = static_cast<SeatStatus>(9); }),
      with(booked, [](SeatRow& r) { r.order = {}; }),
      with(booked, [](SeatRow& r) { r.hold = kAnn; }),
      with(held, [](SeatRow& r) { r.index = 3, r.hold = kBob; }),
      with(places, [](SeatRow& r) { r.quantity = 6; }),
      with(places, [](SeatRow& r) { r.quantity = 0; }),
      with(places, [](SeatRow& r) { r.part = SeatRow::PartOf(kOther); }),
      with(places, [](SeatRow& r) { r.index = 1; }),
  };
  for (size_t i = 0; i < bad.size(); ++i) {
    EXPECT_EQ(load({held, bad[i]}, {hold}), ErrorCode::kDataLoss) << i;
  }
  EXPECT_EQ(load({held, places, places}, {hold}), ErrorCode::kDataLoss);
  EXPECT_EQ(load({held}, {}), ErrorCode::kDataLoss);
  EXPECT_EQ(load({held}, {hold, hold}), ErrorCode::kDataLoss);
  EXPECT_EQ(load({}, {hold}), ErrorCode::kDataLoss);
}

}  // namespace
}  // namespace ticketing::seat
