#include "ticketing/payment/cash_shift.h"

#include <gtest/gtest.h>

#include "ticketing/base/limits.h"

namespace ticketing {
namespace {

Money Mxn(int64_t minor) {
  return {minor, Currency::Mxn()};
}

constexpr Timestamp kNow = Timestamp::FromSeconds(1000);

CashShift Open(int64_t opening) {
  return *OpenCashShift(ShiftId{1}, "acc_1", Mxn(opening), kNow);
}

TEST(CashShiftTest, CountIsComparedWithWhatMustBeThere) {
  CashShift shift = Open(50000);
  ASSERT_TRUE(RecordCashSale(shift, Mxn(30000)).ok());
  ASSERT_TRUE(RecordCashRefund(shift, Mxn(5000)).ok());
  ASSERT_TRUE(RecordCashDrop(shift, Mxn(40000)).ok());
  EXPECT_EQ(ExpectedCash(shift), Mxn(35000));
  ASSERT_TRUE(CloseCashShift(shift, "acc_2", Mxn(34900), kNow).ok());
  EXPECT_EQ(CashDifference(shift), Mxn(-100));
  EXPECT_EQ(shift.closed_by, "acc_2");
}

TEST(CashShiftTest, ClosedShiftTakesNothing) {
  CashShift shift = Open(100);
  ASSERT_TRUE(CloseCashShift(shift, "acc_1", Mxn(100), kNow).ok());
  const CashShift before = shift;
  EXPECT_EQ(CodeOf(RecordCashSale(shift, Mxn(1))), ErrorCode::kShiftNotOpen);
  EXPECT_EQ(CodeOf(RecordCashRefund(shift, Mxn(1))), ErrorCode::kShiftNotOpen);
  EXPECT_EQ(CodeOf(RecordCashDrop(shift, Mxn(1))), ErrorCode::kShiftNotOpen);
  EXPECT_EQ(CodeOf(CloseCashShift(shift, "acc_1", Mxn(0), kNow)), ErrorCode::kShiftNotOpen);
  EXPECT_EQ(shift, before);
}

TEST(CashShiftTest, DrawerNeverGivesWhatItDoesNotHold) {
  CashShift shift = Open(100);
  EXPECT_EQ(CodeOf(RecordCashRefund(shift, Mxn(101))), ErrorCode::kConflict);
  EXPECT_EQ(CodeOf(RecordCashDrop(shift, Mxn(101))), ErrorCode::kConflict);
  EXPECT_EQ(ExpectedCash(shift), Mxn(100));
}

TEST(CashShiftTest, WrongAmountsAreRefused) {
  EXPECT_FALSE(OpenCashShift(ShiftId{1}, "a", Mxn(-1), kNow).ok());
  EXPECT_FALSE(OpenCashShift(ShiftId{1}, "a", Money{}, kNow).ok());
  EXPECT_FALSE(OpenCashShift(ShiftId{1}, "a", Mxn(limits::kAmountMinorMax + 1), kNow).ok());
  CashShift shift = Open(limits::kAmountMinorMax - 10);
  for (const Money amount : {Mxn(0), Mxn(-5), Money{5, *Currency::Parse("USD")}}) {
    EXPECT_EQ(CodeOf(RecordCashSale(shift, amount)), ErrorCode::kInvalidField);
  }
  EXPECT_EQ(CodeOf(RecordCashSale(shift, Mxn(11))), ErrorCode::kAmountOverflow);
  EXPECT_TRUE(RecordCashSale(shift, Mxn(10)).ok());
  EXPECT_EQ(CodeOf(CloseCashShift(shift, "a", Mxn(-1), kNow)), ErrorCode::kInvalidField);
  EXPECT_TRUE(shift.open);
}

}  // namespace
}  // namespace ticketing
