#include "lib/provider/sandbox/answer.h"

#include <nlohmann/json.hpp>

namespace ticketing::sandbox {
namespace {

using Json = nlohmann::ordered_json;

void Set(Json& object, const char* name, std::string_view value) {
  if (!value.empty()) object[name] = std::string(value);
}

}  // namespace

std::string FormatError(const ErrorBody& error) {
  Json inner = Json::object();
  Set(inner, "code", error.code);
  Set(inner, "decline_code", error.decline_code);
  Set(inner, "message", error.message);
  Set(inner, "param", error.param);
  if (!error.intent_json.empty()) inner["payment_intent"] = Json::parse(error.intent_json);
  Set(inner, "type", error.type);
  const Json outer = {{"error", std::move(inner)}};
  // Replaces what is not UTF-8: a parameter may be quoted in the message.
  return outer.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Answer BadParameter(std::string_view code, std::string_view param, std::string_view message) {
  return {.status = 400,
          .body = FormatError(
              {.type = "invalid_request_error", .code = code, .message = message, .param = param}),
          .executed = false};
}

Answer NoSuch(std::string_view what, std::string_view id, std::string_view param) {
  Answer answer = BadParameter("resource_missing", param,
                               "No such " + std::string(what) + ": '" + std::string(id) + "'");
  // In the path it is a missing resource, in a parameter a wrong one.
  answer.status = param == "id" || param == "intent" || param == "refund" ? 404 : 400;
  return answer;
}

}  // namespace ticketing::sandbox
