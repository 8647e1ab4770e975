#include "ticketing/order/state_machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tests/order/sample_order.h"

namespace ticketing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using enum OrderEventKind;
using enum OrderAction;

constexpr PaymentId kFirst{11};
constexpr PaymentId kSecond{12};
constexpr Timestamp kNow = Timestamp::FromSeconds(1100);
constexpr Timestamp kLate = Timestamp::FromSeconds(2000);

// An order and the shorthand to push it along.
class Walk {
 public:
  std::vector<OrderAction> Do(OrderEvent event, Timestamp now = kNow) {
    StatusOr<std::vector<OrderEffect>> effects = ApplyOrderEvent(order, event, now);
    EXPECT_TRUE(effects.ok()) << effects.status();
    std::vector<OrderAction> actions;
    last.clear();
    if (effects.ok()) last = *effects;
    for (const OrderEffect& effect : last) actions.push_back(effect.action);
    return actions;
  }
  std::vector<OrderAction> Start(PaymentId id) {
    return Do({.kind = kPaymentStarted, .payment = id, .method = "card", .amount = order.total});
  }
  std::vector<OrderAction> Approve(PaymentId id, Timestamp now = kNow) {
    return Do({.kind = kPaymentApproved, .payment = id, .amount = order.total}, now);
  }
  std::vector<OrderAction> Decline(PaymentId id) {
    return Do({.kind = kPaymentDeclined, .payment = id, .reason = "insufficient_funds"});
  }
  ErrorCode Refusal(OrderEvent event, Timestamp now = kNow) {
    const Order before = order;
    const Status status = ApplyOrderEvent(order, event, now).status();
    EXPECT_EQ(order, before) << "a refusal must not change the order";
    return CodeOf(status);
  }

  Order order = SampleOrder();
  std::vector<OrderEffect> last;
};

TEST(OrderStateTest, DeclinedThenApprovedThenBooked) {
  Walk walk;
  EXPECT_THAT(walk.Start(kFirst), IsEmpty());
  EXPECT_EQ(walk.order.state, OrderState::kPaying);
  EXPECT_THAT(walk.Decline(kFirst), IsEmpty());
  EXPECT_EQ(walk.order.state, OrderState::kPending);
  EXPECT_EQ(walk.order.attempts[0].reason, "insufficient_funds");
  walk.Start(kSecond);
  EXPECT_THAT(walk.Approve(kSecond), ElementsAre(kBookSeats));
  EXPECT_EQ(walk.order.state, OrderState::kPaid);
  EXPECT_THAT(walk.Do({.kind = kBooked}), ElementsAre(kIssueTickets, kNotify));
  EXPECT_EQ(walk.order.state, OrderState::kCompleted);
  EXPECT_EQ(walk.order.completed_at, kNow);
}

TEST(OrderStateTest, RepeatsChangeNothing) {
  Walk walk;
  walk.Start(kFirst);
  const Order paying = walk.order;
  EXPECT_THAT(walk.Start(kFirst), IsEmpty());
  EXPECT_EQ(walk.order, paying);
  walk.Approve(kFirst);
  const Order paid = walk.order;
  EXPECT_THAT(walk.Approve(kFirst, kLate), IsEmpty());
  EXPECT_EQ(walk.order, paid);
  walk.Do({.kind = kBooked});
  const Order completed = walk.order;
  EXPECT_THAT(walk.Do({.kind = kBooked}, kLate), IsEmpty());
  EXPECT_THAT(walk.Approve(kFirst, kLate), IsEmpty());
  EXPECT_EQ(walk.order, completed);
}

TEST(OrderStateTest, OneAttemptAtATime) {
  Walk walk;
  walk.Start(kFirst);
  EXPECT_EQ(walk.Refusal({.kind = kPaymentStarted, .payment = kSecond, .amount = walk.order.total}),
            ErrorCode::kOrderState);
  EXPECT_EQ(walk.Refusal({.kind = kCancelled}), ErrorCode::kOrderState);
  EXPECT_EQ(walk.Refusal({.kind = kExpired}, kLate), ErrorCode::kOrderState);
}

TEST(OrderStateTest, WrongPaymentsAreRefused) {
  Walk walk;
  EXPECT_EQ(walk.Refusal({.kind = kPaymentStarted, .amount = walk.order.total}),
            ErrorCode::kInvalidField);
  EXPECT_EQ(walk.Refusal({.kind = kPaymentStarted, .payment = kFirst, .amount = Mxn(1)}),
            ErrorCode::kInvalidField);
  walk.Start(kFirst);
  EXPECT_EQ(walk.Refusal({.kind = kPaymentApproved, .payment = kSecond}), ErrorCode::kInvalidField);
  EXPECT_EQ(walk.Refusal({.kind = kPaymentApproved}), ErrorCode::kInvalidField);
  EXPECT_EQ(walk.Refusal({.kind = kPaymentApproved, .payment = kFirst, .amount = Mxn(1)}),
            ErrorCode::kInvalidField);
  walk.Approve(kFirst);
  EXPECT_EQ(walk.Refusal({.kind = kPaymentDeclined, .payment = kFirst}), ErrorCode::kOrderState);
}

TEST(OrderStateTest, RefusalsSpeakToPeople) {
  int refusals = 0;
  for (const OrderState state : {OrderState::kPending, OrderState::kCompleted,
                                 OrderState::kCancelled, OrderState::kRefunding}) {
    for (const OrderEventKind kind :
         {kPaymentStarted, kPaymentApproved, kPaymentDeclined, kPaymentPending, kHoldLost, kBooked,
          kExpired, kCancelled, kRefundDone, kRefundFailed}) {
      Walk walk;
      walk.order.state = state;
      const auto result = ApplyOrderEvent(
          walk.order,
          {.kind = kind, .payment = kFirst, .method = "card", .amount = walk.order.total}, kNow);
      if (CodeOf(result.status()) != ErrorCode::kOrderState) continue;
      ++refusals;
      const std::string message(MessageOf(result.status()));
      EXPECT_EQ(message.find('_'), std::string::npos) << message;
      EXPECT_EQ(message.find(NameOf(kind)), std::string::npos) << message;
    }
  }
  EXPECT_GE(refusals, 6);
}

TEST(OrderStateTest, AttemptsAreLimited) {
  Walk walk;
  for (uint64_t i = 0; i < 20; ++i) {
    walk.Start(PaymentId{100 + i});
    walk.Decline(PaymentId{100 + i});
  }
  EXPECT_EQ(walk.Refusal({.kind = kPaymentStarted, .payment = kFirst, .amount = walk.order.total}),
            ErrorCode::kInvalidField);
}

TEST(OrderStateTest, ExpiryReleasesButNotBeforeItsTime) {
  Walk walk;
  EXPECT_EQ(walk.Refusal({.kind = kExpired}), ErrorCode::kOrderState);
  EXPECT_THAT(walk.Do({.kind = kExpired}, kLate), ElementsAre(kReleaseSeats, kNotify));
  EXPECT_EQ(walk.order.state, OrderState::kExpired);
  EXPECT_EQ(walk.Refusal({.kind = kPaymentStarted, .payment = kFirst, .amount = walk.order.total}),
            ErrorCode::kOrderState);
}

TEST(OrderStateTest, LateMoneyBooksAgainOrComesBack) {
  for (const bool seats_left : {true, false}) {
    Walk walk;
    walk.Start(kFirst);
    walk.Do({.kind = kPaymentPending, .payment = kFirst, .deadline = Timestamp::FromSeconds(1950)});
    EXPECT_THAT(walk.Do({.kind = kExpired}, kLate),
                ElementsAre(kCancelPayment, kReleaseSeats, kNotify));
    EXPECT_EQ(walk.last[0].payment, kFirst);
    EXPECT_THAT(walk.Approve(kFirst, kLate), ElementsAre(kBookSeats));
    if (seats_left) {
      EXPECT_THAT(walk.Do({.kind = kBooked}, kLate), ElementsAre(kIssueTickets, kNotify));
      continue;
    }
    EXPECT_THAT(walk.Do({.kind = kHoldLost}, kLate), ElementsAre(kRefundPayment, kNotify));
    EXPECT_EQ(walk.last[0], (OrderEffect{kRefundPayment, kFirst, walk.order.total}));
    EXPECT_THAT(walk.Do({.kind = kRefundDone, .payment = kFirst}), ElementsAre(kNotify));
    EXPECT_EQ(walk.order.state, OrderState::kRefunded);
  }
}

TEST(OrderStateTest, VoucherKeepsTheSeatsUntilItsDeadline) {
  Walk walk;
  walk.Start(kFirst);
  const Timestamp deadline = kNow + Duration::Days(5);
  const OrderEvent pending{.kind = kPaymentPending, .payment = kFirst, .deadline = deadline};
  EXPECT_THAT(walk.Do(pending), ElementsAre(kExtendHold, kNotify));
  EXPECT_EQ(walk.order.state, OrderState::kAwaiting);
  EXPECT_EQ(walk.order.expires_at, deadline);
  EXPECT_THAT(walk.Do(pending), IsEmpty());
  EXPECT_EQ(walk.Refusal({.kind = kExpired}, kLate), ErrorCode::kOrderState);
  EXPECT_THAT(walk.Decline(kFirst), ElementsAre(kReleaseSeats, kNotify));
  EXPECT_EQ(walk.order.state, OrderState::kExpired);
}

TEST(OrderStateTest, VoucherThatEndsAfterItsOrderOnlyClosesTheAttempt) {
  Walk walk;
  walk.Start(kFirst);
  walk.Do({.kind = kPaymentPending, .payment = kFirst, .deadline = kNow});
  walk.Do({.kind = kExpired}, kLate);
  EXPECT_THAT(walk.Decline(kFirst), IsEmpty());
  EXPECT_EQ(walk.order.state, OrderState::kExpired);
  EXPECT_EQ(walk.order.attempts[0].state, AttemptState::kDeclined);
}

TEST(OrderStateTest, MoneyPaidTwiceComesBackOnce) {
  Walk walk;
  walk.Start(kFirst);
  walk.Decline(kFirst);
  walk.Start(kSecond);
  walk.Approve(kSecond);
  walk.Do({.kind = kBooked});
  EXPECT_THAT(walk.Approve(kFirst), ElementsAre(kRefundPayment));
  EXPECT_EQ(walk.last[0].payment, kFirst);
  EXPECT_EQ(walk.order.state, OrderState::kCompleted);
  EXPECT_THAT(walk.Do({.kind = kRefundDone, .payment = kFirst}), IsEmpty());
  EXPECT_EQ(walk.order.state, OrderState::kCompleted);
  EXPECT_THAT(walk.Do({.kind = kCancelled}),
              ElementsAre(kRevokeTickets, kReleaseSeats, kRefundPayment, kNotify));
  EXPECT_EQ(walk.last[2].payment, kSecond);
}

TEST(OrderStateTest, RefundEndsWhenAllMoneyIsBack) {
  Walk walk;
  walk.Start(kFirst);
  walk.Decline(kFirst);
  walk.Start(kSecond);
  walk.Approve(kSecond);
  walk.Approve(kFirst);
  walk.Do({.kind = kHoldLost});
  EXPECT_THAT(walk.Do({.kind = kRefundDone, .payment = kFirst}), IsEmpty());
  EXPECT_EQ(walk.order.state, OrderState::kRefunding);
  EXPECT_THAT(walk.Do({.kind = kRefundFailed, .payment = kSecond, .reason = "expired_card"}),
              ElementsAre(kAlertStaff));
  EXPECT_THAT(walk.Do({.kind = kRefundDone, .payment = kSecond}), ElementsAre(kNotify));
  EXPECT_EQ(walk.order.state, OrderState::kRefunded);
  EXPECT_EQ(walk.Refusal({.kind = kBooked}), ErrorCode::kOrderState);
}

TEST(OrderStateTest, DeclineOfAnOldAttemptLeavesTheRunningOneAlone) {
  Walk walk;
  walk.Start(kFirst);
  walk.Decline(kFirst);
  walk.Start(kSecond);
  walk.Decline(kFirst);
  EXPECT_EQ(walk.order.state, OrderState::kPaying);
}

TEST(OrderStateTest, CancelledOrderGivesLateMoneyBack) {
  Walk walk;
  walk.Start(kFirst);
  walk.Decline(kFirst);
  EXPECT_THAT(walk.Do({.kind = kCancelled}), ElementsAre(kReleaseSeats));
  EXPECT_THAT(walk.Do({.kind = kCancelled}), IsEmpty());
  EXPECT_THAT(walk.Approve(kFirst), ElementsAre(kRefundPayment, kNotify));
  EXPECT_EQ(walk.order.state, OrderState::kRefunding);
}

TEST(OrderStateTest, FreeOrderNeedsNoPayment) {
  Walk walk;
  EXPECT_EQ(walk.Refusal({.kind = kPaymentApproved}), ErrorCode::kInvalidField);
  walk.order.total = Mxn(0);
  EXPECT_THAT(walk.Do({.kind = kPaymentApproved}), ElementsAre(kBookSeats));
  EXPECT_THAT(walk.Do({.kind = kPaymentApproved}), IsEmpty());
  walk.Do({.kind = kBooked});
  EXPECT_THAT(walk.Do({.kind = kCancelled}), ElementsAre(kRevokeTickets, kReleaseSeats, kNotify));
  EXPECT_EQ(walk.order.state, OrderState::kCancelled);
}

TEST(OrderTableTest, NoPairStandsTwice) {
  std::set<std::pair<OrderState, OrderEventKind>> seen;
  for (const OrderTransition& row : AllOrderTransitions()) {
    EXPECT_TRUE(seen.emplace(row.from, row.event).second)
        << NameOf(row.from) << " " << NameOf(row.event);
  }
  EXPECT_GT(seen.size(), 30u);
}

// Random events, as a confused world would send them. Whatever comes: tickets are issued only for
// an order that is paid, at most once, and at the end no payment is approved that is neither kept
// for tickets nor asked to be refunded.
TEST(OrderTableTest, MoneyIsNeverForgotten) {
  std::mt19937 engine(3);
  for (int round = 0; round < 2000; ++round) {
    Order order = SampleOrder();
    std::set<PaymentId> refund_asked;
    int issued = 0;
    Timestamp now = kNow;
    for (int step = 0; step < 30; ++step) {
      now = now + Duration::Seconds(60);
      OrderEvent event{.kind = static_cast<OrderEventKind>(engine() % 10),
                       .payment = PaymentId{1 + engine() % 3},
                       .amount = order.total,
                       .deadline = now + Duration::Seconds(engine() % 300)};
      // The effects of the real world come only after they were asked for.
      if (event.kind == kBooked && order.state != OrderState::kPaid) continue;
      if (event.kind == kRefundDone && !refund_asked.contains(event.payment)) continue;
      const auto effects = ApplyOrderEvent(order, event, now);
      if (!effects.ok()) continue;
      for (const OrderEffect& effect : *effects) {
        if (effect.action == kIssueTickets) ++issued;
        if (effect.action == kRefundPayment) {
          EXPECT_TRUE(refund_asked.insert(effect.payment).second) << "asked twice";
        }
      }
    }
    EXPECT_LE(issued, 1);
    int kept = 0;
    for (const PaymentAttempt& attempt : order.attempts) {
      if (attempt.state == AttemptState::kApproved && !refund_asked.contains(attempt.payment)) {
        ++kept;
      }
    }
    const bool holds_money =
        order.state == OrderState::kPaid || order.state == OrderState::kCompleted;
    EXPECT_EQ(kept, holds_money ? 1 : 0) << NameOf(order.state);
  }
}

}  // namespace
}  // namespace ticketing
