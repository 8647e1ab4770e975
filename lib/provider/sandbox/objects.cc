#include "lib/provider/sandbox/objects.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace ticketing::sandbox {
namespace {

using Json = nlohmann::ordered_json;

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// null for what is not there, as Stripe has it.
Json OrNull(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}
Json OrNull(int64_t number) {
  return number == 0 ? Json(nullptr) : Json(number);
}

Json ErrorJson(const CardError& error) {
  return {{"code", error.code}, {"decline_code", error.decline_code}, {"message", error.message}};
}

CardError ErrorFrom(const Json& json) {
  return {json.at("code").get<std::string>(), json.at("decline_code").get<std::string>(),
          json.at("message").get<std::string>()};
}

StatusOr<std::optional<Json>> LoadState(SqlTransaction& tx, std::string_view kind,
                                        std::string_view id) {
  std::optional<Json> state;
  TICKETING_RETURN_IF_ERROR(tx.Query("SELECT state FROM sandbox_objects WHERE id = ? AND kind = ?",
                                     {std::string(id), std::string(kind)}, [&](const SqlRow& row) {
                                       state = Json::parse(row.Text(0), nullptr,
                                                           /*allow_exceptions=*/false);
                                       return OkStatus();
                                     }));
  if (state && !state->is_object()) {
    return MakeError(ErrorCode::kDataLoss, "An object of the sandbox gateway is damaged.");
  }
  return state;
}

Status SaveState(SqlTransaction& tx, std::string_view kind, const std::string& id,
                 const Json& state) {
  return tx
      .Execute(
          "INSERT INTO sandbox_objects (id, kind, state) VALUES (?, ?, ?) "
          "ON CONFLICT (id) DO UPDATE SET state = excluded.state",
          {id, std::string(kind), Dump(state)})
      .status();
}

template <typename T>
void Read(const Json& state, const char* name, T& value) {
  value = state.at(name).get<T>();
}

// nlohmann throws for a member that is missing or of another type; the row is damaged then.
template <typename T, typename Fill>
StatusOr<std::optional<T>> FromState(StatusOr<std::optional<Json>> state, Fill fill) {
  if (!state.ok()) return state.status();
  if (!*state) return std::optional<T>();
  try {
    T object;
    fill(**state, object);
    return std::optional<T>(std::move(object));
  } catch (const Json::exception&) {
    return MakeError(ErrorCode::kDataLoss, "An object of the sandbox gateway is damaged.");
  }
}

Json NextAction(const Intent& intent) {
  if (intent.status != "requires_action") return nullptr;
  if (intent.voucher_number.empty()) {
    return {{"type", "use_stripe_sdk"}, {"use_stripe_sdk", Json::object()}};
  }
  return {{"type", "oxxo_display_details"},
          {"oxxo_display_details",
           {{"expires_after", intent.voucher_expires},
            {"hosted_voucher_url", intent.voucher_url},
            {"number", intent.voucher_number}}}};
}

Json LastError(const Intent& intent) {
  if (intent.error.code.empty()) return nullptr;
  Json error = {
      {"type", "card_error"}, {"code", intent.error.code}, {"message", intent.error.message}};
  if (!intent.error.decline_code.empty()) error["decline_code"] = intent.error.decline_code;
  return error;
}

}  // namespace

std::vector<std::string> ObjectTables() {
  return {
      "CREATE TABLE sandbox_objects (id TEXT PRIMARY KEY, kind TEXT NOT NULL, "
      "state TEXT NOT NULL)"};
}

StatusOr<std::optional<Intent>> LoadIntent(SqlTransaction& tx, std::string_view id) {
  return FromState<Intent>(LoadState(tx, "intent", id), [](const Json& s, Intent& intent) {
    Read(s, "id", intent.id);
    Read(s, "created", intent.created);
    Read(s, "amount", intent.amount);
    Read(s, "currency", intent.currency);
    Read(s, "status", intent.status);
    Read(s, "capture_method", intent.capture_method);
    Read(s, "types", intent.types);
    Read(s, "payment_method", intent.payment_method);
    Read(s, "description", intent.description);
    Read(s, "receipt_email", intent.receipt_email);
    Read(s, "metadata", intent.metadata);
    Read(s, "amount_received", intent.amount_received);
    Read(s, "amount_capturable", intent.amount_capturable);
    Read(s, "refunded", intent.refunded);
    Read(s, "was_charged", intent.was_charged);
    Read(s, "canceled_at", intent.canceled_at);
    Read(s, "cancellation_reason", intent.cancellation_reason);
    intent.error = ErrorFrom(s.at("error"));
    Read(s, "voucher_number", intent.voucher_number);
    Read(s, "voucher_expires", intent.voucher_expires);
    Read(s, "voucher_url", intent.voucher_url);
    Read(s, "settles_at", intent.settles_at);
    Read(s, "settles_paid", intent.settles_paid);
  });
}

Status Save(SqlTransaction& tx, const Intent& intent) {
  return SaveState(tx, "intent", intent.id,
                   {{"id", intent.id},
                    {"created", intent.created},
                    {"amount", intent.amount},
                    {"currency", intent.currency},
                    {"status", intent.status},
                    {"capture_method", intent.capture_method},
                    {"types", intent.types},
                    {"payment_method", intent.payment_method},
                    {"description", intent.description},
                    {"receipt_email", intent.receipt_email},
                    {"metadata", intent.metadata},
                    {"amount_received", intent.amount_received},
                    {"amount_capturable", intent.amount_capturable},
                    {"refunded", intent.refunded},
                    {"was_charged", intent.was_charged},
                    {"canceled_at", intent.canceled_at},
                    {"cancellation_reason", intent.cancellation_reason},
                    {"error", ErrorJson(intent.error)},
                    {"voucher_number", intent.voucher_number},
                    {"voucher_expires", intent.voucher_expires},
                    {"voucher_url", intent.voucher_url},
                    {"settles_at", intent.settles_at},
                    {"settles_paid", intent.settles_paid}});
}

StatusOr<std::optional<Method>> LoadMethod(SqlTransaction& tx, std::string_view id) {
  return FromState<Method>(LoadState(tx, "method", id), [](const Json& s, Method& method) {
    Read(s, "id", method.id);
    Read(s, "type", method.type);
    Read(s, "created", method.created);
    Read(s, "brand", method.brand);
    Read(s, "last4", method.last4);
    Read(s, "name", method.name);
    Read(s, "email", method.email);
    method.error = ErrorFrom(s.at("error"));
    Read(s, "asks_bank", method.asks_bank);
  });
}

Status Save(SqlTransaction& tx, const Method& method) {
  return SaveState(tx, "method", method.id,
                   {{"id", method.id},
                    {"type", method.type},
                    {"created", method.created},
                    {"brand", method.brand},
                    {"last4", method.last4},
                    {"name", method.name},
                    {"email", method.email},
                    {"error", ErrorJson(method.error)},
                    {"asks_bank", method.asks_bank}});
}

StatusOr<std::optional<RefundObject>> LoadRefund(SqlTransaction& tx, std::string_view id) {
  return FromState<RefundObject>(LoadState(tx, "refund", id), [](const Json& s, RefundObject& r) {
    Read(s, "id", r.id);
    Read(s, "created", r.created);
    Read(s, "intent", r.intent);
    Read(s, "amount", r.amount);
    Read(s, "currency", r.currency);
    Read(s, "status", r.status);
    Read(s, "reason", r.reason);
    Read(s, "metadata", r.metadata);
  });
}

Status Save(SqlTransaction& tx, const RefundObject& refund) {
  return SaveState(tx, "refund", refund.id,
                   {{"id", refund.id},
                    {"created", refund.created},
                    {"intent", refund.intent},
                    {"amount", refund.amount},
                    {"currency", refund.currency},
                    {"status", refund.status},
                    {"reason", refund.reason},
                    {"metadata", refund.metadata}});
}

std::string Format(const Intent& intent) {
  return Dump({{"id", intent.id},
               {"object", "payment_intent"},
               {"amount", intent.amount},
               {"amount_capturable", intent.amount_capturable},
               {"amount_received", intent.amount_received},
               {"canceled_at", OrNull(intent.canceled_at)},
               {"cancellation_reason", OrNull(intent.cancellation_reason)},
               {"capture_method", intent.capture_method},
               {"client_secret", intent.id + "_secret_sandbox"},
               {"confirmation_method", "automatic"},
               {"created", intent.created},
               {"currency", intent.currency},
               {"customer", nullptr},
               {"description", OrNull(intent.description)},
               {"last_payment_error", LastError(intent)},
               {"latest_charge", OrNull(intent.was_charged ? ChargeIdOf(intent.id) : "")},
               {"livemode", false},
               {"metadata", intent.metadata},
               {"next_action", NextAction(intent)},
               {"payment_method", OrNull(intent.payment_method)},
               {"payment_method_options", Json::object()},
               {"payment_method_types", intent.types},
               {"processing", nullptr},
               {"receipt_email", OrNull(intent.receipt_email)},
               {"status", intent.status}});
}

std::string Format(const Method& method) {
  Json json = {
      {"id", method.id},
      {"object", "payment_method"},
      {"billing_details", {{"email", OrNull(method.email)}, {"name", OrNull(method.name)}}},
      {"created", method.created},
      {"customer", nullptr},
      {"livemode", false},
      {"metadata", Json::object()},
      {"type", method.type}};
  if (method.type == "card") {
    json["card"] = {{"brand", method.brand}, {"last4", method.last4}};
  } else {
    json[method.type] = Json::object();
  }
  return Dump(json);
}

std::string Format(const RefundObject& refund) {
  return Dump({{"id", refund.id},
               {"object", "refund"},
               {"amount", refund.amount},
               {"charge", ChargeIdOf(refund.intent)},
               {"created", refund.created},
               {"currency", refund.currency},
               {"metadata", refund.metadata},
               {"payment_intent", refund.intent},
               {"reason", OrNull(refund.reason)},
               {"status", refund.status}});
}

std::string ChargeIdOf(std::string_view intent_id) {
  return "ch_" + std::string(intent_id.substr(std::min<size_t>(3, intent_id.size())));
}

std::string IntentIdOf(std::string_view charge_id) {
  if (!charge_id.starts_with("ch_")) return {};
  return "pi_" + std::string(charge_id.substr(3));
}

}  // namespace ticketing::sandbox
