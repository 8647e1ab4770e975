#include "lib/provider/sandbox/intents.h"

#include <algorithm>
#include <utility>

#include "lib/provider/sandbox/methods.h"
#include "ticketing/base/money.h"

namespace ticketing::sandbox {
namespace {

constexpr int64_t kAmountMax = 99'999'999;  // eight digits, as Stripe has it
constexpr int64_t kDaySeconds = 86400;
constexpr int64_t kMexicoCityOffset = int64_t{-6} * 3600;  // no daylight saving since October 2022

bool Accepts(const Intent& intent, std::string_view type) {
  return std::ranges::find(intent.types, type) != intent.types.end();
}

// 23:59:59 in Mexico City, `days` days from today.
int64_t VoucherDeadline(Timestamp now, int64_t days) {
  const int64_t local = now.seconds() + kMexicoCityOffset;
  return (local / kDaySeconds + days + 1) * kDaySeconds - 1 - kMexicoCityOffset;
}

Answer UnexpectedState(const Intent& intent, std::string_view verb) {
  return {.status = 400,
          .body = FormatError({.type = "invalid_request_error",
                               .code = "payment_intent_unexpected_state",
                               .message = "You cannot " + std::string(verb) +
                                          " this PaymentIntent because it has a status of " +
                                          intent.status + ".",
                               .intent_json = Format(intent)})};
}

void Approve(Intent& intent) {
  intent.error = {};
  intent.was_charged = true;
  if (intent.capture_method == "manual") {
    intent.status = "requires_capture";
    intent.amount_capturable = intent.amount;
  } else {
    intent.status = "succeeded";
    intent.amount_received = intent.amount;
  }
}

std::optional<Answer> RefuseVoucher(const Intent& intent, const Method& method, int64_t days) {
  if (intent.currency != "mxn") {
    return BadParameter("", "currency", "The currency for oxxo must be mxn.");
  }
  if (method.name.empty() || method.email.empty()) {
    return BadParameter("parameter_missing", "billing_details",
                        "oxxo needs the payer's name and email.");
  }
  if (days < 1 || days > 7) {
    return BadParameter("", "payment_method_options[oxxo][expires_after_days]",
                        "Must be from 1 to 7.");
  }
  return std::nullopt;
}

void IssueVoucher(const Scene& scene, const Method& method, int64_t days, Intent& intent) {
  intent.status = "requires_action";
  intent.error = {};
  intent.voucher_expires = VoucherDeadline(scene.now, days);
  intent.voucher_number.clear();
  for (int i = 0; i < 14; ++i) {
    intent.voucher_number.push_back(static_cast<char>('0' + scene.random.Uniform(10)));
  }
  intent.voucher_url = scene.options.voucher_base_url + intent.id;
  const std::string_view user = std::string_view(method.email).substr(0, method.email.find('@'));
  intent.settles_paid = !user.ends_with("expire_immediately") && !user.ends_with("fill_never");
  if (user.ends_with("succeed_immediately") || user.ends_with("expire_immediately")) {
    intent.settles_at = scene.now.seconds();
  } else if (intent.settles_paid) {
    intent.settles_at = (scene.now + scene.options.voucher_paid_after).seconds();
  } else {
    intent.settles_at = intent.voucher_expires;
  }
}

Answer DeclinedAnswer(const Intent& intent) {
  return {.status = 402,
          .body = FormatError({.type = "card_error",
                               .code = intent.error.code,
                               .decline_code = intent.error.decline_code,
                               .message = intent.error.message,
                               .intent_json = Format(intent)})};
}

// The method a request brings, new or known; nullopt when it brings none and the intent has none.
StatusOr<std::optional<MethodOrAnswer>> MethodOf(const Scene& scene, const Form& form,
                                                 const Intent& intent) {
  if (form.Has("payment_method_data[type]")) {
    return std::optional(BuildMethod(scene, form, "payment_method_data[", "]"));
  }
  const std::string id =
      form.Has("payment_method") ? form.Get("payment_method") : intent.payment_method;
  if (id.empty()) return std::optional<MethodOrAnswer>();
  TICKETING_ASSIGN_OR_RETURN(MethodOrAnswer method, ResolveMethod(scene, id, "payment_method"));
  return std::optional(std::move(method));
}

// Charges the method, saves what came of it, answers.
StatusOr<Answer> Charge(const Scene& scene, const Form& form, const Method& method, Intent intent) {
  if (!Accepts(intent, method.type)) {
    return BadParameter("payment_intent_incompatible_payment_method", "payment_method",
                        "The PaymentMethod's type is not among the PaymentIntent's types.");
  }
  const std::string_view days_name = "payment_method_options[oxxo][expires_after_days]";
  const int64_t days = form.Has(days_name) ? form.Int(days_name).value_or(0) : 3;
  intent.payment_method = method.id;
  if (method.type == "oxxo") {
    if (auto refusal = RefuseVoucher(intent, method, days)) return *refusal;
    IssueVoucher(scene, method, days, intent);
  } else if (method.asks_bank) {
    intent.status = "requires_action";
    intent.error = {};
    intent.voucher_number.clear();
    intent.settles_at = 0;
  } else if (method.error.code.empty()) {
    Approve(intent);
  } else {
    intent.status = "requires_payment_method";
    intent.error = method.error;
    intent.was_charged = true;
    intent.payment_method.clear();
  }
  TICKETING_RETURN_IF_ERROR(Save(scene.tx, intent));
  if (!intent.error.code.empty()) return DeclinedAnswer(intent);
  return Answer{.body = Format(intent)};
}

std::optional<Answer> ReadTypes(const Form& form, Intent& intent) {
  intent.types = form.List("payment_method_types");
  if (intent.types.empty() && form.Get("payment_method_data[type]") == "oxxo")
    intent.types = {"oxxo"};
  if (intent.types.empty()) intent.types = {"card"};
  for (const std::string& type : intent.types) {
    if (type != "card" && type != "oxxo") {
      return BadParameter("", "payment_method_types", "The sandbox knows card and oxxo.");
    }
  }
  return std::nullopt;
}

std::optional<Answer> ReadIntent(const Form& form, Intent& intent) {
  if (!form.Has("amount")) {
    return BadParameter("parameter_missing", "amount", "Missing required param: amount.");
  }
  const std::optional<int64_t> amount = form.Int("amount");
  if (!amount) return BadParameter("parameter_invalid_integer", "amount", "Invalid integer");
  if (*amount < 1) {
    return BadParameter("parameter_invalid_integer", "amount",
                        "Must be greater than or equal to 1");
  }
  if (*amount > kAmountMax) {
    return BadParameter("amount_too_large", "amount", "Amount must be no more than 99999999");
  }
  intent.amount = *amount;
  if (!form.Has("currency")) {
    return BadParameter("parameter_missing", "currency", "Missing required param: currency.");
  }
  std::string code = form.Get("currency");
  for (char& c : code) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  if (!Currency::Parse(code)) return BadParameter("", "currency", "Invalid currency");
  for (char& c : code) c = static_cast<char>(c - 'A' + 'a');
  intent.currency = code;
  if (form.Has("capture_method")) intent.capture_method = form.Get("capture_method");
  if (intent.capture_method == "automatic_async") intent.capture_method = "automatic";
  if (intent.capture_method != "automatic" && intent.capture_method != "manual") {
    return BadParameter("", "capture_method", "Invalid capture_method");
  }
  intent.description = form.Get("description");
  intent.receipt_email = form.Get("receipt_email");
  intent.metadata = form.Map("metadata");
  return ReadTypes(form, intent);
}

StatusOr<Answer> Missing(std::string_view id) {
  return NoSuch("payment_intent", id, "intent");
}

}  // namespace

StatusOr<std::optional<Intent>> CurrentIntent(const Scene& scene, std::string_view id) {
  TICKETING_ASSIGN_OR_RETURN(std::optional<Intent> intent, LoadIntent(scene.tx, id));
  const bool due = intent && intent->status == "requires_action" && intent->settles_at != 0 &&
                   scene.now.seconds() >= intent->settles_at;
  if (due && intent->settles_paid) {
    Approve(*intent);
  } else if (due) {
    intent->status = "requires_payment_method";
    intent->error = {"payment_intent_payment_attempt_expired", "", "The voucher has expired."};
  }
  return intent;
}

StatusOr<Answer> CreateIntent(const Scene& scene, const Form& form) {
  if (auto refusal = form.RefuseUnknown(
          {"amount", "currency", "confirm", "payment_method", "payment_method_data[",
           "payment_method_types[", "payment_method_options[", "automatic_payment_methods[",
           "capture_method", "description", "receipt_email", "return_url", "metadata["})) {
    return *refusal;
  }
  Intent intent;
  if (auto refusal = ReadIntent(form, intent)) return *refusal;
  intent.id = scene.NewId("pi_");
  intent.created = scene.now.seconds();
  TICKETING_ASSIGN_OR_RETURN(const std::optional<MethodOrAnswer> found,
                             MethodOf(scene, form, intent));
  if (found && std::holds_alternative<Answer>(*found)) return std::get<Answer>(*found);
  const Method* method = found ? &std::get<Method>(*found) : nullptr;
  if (form.IsTrue("confirm") && method == nullptr) {
    return BadParameter("parameter_missing", "payment_method",
                        "You cannot confirm this PaymentIntent without a payment method.");
  }
  if (method != nullptr && form.Has("payment_method_data[type]")) {
    TICKETING_RETURN_IF_ERROR(Save(scene.tx, *method));
  }
  if (form.IsTrue("confirm")) return Charge(scene, form, *method, std::move(intent));
  if (method != nullptr) {
    intent.payment_method = method->id;
    intent.status = "requires_confirmation";
  }
  TICKETING_RETURN_IF_ERROR(Save(scene.tx, intent));
  return Answer{.body = Format(intent)};
}

StatusOr<Answer> ConfirmIntent(const Scene& scene, std::string_view id, const Form& form) {
  if (auto refusal = form.RefuseUnknown(
          {"payment_method", "payment_method_data[", "payment_method_options[", "return_url"})) {
    return *refusal;
  }
  TICKETING_ASSIGN_OR_RETURN(std::optional<Intent> intent, CurrentIntent(scene, id));
  if (!intent) return Missing(id);
  if (intent->status != "requires_payment_method" && intent->status != "requires_confirmation") {
    return UnexpectedState(*intent, "confirm");
  }
  TICKETING_ASSIGN_OR_RETURN(const std::optional<MethodOrAnswer> found,
                             MethodOf(scene, form, *intent));
  if (!found) {
    return BadParameter("parameter_missing", "payment_method",
                        "You cannot confirm this PaymentIntent without a payment method.");
  }
  if (std::holds_alternative<Answer>(*found)) return std::get<Answer>(*found);
  const Method& method = std::get<Method>(*found);
  if (form.Has("payment_method_data[type]")) TICKETING_RETURN_IF_ERROR(Save(scene.tx, method));
  return Charge(scene, form, method, *std::move(intent));
}

StatusOr<Answer> CaptureIntent(const Scene& scene, std::string_view id, const Form& form) {
  if (auto refusal = form.RefuseUnknown({"amount_to_capture", "metadata["})) return *refusal;
  TICKETING_ASSIGN_OR_RETURN(std::optional<Intent> intent, CurrentIntent(scene, id));
  if (!intent) return Missing(id);
  if (intent->status != "requires_capture") return UnexpectedState(*intent, "capture");
  int64_t amount = intent->amount_capturable;
  if (form.Has("amount_to_capture")) {
    amount = form.Int("amount_to_capture").value_or(0);
    if (amount < 1 || amount > intent->amount_capturable) {
      return BadParameter("amount_too_large", "amount_to_capture",
                          "Must be positive and at most the amount that can be captured.");
    }
  }
  intent->status = "succeeded";
  intent->amount_received = amount;
  intent->amount_capturable = 0;
  TICKETING_RETURN_IF_ERROR(Save(scene.tx, *intent));
  return Answer{.body = Format(*intent)};
}

StatusOr<Answer> CancelIntent(const Scene& scene, std::string_view id, const Form& form) {
  if (auto refusal = form.RefuseUnknown({"cancellation_reason"})) return *refusal;
  const std::string reason = form.Get("cancellation_reason");
  constexpr std::string_view kReasons[] = {"", "duplicate", "fraudulent", "requested_by_customer",
                                           "abandoned"};
  if (std::ranges::find(kReasons, reason) == std::end(kReasons)) {
    return BadParameter("", "cancellation_reason", "Invalid cancellation_reason");
  }
  TICKETING_ASSIGN_OR_RETURN(std::optional<Intent> intent, CurrentIntent(scene, id));
  if (!intent) return Missing(id);
  if (intent->status == "succeeded" || intent->status == "canceled") {
    return UnexpectedState(*intent, "cancel");
  }
  intent->status = "canceled";
  intent->amount_capturable = 0;
  intent->canceled_at = scene.now.seconds();
  intent->cancellation_reason = reason;
  TICKETING_RETURN_IF_ERROR(Save(scene.tx, *intent));
  return Answer{.body = Format(*intent)};
}

}  // namespace ticketing::sandbox
