#include "ticketing/notification/delivery.h"

#include <algorithm>

#include "ticketing/base/bytes.h"

namespace ticketing::notification {
namespace {

// Errors come from foreign servers: what is kept of them is short and well-formed.
std::string ShortError(std::string_view error) {
  std::string out(error.substr(0, kDeliveryErrorBytesMax));
  while (!out.empty() && !IsValidUtf8(out)) out.pop_back();
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return out;
}

}  // namespace

std::string_view DeliveryStateName(DeliveryState state) {
  switch (state) {
    case DeliveryState::kQueued:
      return "queued";
    case DeliveryState::kSending:
      return "sending";
    case DeliveryState::kSent:
      return "sent";
    case DeliveryState::kFailed:
      return "failed";
    case DeliveryState::kDead:
      return "dead";
  }
  return "dead";
}

Delivery NewDelivery(Timestamp now, Duration life) {
  return {.state = DeliveryState::kQueued, .due_at = now, .expires_at = now + life};
}

bool IsDue(const Delivery& delivery, Timestamp now) {
  switch (delivery.state) {
    case DeliveryState::kQueued:
    case DeliveryState::kSending:
    case DeliveryState::kFailed:
      return delivery.due_at <= now;
    case DeliveryState::kSent:
    case DeliveryState::kDead:
      return false;
  }
  return false;
}

StatusOr<Delivery> Claim(const Delivery& delivery, Timestamp now) {
  if (!IsDue(delivery, now)) {
    return MakeError(ErrorCode::kConflict, "This message is not due for sending.");
  }
  Delivery next = delivery;
  if (now > delivery.expires_at || delivery.attempts >= kAttemptsMax) {
    next.state = DeliveryState::kDead;
    if (next.last_error.empty()) next.last_error = "expired before it could be sent";
    return next;
  }
  next.state = DeliveryState::kSending;
  next.attempts += 1;
  next.due_at = now + kSendLease;
  return next;
}

Delivery AfterSuccess(const Delivery& delivery) {
  if (delivery.state != DeliveryState::kSending) return delivery;
  Delivery next = delivery;
  next.state = DeliveryState::kSent;
  next.last_error.clear();
  return next;
}

Delivery AfterTransientError(const Delivery& delivery, std::string_view error, Timestamp now,
                             uint64_t jitter) {
  if (delivery.state != DeliveryState::kSending) return delivery;
  Delivery next = delivery;
  next.last_error = ShortError(error);
  if (delivery.attempts >= kAttemptsMax) {
    next.state = DeliveryState::kDead;
    return next;
  }
  const auto step = static_cast<size_t>(std::max(delivery.attempts, 1) - 1);
  const Duration wait = kRetryWaits[step];
  const int64_t half = wait.micros / 2;
  next.due_at =
      now + Duration::Micros(half + static_cast<int64_t>(jitter % static_cast<uint64_t>(half + 1)));
  next.state = next.due_at > delivery.expires_at ? DeliveryState::kDead : DeliveryState::kFailed;
  return next;
}

Delivery AfterPermanentError(const Delivery& delivery, std::string_view error) {
  if (delivery.state != DeliveryState::kSending) return delivery;
  Delivery next = delivery;
  next.state = DeliveryState::kDead;
  next.last_error = ShortError(error);
  return next;
}

}  // namespace ticketing::notification
