// Webhooks as Stripe signs them: who sent it, whether it is fresh, and what it says.
//
// Deliveries come at least once and in any order: the receiver drops an event id it has seen, and
// takes an event only as a hint to ask the gateway how the charge stands. Source:
// docs.stripe.com/webhooks/signature.
#ifndef TICKETING_PROVIDER_STRIPE_STRIPE_WEBHOOK_H_
#define TICKETING_PROVIDER_STRIPE_STRIPE_WEBHOOK_H_

#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/limits.h"
#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/payment/gateway.h"

namespace ticketing {

// Checks the header "Stripe-Signature: t=<seconds>,v1=<hex>[,v1=<hex>]" over the raw bytes of the
// body. While a secret is rolled there are two; any match of any v1 with any secret passes. Other
// schemes are ignored. Errors: kBadSyntax for a header that cannot be read; kUnauthenticated for a
// signature that does not match or a time more than `tolerance` away from `now`, past or future.
// Compares in constant time.
Status VerifyStripeSignature(std::string_view body, std::string_view header,
                             const std::vector<std::string>& secrets, Timestamp now,
                             Duration tolerance = limits::kWebhookTolerance);

// The header for a body, for those who send webhooks themselves.
std::string MakeStripeSignature(std::string_view body, std::string_view secret, Timestamp now);

struct StripeEvent {
  std::string id;          // "evt_...", for dropping repeats
  std::string type;        // "payment_intent.succeeded"
  std::string payment_id;  // our id, from the metadata; empty when the charge is not ours
  bool is_charge = false;  // whether `charge` is set: the event is about a PaymentIntent
  GatewayResult charge;
};

// Reads a verified body. kBadSyntax when it is not an event.
StatusOr<StripeEvent> ParseStripeEvent(std::string_view body);

}  // namespace ticketing

#endif  // TICKETING_PROVIDER_STRIPE_STRIPE_WEBHOOK_H_
