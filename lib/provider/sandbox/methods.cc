#include "lib/provider/sandbox/methods.h"

#include <algorithm>

#include "lib/provider/sandbox/cards.h"

namespace ticketing::sandbox {
namespace {

Method FromCard(const TestCard& card) {
  return {
      .id = std::string(card.token),
      .brand = std::string(card.brand),
      .last4 = std::string(card.last4()),
      .error = {std::string(card.code), std::string(card.decline_code), std::string(card.message)},
      .asks_bank = card.asks_bank};
}

Answer CardRefused(std::string_view code, std::string_view param, std::string_view message) {
  return {
      .status = 402,
      .body = FormatError({.type = "card_error", .code = code, .message = message, .param = param}),
      .executed = true};
}

MethodOrAnswer CardOf(std::string number, std::string_view param) {
  std::erase(number, ' ');
  if (number.empty()) return BadParameter("parameter_missing", param, "Missing required param.");
  if (const TestCard* card = FindCardByNumber(number)) return FromCard(*card);
  if (!IsCardNumber(number)) {
    return CardRefused("incorrect_number", "number", "Your card number is incorrect.");
  }
  return Method{.brand = "unknown",
                .last4 = number.substr(number.size() - 4),
                .error = {"card_declined", "test_mode_live_card",
                          "Your card was declined. Your request was in test mode, but used a non "
                          "test card."}};
}

}  // namespace

StatusOr<MethodOrAnswer> ResolveMethod(const Scene& scene, const std::string& id,
                                       std::string_view param) {
  if (const TestCard* card = FindCardByToken(id)) return MethodOrAnswer(FromCard(*card));
  TICKETING_ASSIGN_OR_RETURN(const std::optional<Method> stored, LoadMethod(scene.tx, id));
  if (stored) return MethodOrAnswer(*stored);
  return MethodOrAnswer(NoSuch("PaymentMethod", id, param));
}

MethodOrAnswer BuildMethod(const Scene& scene, const Form& form, std::string_view prefix,
                           std::string_view suffix) {
  // "payment_method_data[card][number]" with a prefix, "card[number]" without.
  const auto name = [&](std::string_view first, std::string_view second = {}) {
    std::string out = std::string(prefix) + std::string(first) + std::string(suffix);
    if (!second.empty()) out += "[" + std::string(second) + "]";
    return out;
  };
  const std::string type = form.Get(name("type"));
  Method method;
  if (type == "card") {
    MethodOrAnswer card = CardOf(form.Get(name("card", "number")), name("card", "number"));
    if (std::holds_alternative<Answer>(card)) return card;
    method = std::get<Method>(std::move(card));
  } else if (type == "oxxo") {
    method.type = type;
  } else {
    return BadParameter("", name("type"), "Invalid type: must be one of card or oxxo");
  }
  method.id = scene.NewId("pm_");
  method.created = scene.now.seconds();
  method.name = form.Get(name("billing_details", "name"));
  method.email = form.Get(name("billing_details", "email"));
  return method;
}

StatusOr<Answer> CreateMethod(const Scene& scene, const Form& form) {
  if (auto refusal = form.RefuseUnknown({"type", "card[", "billing_details[", "metadata["})) {
    return *refusal;
  }
  MethodOrAnswer method = BuildMethod(scene, form, "", "");
  if (std::holds_alternative<Answer>(method)) return std::get<Answer>(method);
  TICKETING_RETURN_IF_ERROR(Save(scene.tx, std::get<Method>(method)));
  return Answer{.body = Format(std::get<Method>(method))};
}

}  // namespace ticketing::sandbox
