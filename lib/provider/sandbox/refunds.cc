#include <algorithm>

#include "lib/provider/sandbox/endpoints.h"
#include "lib/provider/sandbox/intents.h"

namespace ticketing::sandbox {
namespace {

std::optional<Answer> ReadRefund(const Form& form, RefundObject& refund) {
  if (auto refusal =
          form.RefuseUnknown({"payment_intent", "charge", "amount", "reason", "metadata["})) {
    return refusal;
  }
  refund.intent =
      form.Has("payment_intent") ? form.Get("payment_intent") : IntentIdOf(form.Get("charge"));
  if (refund.intent.empty()) {
    return BadParameter("parameter_missing", "payment_intent",
                        "One of the following params should be provided for this request: "
                        "payment_intent or charge.");
  }
  refund.reason = form.Get("reason");
  constexpr std::string_view kReasons[] = {"", "duplicate", "fraudulent", "requested_by_customer"};
  if (std::ranges::find(kReasons, refund.reason) == std::end(kReasons)) {
    return BadParameter("", "reason", "Invalid reason");
  }
  refund.metadata = form.Map("metadata");
  return std::nullopt;
}

Answer Refused(std::string_view code, std::string_view param, std::string_view message) {
  Answer answer = BadParameter(code, param, message);
  answer.executed = true;  // it depended on the state, so a repeat must hear the same
  return answer;
}

}  // namespace

StatusOr<Answer> CreateRefund(const Scene& scene, const Form& form) {
  RefundObject refund;
  if (auto refusal = ReadRefund(form, refund)) return *refusal;
  TICKETING_ASSIGN_OR_RETURN(std::optional<Intent> intent, CurrentIntent(scene, refund.intent));
  if (!intent) return NoSuch("payment_intent", refund.intent, "payment_intent");
  if (intent->status != "succeeded") {
    return Refused("payment_intent_unexpected_state", "payment_intent",
                   "This PaymentIntent does not have a successful charge to refund.");
  }
  const int64_t left = intent->amount_received - intent->refunded;
  if (left == 0) {
    return Refused("charge_already_refunded", "",
                   "Charge " + ChargeIdOf(intent->id) + " has already been refunded.");
  }
  refund.amount = form.Has("amount") ? form.Int("amount").value_or(0) : left;
  if (refund.amount < 1)
    return BadParameter("parameter_invalid_integer", "amount", "Invalid integer");
  if (refund.amount > left) {
    return Refused("amount_too_large", "amount",
                   "Refund amount (" + std::to_string(refund.amount) +
                       ") is greater than unrefunded amount on charge (" + std::to_string(left) +
                       ").");
  }
  refund.id = scene.NewId("re_");
  refund.created = scene.now.seconds();
  refund.currency = intent->currency;
  intent->refunded += refund.amount;
  TICKETING_RETURN_IF_ERROR(Save(scene.tx, *intent));
  TICKETING_RETURN_IF_ERROR(Save(scene.tx, refund));
  return Answer{.body = Format(refund)};
}

}  // namespace ticketing::sandbox
