// An embedded payment gateway that speaks Stripe's protocol: for demos, tests and training, with no
// money behind it.
//
// What it knows: PaymentIntents (create, confirm, retrieve, capture, cancel), PaymentMethods of
// type card, Refunds. Cards and OXXO vouchers; capture_method automatic and manual; partial
// captures and refunds. Requests are form-encoded, parameters it does not know are refused by name,
// errors have Stripe's shape. Sources: docs.stripe.com/api and /testing.
//
// Idempotency as Stripe's v1: the first executed answer of a key is saved with its status, a
// refusal of parameters is not; a repeat gives the same bytes and "Idempotent-Replayed: true"; the
// key with other parameters or another endpoint gives 400 idempotency_error; while the first runs,
// 409 idempotency_key_in_use. Keys are forgotten after limits::kIdempotencyRetention. An effect and
// its saved answer are one transaction: a process killed at any moment has either both or neither.
//
// Test cards, as tokens and as numbers: pm_card_visa and 4242 4242 4242 4242 are approved;
// pm_card_chargeDeclined and 4000 0000 0000 0002 are declined (generic_decline);
// pm_card_chargeDeclinedInsufficientFunds and 4000 0000 0000 9995 (insufficient_funds);
// pm_card_authenticationRequired and 4000 0025 0000 3155 wait for the payer's bank
// (requires_action) until they are canceled; lib/provider/sandbox/cards.cc has them all. A number
// is never stored, logged or answered.
//
// OXXO: confirming gives requires_action with a voucher. The payer's mail address says what happens
// next:
// "...succeed_immediately@" is paid at once, "...expire_immediately@" expires at once,
// "...fill_never@" is not paid and expires at its deadline, and any other is paid after
// SandboxOptions::voucher_paid_after.
#ifndef TICKETING_PROVIDER_SANDBOX_SANDBOX_GATEWAY_H_
#define TICKETING_PROVIDER_SANDBOX_SANDBOX_GATEWAY_H_

#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "ticketing/base/time.h"
#include "ticketing/env/database.h"
#include "ticketing/env/env.h"
#include "ticketing/env/http.h"

namespace ticketing {

struct SandboxOptions {
  std::string secret_key = "sk_test_sandbox";  // as Bearer token or as user name of Basic
  Duration voucher_paid_after = Duration::Minutes(3);
  std::string voucher_base_url = "https://sandbox.invalid/vouchers/";
};

// Thread-safe. Everything it knows is in the database, which was opened with Schema() and must
// outlive it.
class SandboxGateway final : public HttpHandler {
 public:
  static std::vector<Migration> Schema();

  SandboxGateway(Database& database, Env env, SandboxOptions options);

  HttpResponse Handle(const HttpRequest& request) override;

 private:
  HttpResponse HandlePost(const HttpRequest& request);
  HttpResponse Execute(const HttpRequest& request, const std::string& key);

  Database& database_;
  Env env_;
  const SandboxOptions options_;

  std::mutex mutex_;
  std::set<std::string> running_;  // keys of requests that are being executed
};

}  // namespace ticketing

#endif  // TICKETING_PROVIDER_SANDBOX_SANDBOX_GATEWAY_H_
