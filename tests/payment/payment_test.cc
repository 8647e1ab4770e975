#include "ticketing/payment/payment.h"

#include <gtest/gtest.h>

#include "ticketing/base/limits.h"

namespace ticketing {
namespace {

Money Mxn(int64_t minor) {
  return {minor, Currency::Mxn()};
}

constexpr Timestamp kNow = Timestamp::FromSeconds(1000);

Payment Card() {
  return {.id = PaymentId{1},
          .order = OrderId{2},
          .amount = Mxn(11600),
          .shares = {Mxn(9000), Mxn(1000), Mxn(1600)},
          .token = "pm_card_visa",
          .created_at = kNow};
}

Payment Cash() {
  Payment payment = Card();
  payment.method = PaymentMethod::kCash;
  payment.token = "";
  payment.shift = ShiftId{3};
  payment.tendered = Mxn(20000);
  return payment;
}

GatewayResult Word(GatewayOutcome outcome) {
  return {.outcome = outcome, .reference = "pi_1", .amount = Mxn(11600)};
}

std::string FirstField(const Status& status) {
  const ErrorDetails details = DetailsOf(status);
  return details.fields.empty() ? "" : details.fields[0].field;
}

TEST(PaymentTest, NamesGoBothWays) {
  for (int i = 0; i <= 7; ++i) {
    const auto state = static_cast<PaymentState>(i);
    EXPECT_EQ(ParsePaymentState(NameOf(state)), state);
  }
  EXPECT_EQ(ParsePaymentMethod("oxxo"), PaymentMethod::kOxxo);
  EXPECT_EQ(ParsePaymentMethod("gold"), std::nullopt);
}

TEST(PaymentTest, FieldsAreChecked) {
  EXPECT_TRUE(ValidatePayment(Card()).ok());
  EXPECT_TRUE(ValidatePayment(Cash()).ok());
  for (const int64_t minor : {int64_t{0}, int64_t{-1}, limits::kAmountMinorMax + 1, INT64_MAX}) {
    Payment payment = Card();
    payment.amount.minor = minor;
    EXPECT_EQ(FirstField(ValidatePayment(payment)), "amount");
  }
  Payment payment = Card();
  payment.amount.currency = {};
  EXPECT_EQ(FirstField(ValidatePayment(payment)), "amount.currency");
  payment = Card();
  payment.shares.tax.minor += 1;
  EXPECT_EQ(FirstField(ValidatePayment(payment)), "shares");
  payment = Card();
  payment.token = "";
  EXPECT_EQ(FirstField(ValidatePayment(payment)), "card.payment_method");
  payment = Cash();
  payment.tendered = Mxn(11599);
  EXPECT_EQ(FirstField(ValidatePayment(payment)), "cash.tendered");
  payment = Cash();
  payment.shift = {};
  EXPECT_EQ(FirstField(ValidatePayment(payment)), "cash.shift_id");
}

TEST(PaymentTest, ApprovalIsToldOnce) {
  Payment payment = Card();
  EXPECT_EQ(*ApplyGatewayResult(payment, Word(GatewayOutcome::kProcessing), kNow), false);
  EXPECT_EQ(payment.state, PaymentState::kProcessing);
  EXPECT_EQ(*ApplyGatewayResult(payment, Word(GatewayOutcome::kApproved), kNow), true);
  EXPECT_EQ(payment.state, PaymentState::kSucceeded);
  EXPECT_EQ(payment.reference, "pi_1");
  const Payment before = payment;
  EXPECT_EQ(*ApplyGatewayResult(payment, Word(GatewayOutcome::kApproved), kNow), false);
  EXPECT_EQ(*ApplyGatewayResult(payment, Word(GatewayOutcome::kProcessing), kNow), false);
  EXPECT_EQ(payment, before);
}

TEST(PaymentTest, DeclineKeepsItsReasonAndLateMoneyIsReal) {
  Payment payment = Card();
  GatewayResult declined = Word(GatewayOutcome::kDeclined);
  declined.decline_code = "insufficient_funds";
  EXPECT_EQ(*ApplyGatewayResult(payment, declined, kNow), false);
  EXPECT_EQ(payment.state, PaymentState::kDeclined);
  EXPECT_EQ(payment.decline_code, "insufficient_funds");
  EXPECT_EQ(*ApplyGatewayResult(payment, declined, kNow), false);
  EXPECT_EQ(CodeOf(ApplyGatewayResult(payment, Word(GatewayOutcome::kCanceled), kNow).status()),
            ErrorCode::kConflict);
  EXPECT_EQ(*ApplyGatewayResult(payment, Word(GatewayOutcome::kApproved), kNow), true);
  EXPECT_EQ(payment.decline_code, "");
}

TEST(PaymentTest, DeclineAfterSuccessIsAConflict) {
  Payment payment = Card();
  ASSERT_TRUE(ApplyGatewayResult(payment, Word(GatewayOutcome::kApproved), kNow).ok());
  const Payment before = payment;
  EXPECT_EQ(CodeOf(ApplyGatewayResult(payment, Word(GatewayOutcome::kDeclined), kNow).status()),
            ErrorCode::kConflict);
  EXPECT_EQ(payment, before);
}

TEST(PaymentTest, AnotherAmountIsNeverBelieved) {
  Payment payment = Card();
  GatewayResult word = Word(GatewayOutcome::kApproved);
  word.amount.minor -= 1;
  EXPECT_EQ(CodeOf(ApplyGatewayResult(payment, word, kNow).status()), ErrorCode::kDataLoss);
  EXPECT_EQ(payment, Card());
}

TEST(PaymentTest, CashIsReceivedOnceWithChange) {
  Payment payment = Cash();
  EXPECT_EQ(ChangeOf(payment), Mxn(8400));
  EXPECT_EQ(ChangeOf(Card()), Mxn(0));
  EXPECT_TRUE(ApplyCash(payment, kNow).ok());
  EXPECT_EQ(CodeOf(ApplyCash(payment, kNow)), ErrorCode::kConflict);
  EXPECT_EQ(FormatAccount(TenderOf(payment)), "cash-drawer:shf_0000000000003");
}

TEST(PaymentTest, RefundsNeverExceedThePayment) {
  Payment payment = Card();
  EXPECT_EQ(CodeOf(ApplyRefund(payment, Mxn(1), kNow).status()), ErrorCode::kConflict);
  ASSERT_TRUE(ApplyGatewayResult(payment, Word(GatewayOutcome::kApproved), kNow).ok());
  EXPECT_EQ(FirstField(ApplyRefund(payment, Mxn(11601), kNow).status()), "amount");
  EXPECT_EQ(FirstField(ApplyRefund(payment, Mxn(-1), kNow).status()), "amount");
  EXPECT_EQ(*ApplyRefund(payment, Mxn(5800), kNow), (MoneyShares{Mxn(4500), Mxn(500), Mxn(800)}));
  EXPECT_EQ(payment.state, PaymentState::kPartiallyRefunded);
  EXPECT_EQ(FirstField(ApplyRefund(payment, Mxn(5801), kNow).status()), "amount");
  EXPECT_TRUE(ApplyRefund(payment, Mxn(5800), kNow).ok());
  EXPECT_EQ(payment.state, PaymentState::kRefunded);
  EXPECT_EQ(CodeOf(ApplyRefund(payment, Mxn(1), kNow).status()), ErrorCode::kConflict);
}

TEST(PaymentTest, FailedRefundCanBeTakenBack) {
  Payment payment = Card();
  ASSERT_TRUE(ApplyGatewayResult(payment, Word(GatewayOutcome::kApproved), kNow).ok());
  const Payment before = payment;
  const StatusOr<MoneyShares> shares = ApplyRefund(payment, payment.amount, kNow);
  ASSERT_TRUE(shares.ok());
  UndoRefund(payment, *shares, kNow);
  EXPECT_EQ(payment.state, PaymentState::kSucceeded);
  EXPECT_EQ(payment.refunded.minor, 0);
  EXPECT_EQ(payment.shares, before.shares);
  EXPECT_TRUE(ApplyRefund(payment, payment.amount, kNow).ok());
}

}  // namespace
}  // namespace ticketing
