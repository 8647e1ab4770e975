// The life of one outgoing message, as a pure state machine.
//
//   queued --claim--> sending --ok--> sent
//     ^                  |--transient error--> failed --claim, when due--> sending
//     |                  |--permanent error, out of attempts or too late--> dead
//   (a lease that ran out makes "sending" claimable again: the sender died, the mail may go out
//   twice, and carries the
//    same Message-ID both times)
//
// Nothing sends here: a service claims what is due in a transaction, sends outside of it, and
// records the outcome.
#ifndef TICKETING_NOTIFICATION_DELIVERY_H_
#define TICKETING_NOTIFICATION_DELIVERY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ticketing/base/status.h"
#include "ticketing/base/time.h"

namespace ticketing::notification {

// Numbers are stored; append, never renumber.
enum class DeliveryState : int32_t {
  kQueued = 1,
  kSending = 2,
  kSent = 3,
  kFailed = 4,  // waits for another attempt
  kDead = 5,    // given up; a person has to look
};

std::string_view DeliveryStateName(DeliveryState state);  // "queued", "sending", ...

// Waits before the attempts after the first, and how long a sender may hold a message before
// another may try.
inline constexpr Duration kRetryWaits[] = {
    Duration::Seconds(5),  Duration::Seconds(30), Duration::Minutes(2), Duration::Minutes(10),
    Duration::Minutes(30), Duration::Hours(2),    Duration::Hours(6),   Duration::Hours(24)};
inline constexpr int32_t kAttemptsMax = 1 + static_cast<int32_t>(std::size(kRetryWaits));
inline constexpr Duration kSendLease = Duration::Minutes(2);
inline constexpr size_t kDeliveryErrorBytesMax = 500;

struct Delivery {
  DeliveryState state = DeliveryState::kQueued;
  int32_t attempts = 0;    // started so far
  Timestamp due_at;        // queued, failed: not before; sending: when the lease ends
  Timestamp expires_at;    // no attempt is started after this
  std::string last_error;  // of the latest attempt, shortened, UTF-8
  bool operator==(const Delivery&) const = default;
};

// A message that may go out from `now` until `now + life`.
Delivery NewDelivery(Timestamp now, Duration life);

// Whether an attempt may start: queued or failed and due, or sending with its lease over.
bool IsDue(const Delivery& delivery, Timestamp now);

// Starts an attempt. The result is kSending, or kDead when the message has expired or is out of
// attempts. Errors: kConflict when it is not due.
StatusOr<Delivery> Claim(const Delivery& delivery, Timestamp now);

// The outcome of the attempt that is under way. `jitter` spreads the retries: 64 bits of entropy,
// of which the wait takes a factor between one half and one. Outcomes of a delivery that is not
// kSending change nothing (its lease ran out and another attempt has ended it).
Delivery AfterSuccess(const Delivery& delivery);
Delivery AfterTransientError(const Delivery& delivery, std::string_view error, Timestamp now,
                             uint64_t jitter);
Delivery AfterPermanentError(const Delivery& delivery, std::string_view error);

}  // namespace ticketing::notification

#endif  // TICKETING_NOTIFICATION_DELIVERY_H_
