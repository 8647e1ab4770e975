// The payment gateway over Stripe's API, or over whatever speaks the same protocol
// (provider/sandbox).
//
// A charge is one PaymentIntent, created and confirmed in one request. Requests are form-encoded
// and carry the bearer key, Stripe-Version and, on every POST, the caller's Idempotency-Key. When
// no answer comes, or 409 (the first request with this key still runs), 429 or 5xx, the same
// request is sent again with the same key, at once and a bounded number of times; then the outcome
// is unknown and the error is kGatewayUnavailable. Source: docs.stripe.com/api.
#ifndef TICKETING_PROVIDER_STRIPE_STRIPE_GATEWAY_H_
#define TICKETING_PROVIDER_STRIPE_STRIPE_GATEWAY_H_

#include <string>
#include <string_view>

#include "ticketing/base/limits.h"
#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/env/http.h"
#include "ticketing/payment/gateway.h"

namespace ticketing {

struct StripeOptions {
  std::string
      secret_key;  // "sk_live_..." or "sk_test_..."; goes nowhere but into the Authorization header
  std::string api_version = "2026-07-29.dahlia";
  Duration timeout = limits::kGatewayTimeout;  // of one request
  int attempts = limits::kGatewayAttemptsMax;  // requests per call, at least 1
};

// Thread-safe as far as `client` is. The client must outlive it.
class StripeGateway final : public PaymentGateway {
 public:
  StripeGateway(HttpClient& client, StripeOptions options);

  StatusOr<GatewayResult> Charge(const ChargeRequest& request,
                                 std::string_view idempotency_key) override;
  StatusOr<GatewayResult> Retrieve(std::string_view reference) override;
  StatusOr<GatewayResult> Cancel(std::string_view reference,
                                 std::string_view idempotency_key) override;
  StatusOr<RefundResult> Refund(const RefundRequest& request,
                                std::string_view idempotency_key) override;
  StatusOr<RefundResult> RetrieveRefund(std::string_view reference) override;

 private:
  // The answer of the first attempt that says something.
  StatusOr<HttpResponse> Send(std::string_view method, std::string_view path, std::string body,
                              std::string_view idempotency_key);

  HttpClient& client_;
  const StripeOptions options_;
};

}  // namespace ticketing

#endif  // TICKETING_PROVIDER_STRIPE_STRIPE_GATEWAY_H_
