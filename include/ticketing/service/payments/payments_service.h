// The payments domain API: card payments through a gateway, cash at the windows, refunds, cash
// shifts, and the double-entry books.
//
//   POST /v1/payments              the ticketing service asks for money for an order
//   GET  /v1/payments/{payment_id}
//   POST /v1/refunds               the ticketing service or an administrator gives money back
//   GET  /v1/refunds/{refund_id}
//   POST /v1/shifts                box office: open a drawer, ...
//   GET  /v1/shifts/{shift_id}
//   POST /v1/shifts/{shift_id}/close   ... and count it
//   GET  /v1/ledger/balances       what every account holds, and whether the books balance
//
// No money is lost and none is taken twice, wherever the process ends: a payment is written down
// before the gateway is asked, and the gateway is asked with the payment's id as its idempotency
// key; what it answered and the journal entry of it are one transaction. The payment's id follows
// from the caller's Idempotency-Key, so a repeated request finds its payment and, if that is
// undecided, asks the gateway again with the same key.
//
// Answers to POST /v1/payments: 201 with status succeeded or declined; while the outcome is not
// known, 503 gateway-unavailable, which is not kept: the same request again will tell. A payment
// that the gateway refuses as malformed is declined with code invalid_request. A card whose bank
// asks for a step of the payer is canceled at the gateway and declined with code
// authentication_required. A refund is answered 201 with status succeeded, pending or failed.
//
// Threads: api() answers many requests at once. Tick may run beside them, one at a time. There is
// no thread of its own.
#ifndef TICKETING_SERVICE_PAYMENTS_PAYMENTS_SERVICE_H_
#define TICKETING_SERVICE_PAYMENTS_PAYMENTS_SERVICE_H_

#include <memory>
#include <string>

#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/env/database.h"
#include "ticketing/env/env.h"
#include "ticketing/env/http.h"
#include "ticketing/payment/gateway.h"
#include "ticketing/service/common/token_verifier.h"

namespace ticketing {

struct PaymentsOptions {
  std::string database = "payments";  // its name at the factory
  // How long after its request Tick leaves a payment alone, and the longest pause between two
  // questions to the gateway about one payment; the pause doubles from the first to the second.
  Duration first_pause = Duration::Seconds(5);
  Duration longest_pause = Duration::Minutes(5);
};

// What the service is made of. Everything must outlive it.
struct PaymentsPorts {
  Env env;
  DatabaseFactory& databases;
  TokenVerifier& verifier;
  PaymentGateway& gateway;
};

class PaymentsService {
 public:
  // Opens or makes the database. Errors: those of the factory.
  static StatusOr<std::unique_ptr<PaymentsService>> Open(PaymentsPorts ports,
                                                         const PaymentsOptions& options = {});

  // No request may be running, and none may come after.
  ~PaymentsService();
  PaymentsService(const PaymentsService&) = delete;
  PaymentsService& operator=(const PaymentsService&) = delete;

  HttpHandler& api();

  // What time brings: asks the gateway about payments and refunds that are undecided and forgets
  // old idempotency keys. Called every second or so; it may wait for the gateway. Errors are those
  // of the database; it goes on at the next call.
  Status Tick();

 private:
  struct Parts;
  explicit PaymentsService(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace ticketing

#endif  // TICKETING_SERVICE_PAYMENTS_PAYMENTS_SERVICE_H_
