#include "ticketing/notification/delivery.h"

#include "ticketing/base/bytes.h"
#include "ticketing/notification/mail_sender.h"
#include "ticketing/testing/matchers.h"

namespace ticketing::notification {
namespace {

constexpr Timestamp kNow = Timestamp::FromSeconds(1'800'000'000);

Delivery Claimed() {
  return *Claim(NewDelivery(kNow, Duration::Days(3)), kNow);
}

TEST(Delivery, GoesOutOnce) {
  const Delivery fresh = NewDelivery(kNow, Duration::Days(3));
  ASSERT_OK_AND_ASSIGN(const Delivery sending, Claim(fresh, kNow));
  EXPECT_EQ(sending.state, DeliveryState::kSending);
  EXPECT_EQ(sending.attempts, 1);
  EXPECT_THAT(Claim(sending, kNow), HasCode(ErrorCode::kConflict)) << "its sender holds a lease";
  const Delivery sent = AfterSuccess(sending);
  EXPECT_EQ(sent.state, DeliveryState::kSent);
  EXPECT_THAT(Claim(sent, kNow + Duration::Days(2)), HasCode(ErrorCode::kConflict));
}

TEST(Delivery, DeadSenderLosesItsLease) {
  const Delivery sending = Claimed();
  EXPECT_FALSE(IsDue(sending, kNow + kSendLease - Duration::Micros(1)));
  ASSERT_OK_AND_ASSIGN(const Delivery again, Claim(sending, kNow + kSendLease));
  EXPECT_EQ(again.attempts, 2);
}

TEST(Delivery, TransientErrorsWaitLongerEachTime) {
  Delivery delivery = NewDelivery(kNow, Duration::Days(30));
  Timestamp now = kNow;
  for (const Duration wait : kRetryWaits) {
    ASSERT_OK_AND_ASSIGN(delivery, Claim(delivery, now));
    const Delivery soonest = AfterTransientError(delivery, "451 later", now, 0);
    EXPECT_EQ(soonest.due_at, now + Duration::Micros(wait.micros / 2));
    for (const uint64_t jitter : {uint64_t{1}, uint64_t{123456789}, ~uint64_t{0}}) {
      const Delivery failed = AfterTransientError(delivery, "451 later", now, jitter);
      EXPECT_GE(failed.due_at, soonest.due_at);
      EXPECT_LE(failed.due_at, now + wait);
    }
    delivery = soonest;
    EXPECT_EQ(delivery.state, DeliveryState::kFailed);
    EXPECT_EQ(delivery.last_error, "451 later");
    EXPECT_FALSE(IsDue(delivery, delivery.due_at - Duration::Micros(1)));
    now = delivery.due_at;
  }
  ASSERT_OK_AND_ASSIGN(delivery, Claim(delivery, now));
  EXPECT_EQ(delivery.attempts, kAttemptsMax);
  EXPECT_EQ(AfterTransientError(delivery, "451", now, 0).state, DeliveryState::kDead);
}

TEST(Delivery, PermanentErrorEndsIt) {
  const Delivery dead = AfterPermanentError(Claimed(), "550 no such user");
  EXPECT_EQ(dead.state, DeliveryState::kDead);
  EXPECT_EQ(dead.last_error, "550 no such user");
}

TEST(Delivery, NothingStartsAfterItsTime) {
  const Delivery fresh = NewDelivery(kNow, Duration::Minutes(1));
  ASSERT_OK_AND_ASSIGN(const Delivery late, Claim(fresh, kNow + Duration::Minutes(2)));
  EXPECT_EQ(late.state, DeliveryState::kDead);
  EXPECT_EQ(late.attempts, 0);
  // A retry that would come too late is not waited for.
  Delivery sending = *Claim(fresh, kNow);
  sending.attempts = 5;
  EXPECT_EQ(AfterTransientError(sending, "x", kNow, 0).state, DeliveryState::kDead);
}

TEST(Delivery, LateOutcomesOfALostLeaseChangeNothing) {
  const Delivery sent = AfterSuccess(Claimed());
  EXPECT_EQ(AfterTransientError(sent, "x", kNow, 0), sent);
  EXPECT_EQ(AfterPermanentError(sent, "x"), sent);
}

TEST(Delivery, ForeignErrorTextIsTamed) {
  std::string text(kDeliveryErrorBytesMax - 1, 'x');
  text.append("ñ\r\n\x1b[31m");
  const Delivery dead = AfterPermanentError(Claimed(), text);
  EXPECT_LE(dead.last_error.size(), kDeliveryErrorBytesMax);
  EXPECT_TRUE(IsValidUtf8(dead.last_error));
  EXPECT_EQ(AfterPermanentError(Claimed(), "a\r\nb").last_error, "a  b");
}

TEST(MailSender, TellsTransientFromFinal) {
  EXPECT_TRUE(IsTransient(MakeError(ErrorCode::kUnavailable, "451")));
  EXPECT_TRUE(IsTransient(MakeError(ErrorCode::kDeadlineExceeded, "")));
  EXPECT_FALSE(IsTransient(MakeError(ErrorCode::kConflict, "550")));
  EXPECT_FALSE(IsTransient(InvalidField("to", "bad")));
  EXPECT_FALSE(IsTransient(OkStatus()));
}

}  // namespace
}  // namespace ticketing::notification
