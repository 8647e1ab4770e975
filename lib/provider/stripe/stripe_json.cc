#include "lib/provider/stripe/stripe_json.h"

#include <nlohmann/json.hpp>

#include "ticketing/base/limits.h"

namespace ticketing::stripe {
namespace {

using Json = nlohmann::json;

std::optional<Json> ParseObject(std::string_view body) {
  if (body.size() > limits::kGatewayBodyBytesMax) return std::nullopt;
  Json json = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return std::nullopt;
  return json;
}

// Members that are missing, null or of another type read as empty: the gateway may add and drop
// what we do not need.
std::string Text(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<int64_t> Int(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<int64_t>();
}

const Json& Child(const Json& object, const char* name) {
  static const Json kEmpty = Json::object();
  const auto found = object.find(name);
  return found != object.end() && found->is_object() ? *found : kEmpty;
}

std::optional<Money> AmountOf(const Json& object, const char* name) {
  std::string code = Text(object, "currency");
  for (char& c : code) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  const std::optional<Currency> currency = Currency::Parse(code);
  const std::optional<int64_t> minor = Int(object, name);
  if (!currency || !minor) return std::nullopt;
  return Money{*minor, *currency};
}

std::optional<GatewayOutcome> OutcomeOf(std::string_view status) {
  if (status == "succeeded") return GatewayOutcome::kApproved;
  if (status == "requires_payment_method") return GatewayOutcome::kDeclined;
  if (status == "requires_action") return GatewayOutcome::kRequiresAction;
  if (status == "canceled") return GatewayOutcome::kCanceled;
  if (status == "processing" || status == "requires_capture" || status == "requires_confirmation") {
    return GatewayOutcome::kProcessing;
  }
  return std::nullopt;
}

// "decline_code" says it best, "code" ("expired_card") where there is none.
std::string DeclineCodeOf(const Json& error) {
  const std::string decline_code = Text(error, "decline_code");
  return decline_code.empty() ? Text(error, "code") : decline_code;
}

void ReadNextAction(const Json& action, GatewayResult& result) {
  const Json& oxxo = Child(action, "oxxo_display_details");
  result.voucher_number = Text(oxxo, "number");
  result.voucher_expires_at = Timestamp::FromSeconds(Int(oxxo, "expires_after").value_or(0));
  result.action_url = Text(oxxo, "hosted_voucher_url");
  if (result.action_url.empty()) result.action_url = Text(Child(action, "redirect_to_url"), "url");
}

std::optional<GatewayResult> ReadIntent(const Json& intent) {
  GatewayResult result;
  result.reference = Text(intent, "id");
  const std::optional<GatewayOutcome> outcome = OutcomeOf(Text(intent, "status"));
  if (Text(intent, "object") != "payment_intent" || result.reference.empty() || !outcome) {
    return std::nullopt;
  }
  result.outcome = *outcome;
  const bool approved = result.outcome == GatewayOutcome::kApproved;
  const std::optional<Money> amount = AmountOf(intent, approved ? "amount_received" : "amount");
  if (!amount) return std::nullopt;
  result.amount = *amount;
  const Json& error = Child(intent, "last_payment_error");
  if (result.outcome == GatewayOutcome::kDeclined) {
    result.decline_code = DeclineCodeOf(error);
    result.message = Text(error, "message");
  }
  ReadNextAction(Child(intent, "next_action"), result);
  return result;
}

}  // namespace

std::optional<GatewayResult> ParseIntent(std::string_view body) {
  const std::optional<Json> json = ParseObject(body);
  if (!json) return std::nullopt;
  return ReadIntent(*json);
}

std::optional<RefundResult> ParseRefund(std::string_view body) {
  const std::optional<Json> json = ParseObject(body);
  if (!json || Text(*json, "object") != "refund") return std::nullopt;
  RefundResult result;
  result.reference = Text(*json, "id");
  const std::string status = Text(*json, "status");
  if (result.reference.empty() || status.empty()) return std::nullopt;
  if (status == "succeeded") {
    result.outcome = RefundResult::Outcome::kSucceeded;
  } else if (status == "failed" || status == "canceled") {
    result.outcome = RefundResult::Outcome::kFailed;
    result.failure_reason = Text(*json, "failure_reason");
    if (result.failure_reason.empty()) result.failure_reason = status;
  } else {
    result.outcome = RefundResult::Outcome::kPending;
  }
  return result;
}

std::optional<StripeEvent> ParseEvent(std::string_view body) {
  const std::optional<Json> json = ParseObject(body);
  if (!json || Text(*json, "object") != "event") return std::nullopt;
  StripeEvent event;
  event.id = Text(*json, "id");
  event.type = Text(*json, "type");
  if (event.id.empty() || event.type.empty()) return std::nullopt;
  const Json& object = Child(Child(*json, "data"), "object");
  event.payment_id = Text(Child(object, "metadata"), "payment_id");
  if (const std::optional<GatewayResult> charge = ReadIntent(object)) {
    event.is_charge = true;
    event.charge = *charge;
  }
  return event;
}

ApiError ParseError(std::string_view body) {
  const std::optional<Json> json = ParseObject(body);
  if (!json) return {};
  const Json& error = Child(*json, "error");
  return {.type = Text(error, "type"),
          .code = Text(error, "code"),
          .decline_code = DeclineCodeOf(error),
          .message = Text(error, "message"),
          .param = Text(error, "param"),
          .intent = Text(Child(error, "payment_intent"), "id")};
}

}  // namespace ticketing::stripe
