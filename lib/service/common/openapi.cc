#include "lib/service/common/openapi.h"

#include <nlohmann/json.hpp>

#include "ticketing/version.h"
#include "ticketing/wire/json.h"

namespace ticketing {
namespace {

using Json = nlohmann::ordered_json;

std::string ShortName(const std::string& message) {
  return message.substr(message.rfind('.') + 1);
}

Json Content(const std::string& media_type, const std::string& message) {
  Json schema = message.empty() ? Json(Json::object())
                                : Json{{"$ref", "#/components/schemas/" + ShortName(message)}};
  return Json{{media_type, {{"schema", schema}}}};
}

Json Parameters(const Route& route) {
  Json parameters = Json::array();
  size_t at = 0;
  while ((at = route.path.find('{', at)) != std::string::npos) {
    const size_t close = route.path.find('}', at);
    parameters.push_back({{"name", route.path.substr(at + 1, close - at - 1)},
                          {"in", "path"},
                          {"required", true},
                          {"schema", {{"type", "string"}}}});
    at = close;
  }
  for (const QueryParameter& query : route.query) {
    parameters.push_back({{"name", query.name},
                          {"in", "query"},
                          {"required", false},
                          {"description", query.about},
                          {"schema", {{"type", "string"}}}});
  }
  if (route.idempotent_key) {
    parameters.push_back(
        {{"name", "Idempotency-Key"},
         {"in", "header"},
         {"required", true},
         {"description",
          "A new random text for each new request; the same one makes a repeat safe."},
         {"schema", {{"type", "string"}, {"maxLength", limits::kIdempotencyKeyBytesMax}}}});
  }
  if (route.minimal) {
    parameters.push_back(
        {{"name", "Prefer"},
         {"in", "header"},
         {"required", false},
         {"description",
          "With return=minimal the answer has no more than the id, the event, the "
          "state, the times and the payment of what came about; the rest is there to fetch."},
         {"schema", {{"type", "string"}, {"enum", {kPreferMinimal}}}}});
  }
  return parameters;
}

std::string RolesText(const Access& access) {
  if (access.anonymous) return "Anyone.";
  if (access.roles.empty()) return "Any valid token.";
  std::string text;
  for (const Role role : access.roles)
    text += (text.empty() ? "" : ", ") + std::string(ToString(role));
  return "Roles: " + text + ".";
}

Json Operation(const Route& route) {
  Json operation = {{"operationId", route.operation},
                    {"summary", route.summary},
                    {"description", RolesText(route.access)}};
  if (const Json parameters = Parameters(route); !parameters.empty())
    operation["parameters"] = parameters;
  if (!route.request.empty() || route.request_type != "application/json") {
    operation["requestBody"] = {{"required", true},
                                {"content", Content(route.request_type, route.request)}};
  }
  Json success = {{"description", route.summary}};
  if (!route.response.empty() || route.response_type != "application/json") {
    success["content"] = Content(route.response_type, route.response);
  }
  operation["responses"] = {
      {std::to_string(route.success), success},
      {"4XX",
       {{"description", "What was wrong."},
        {"content", Content("application/problem+json", "ticketing.v1.Problem")}}},
      {"5XX",
       {{"description", "Try again later."},
        {"content", Content("application/problem+json", "ticketing.v1.Problem")}}},
  };
  operation["security"] =
      route.access.anonymous ? Json::array() : Json::array({{{"bearer", Json::array()}}});
  return operation;
}

}  // namespace

std::string OpenApiDocument(const OpenApiInfo& info, const std::vector<Route>& routes) {
  std::vector<std::string> messages = {"ticketing.v1.Problem"};
  Json paths = Json::object();
  for (const Route& route : routes) {
    std::string method = route.method;
    for (char& c : method) c = static_cast<char>(c + 32);
    paths[route.path][method] = Operation(route);
    if (!route.request.empty()) messages.push_back(route.request);
    if (!route.response.empty()) messages.push_back(route.response);
  }
  const Json document = {
      {"openapi", "3.1.0"},
      {"info",
       {{"title", info.title},
        {"description", info.about},
        {"version", TICKETING_VERSION},
        {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
      {"servers", Json::array({{{"url", "/"}}})},
      {"paths", paths},
      {"components",
       {{"schemas", Json::parse(wire::SchemasOf(messages))},
        {"securitySchemes",
         {{"bearer", {{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"}}}}}}},
  };
  return document.dump(1);
}

}  // namespace ticketing
