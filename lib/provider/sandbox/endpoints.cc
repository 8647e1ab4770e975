#include "lib/provider/sandbox/endpoints.h"

#include <optional>
#include <vector>

#include "lib/provider/sandbox/cards.h"
#include "lib/provider/sandbox/intents.h"
#include "lib/provider/sandbox/methods.h"
#include "ticketing/base/bytes.h"
#include "ticketing/env/http.h"

namespace ticketing::sandbox {
namespace {

// The decoded segments behind "/v1/"; empty when the path is not one of ours.
std::vector<std::string> Segments(std::string_view path) {
  constexpr std::string_view kBase = "/v1/";
  if (!path.starts_with(kBase)) return {};
  path.remove_prefix(kBase.size());
  std::vector<std::string> out;
  while (true) {
    const size_t end = path.find('/');
    const std::optional<std::string> segment = PercentDecode(path.substr(0, end), false);
    if (!segment || segment->empty() || !IsValidUtf8(*segment)) return {};
    out.push_back(*segment);
    if (end == std::string_view::npos) return out;
    path.remove_prefix(end + 1);
  }
}

Answer NoRoute(std::string_view method, std::string_view path) {
  return {.status = 404,
          .body = FormatError({.type = "invalid_request_error",
                               .message = "Unrecognized request URL (" + std::string(method) +
                                          ": " + std::string(path) + ")."}),
          .executed = false};
}

}  // namespace

std::string Scene::NewId(std::string_view prefix) const {
  return std::string(prefix) + Base32Encode(random.Bytes(15));
}

StatusOr<Answer> Get(const Scene& scene, std::string_view path) {
  const std::vector<std::string> parts = Segments(path);
  if (parts.size() != 2) return NoRoute("GET", path);
  if (parts[0] == "payment_intents") {
    TICKETING_ASSIGN_OR_RETURN(const std::optional<Intent> intent, CurrentIntent(scene, parts[1]));
    if (!intent) return NoSuch("payment_intent", parts[1], "intent");
    return Answer{.body = Format(*intent)};
  }
  if (parts[0] == "refunds") {
    TICKETING_ASSIGN_OR_RETURN(const std::optional<RefundObject> refund,
                               LoadRefund(scene.tx, parts[1]));
    if (!refund) return NoSuch("refund", parts[1], "refund");
    return Answer{.body = Format(*refund)};
  }
  if (parts[0] == "payment_methods") {
    TICKETING_ASSIGN_OR_RETURN(const MethodOrAnswer method, ResolveMethod(scene, parts[1], "id"));
    if (std::holds_alternative<Answer>(method)) return std::get<Answer>(method);
    return Answer{.body = Format(std::get<Method>(method))};
  }
  return NoRoute("GET", path);
}

StatusOr<Answer> Post(const Scene& scene, std::string_view path, const Form& form) {
  const std::vector<std::string> parts = Segments(path);
  if (parts.size() == 1) {
    if (parts[0] == "payment_intents") return CreateIntent(scene, form);
    if (parts[0] == "payment_methods") return CreateMethod(scene, form);
    if (parts[0] == "refunds") return CreateRefund(scene, form);
  }
  if (parts.size() == 3 && parts[0] == "payment_intents") {
    if (parts[2] == "confirm") return ConfirmIntent(scene, parts[1], form);
    if (parts[2] == "capture") return CaptureIntent(scene, parts[1], form);
    if (parts[2] == "cancel") return CancelIntent(scene, parts[1], form);
  }
  return NoRoute("POST", path);
}

}  // namespace ticketing::sandbox
