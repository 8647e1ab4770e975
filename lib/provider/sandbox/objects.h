// The objects of the sandbox, their rows and their JSON.
#ifndef TICKETING_LIB_PROVIDER_SANDBOX_OBJECTS_H_
#define TICKETING_LIB_PROVIDER_SANDBOX_OBJECTS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/env/database.h"

namespace ticketing::sandbox {

// Why a charge failed, as Stripe says it.
struct CardError {
  std::string code;
  std::string decline_code;
  std::string message;
};

// A PaymentMethod. `error` is what the pretended bank will say.
struct Method {
  std::string id;
  std::string type = "card";
  int64_t created = 0;  // seconds
  std::string brand;
  std::string last4;
  std::string name;  // of the payer
  std::string email;
  CardError error;
  bool asks_bank = false;
};

struct Intent {
  std::string id;
  int64_t created = 0;
  int64_t amount = 0;
  std::string currency;  // "mxn"
  std::string status = "requires_payment_method";
  std::string capture_method = "automatic";
  std::vector<std::string> types;
  std::string payment_method;
  std::string description;
  std::string receipt_email;
  std::map<std::string, std::string> metadata;
  int64_t amount_received = 0;
  int64_t amount_capturable = 0;
  int64_t refunded = 0;
  bool was_charged = false;
  int64_t canceled_at = 0;
  std::string cancellation_reason;
  CardError error;
  // Of a voucher: what the payer sees, and what will happen when.
  std::string voucher_number;
  int64_t voucher_expires = 0;
  std::string voucher_url;
  int64_t settles_at = 0;
  bool settles_paid = false;
};

struct RefundObject {
  std::string id;
  int64_t created = 0;
  std::string intent;
  int64_t amount = 0;
  std::string currency;
  std::string status = "succeeded";
  std::string reason;
  std::map<std::string, std::string> metadata;
};

// The statements of the schema.
std::vector<std::string> ObjectTables();

// The objects of one transaction. Load gives nullopt when there is none with this id.
StatusOr<std::optional<Intent>> LoadIntent(SqlTransaction& tx, std::string_view id);
StatusOr<std::optional<Method>> LoadMethod(SqlTransaction& tx, std::string_view id);
StatusOr<std::optional<RefundObject>> LoadRefund(SqlTransaction& tx, std::string_view id);
Status Save(SqlTransaction& tx, const Intent& intent);
Status Save(SqlTransaction& tx, const Method& method);
Status Save(SqlTransaction& tx, const RefundObject& refund);

// As Stripe shows them.
std::string Format(const Intent& intent);
std::string Format(const Method& method);
std::string Format(const RefundObject& refund);

// "ch_..." of the intent "pi_...", and back (empty when it is not one).
std::string ChargeIdOf(std::string_view intent_id);
std::string IntentIdOf(std::string_view charge_id);

}  // namespace ticketing::sandbox

#endif  // TICKETING_LIB_PROVIDER_SANDBOX_OBJECTS_H_
