// The domain's view of a payment gateway: who charges cards and hands out vouchers for us.
//
// Three different things can go wrong, and they must never be mixed up: the bank said no (a result,
// kDeclined), we asked for nonsense (kInvalidField), and nobody knows (kGatewayUnavailable: the
// charge may or may not exist; ask again with the same key and the answer is the first one's).
#ifndef TICKETING_PAYMENT_GATEWAY_H_
#define TICKETING_PAYMENT_GATEWAY_H_

#include <string>
#include <string_view>

#include "ticketing/base/id.h"
#include "ticketing/base/money.h"
#include "ticketing/base/status.h"
#include "ticketing/base/time.h"

namespace ticketing {

enum class GatewayOutcome {
  kApproved = 0,
  kDeclined = 1,        // final for this charge; see decline_code
  kRequiresAction = 2,  // the buyer must do something: a voucher, a bank's page
  kProcessing = 3,      // ask again later
  kCanceled = 4,        // nothing was or will be taken
};

struct GatewayResult {
  GatewayOutcome outcome = GatewayOutcome::kProcessing;
  std::string reference;     // the gateway's own id of the charge; needed for everything after
  Money amount;              // what was asked; for kApproved what was taken
  std::string decline_code;  // "insufficient_funds", "generic_decline", ...
  std::string message;       // for the person who pays; may be empty
  std::string action_url;    // page or voucher, for kRequiresAction
  std::string voucher_number;
  Timestamp voucher_expires_at;

  bool operator==(const GatewayResult&) const = default;
};

struct ChargeRequest {
  enum class Method { kCard = 0, kOxxo = 1 };

  PaymentId payment;
  OrderId order;
  Money amount;  // > 0
  Method method = Method::kCard;
  std::string payment_method;  // of a card: the gateway's token. Card numbers never come here.
  std::string description;     // on statements and in the gateway's dashboard
  std::string payer_name;      // of a voucher
  std::string payer_email;     // of a voucher
  int voucher_days = 3;        // 1-7
};

struct RefundRequest {
  RefundId refund;
  std::string reference;  // of the charge
  Money amount;           // > 0, at most what is left of the charge
};

struct RefundResult {
  enum class Outcome {
    kSucceeded = 0,
    kPending = 1,  // accepted; the bank takes days
    kFailed = 2,   // cannot go back the way it came: pay it out by hand
  };
  Outcome outcome = Outcome::kPending;
  std::string reference;  // the gateway's own id of the refund
  std::string failure_reason;

  bool operator==(const RefundResult&) const = default;
};

// Thread-safe. `idempotency_key` has 1 to limits::kIdempotencyKeyBytesMax printable ASCII
// characters; a repeat with the same key and request has the effect of one and the answer of the
// first. Errors of all: kInvalidField when the gateway refuses the request as wrong, kNotFound for
// a reference it does not know, kGatewayUnavailable when the outcome is not known,
// kIdempotencyMismatch for a key that was used with another request, kInternal when our credentials
// are refused.
class PaymentGateway {
 public:
  virtual ~PaymentGateway() = default;
  virtual StatusOr<GatewayResult> Charge(const ChargeRequest& request,
                                         std::string_view idempotency_key) = 0;
  // How a charge stands now.
  virtual StatusOr<GatewayResult> Retrieve(std::string_view reference) = 0;
  // Takes no money any more; kConflict when it was taken already.
  virtual StatusOr<GatewayResult> Cancel(std::string_view reference,
                                         std::string_view idempotency_key) = 0;
  virtual StatusOr<RefundResult> Refund(const RefundRequest& request,
                                        std::string_view idempotency_key) = 0;
  // How a refund stands now, by the gateway's own id of the refund.
  virtual StatusOr<RefundResult> RetrieveRefund(std::string_view reference) = 0;
};

}  // namespace ticketing

#endif  // TICKETING_PAYMENT_GATEWAY_H_
