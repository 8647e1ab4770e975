// One request on its way through this API, its answers, its refusals, and the table of routes.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_CALL_H_
#define TICKETING_LIB_SERVICE_SEATSIO_CALL_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/service/seatsio/json.h"
#include "ticketing/base/limits.h"
#include "ticketing/base/status.h"
#include "ticketing/env/env.h"
#include "ticketing/env/http.h"

namespace ticketing::seatsio {

// Who calls: a company's key or a workspace's.
struct Principal {
  int64_t company = 0;
  int64_t workspace = 0;  // the one acted in
  std::string workspace_key;
  bool admin = false;  // the company's key
};

// 400 with one of that API's codes.
Status Refuse(std::string_view code, std::string_view message);
// 404.
Status Missing(std::string_view code, std::string_view message);

struct Reply {
  int status = 200;
  std::string type = "application/json";
  std::string body;
};
Reply Ok(const Json& json, int status = 200);
// `json` is JSON already.
Reply OkText(std::string json, int status = 200);
Reply NoContent();

struct PageRequest {
  size_t limit = 1000;
  std::optional<std::string> after;   // start_after_id
  std::optional<std::string> before;  // end_before_id
};

// Lives as long as its handler runs; not thread-safe.
class Call {
 public:
  Call(const HttpRequest& http, Env process) : request(http), env(process) {}

  const HttpRequest& request;
  Env env;
  Principal principal;
  std::map<std::string, std::string, std::less<>> path_values;
  std::vector<std::pair<std::string, std::string>> query;

  std::string_view Path(std::string_view name) const;
  std::optional<std::string> Query(std::string_view name) const;
  std::vector<std::string> QueryAll(std::string_view name) const;
  StatusOr<PageRequest> Page() const;
  // The body, whatever its Content-Type says: clients differ.
  StatusOr<Json> Body() const { return ParseJson(request.body); }
};

// A page of a list of items. `items` has at most one more than the limit, in the order of the list;
// for a page that ends before an id it is given in that order too. `more_before` says whether
// something stands in front of the first.
struct PageItem {
  std::string id;
  Json json;
};
Json PageOf(std::vector<PageItem> items, const PageRequest& page, bool anything_before);

enum class Auth { kKey, kCompanyKey, kSystem };

struct Route {
  std::string method;
  std::string path;  // "/events/{event}/actions/change-object-status"
  Auth auth = Auth::kKey;
  std::function<StatusOr<Reply>(Call&)> handler;
  size_t body_bytes_max = limits::kBodyBytesMax;
  // Moves seats and tokens only: what requests remember (memo.h) stays as it is.
  bool sells = false;
};

// A status as that API tells of it. 401 and 403 have no body.
HttpResponse ErrorResponse(const Status& status, Env env);

// 8-4-4-4-12 hexadecimal digits, version 4.
std::string NewUuid(Random& random);
// `count` digits and letters.
std::string NewToken(Random& random, size_t count);

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_CALL_H_
