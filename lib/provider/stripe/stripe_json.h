// Stripe's JSON objects as domain values. The only place that knows their shape.
#ifndef TICKETING_LIB_PROVIDER_STRIPE_STRIPE_JSON_H_
#define TICKETING_LIB_PROVIDER_STRIPE_STRIPE_JSON_H_

#include <optional>
#include <string>
#include <string_view>

#include "ticketing/payment/gateway.h"
#include "ticketing/provider/stripe/stripe_webhook.h"

namespace ticketing::stripe {

// nullopt when the body is not a PaymentIntent or refund that can be understood.
std::optional<GatewayResult> ParseIntent(std::string_view body);
std::optional<RefundResult> ParseRefund(std::string_view body);
std::optional<StripeEvent> ParseEvent(std::string_view body);

// {"error": {...}}; fields that are missing stay empty.
struct ApiError {
  std::string type;
  std::string code;
  std::string decline_code;
  std::string message;
  std::string param;
  std::string intent;  // id of the PaymentIntent it is about
};
ApiError ParseError(std::string_view body);

}  // namespace ticketing::stripe

#endif  // TICKETING_LIB_PROVIDER_STRIPE_STRIPE_JSON_H_
