#include "lib/service/seatsio/for_sale.h"

#include <algorithm>

namespace ticketing::seatsio {
namespace {

constexpr size_t kListedMax = limits::kSeatsPerChartMax;
constexpr size_t kEventsMax = 100;
// Edits are not counted here: the numbers only keep those happy who look at them.
constexpr int64_t kCallsLeft = 9;

struct ForSaleEntry {
  std::string object;
  std::optional<int64_t> quantity;
};

StatusOr<std::vector<ForSaleEntry>> ReadEntries(Fields& fields, std::string_view name) {
  std::vector<ForSaleEntry> out;
  const Json* const list = fields.Array(name, kListedMax);
  TICKETING_RETURN_IF_ERROR(fields.status());
  if (list == nullptr) return out;
  for (const Json& item : *list) {
    Fields in(item, "/" + std::string(name));
    ForSaleEntry entry{in.RequiredText("object"),
                       in.Integer("quantity", 1, limits::kAreaCapacityMax)};
    TICKETING_RETURN_IF_ERROR(in.status());
    out.push_back(std::move(entry));
  }
  return out;
}

void PutListed(Json& for_sale, const ForSaleEntry& entry, bool listed) {
  if (entry.quantity) {
    Json& places = for_sale["areaPlaces"];
    const int64_t now = places.value(entry.object, int64_t{0});
    const int64_t then = listed ? now + *entry.quantity : now - *entry.quantity;
    if (then > 0) {
      places[entry.object] = then;
    } else {
      places.erase(entry.object);
    }
    return;
  }
  Json& objects = for_sale["objects"];
  const auto it = std::find(objects.begin(), objects.end(), Json(entry.object));
  if (listed && it == objects.end()) objects.push_back(entry.object);
  if (!listed && it != objects.end()) objects.erase(it);
}

Status Edit(const Json& body, Json& config) {
  Fields in(body);
  TICKETING_ASSIGN_OR_RETURN(const std::vector<ForSaleEntry> open, ReadEntries(in, "forSale"));
  TICKETING_ASSIGN_OR_RETURN(const std::vector<ForSaleEntry> closed, ReadEntries(in, "notForSale"));
  Json& for_sale = config["forSaleConfig"];
  if (for_sale.is_null()) {
    for_sale = {{"forSale", false},
                {"objects", Json::array()},
                {"areaPlaces", Json::object()},
                {"categories", Json::array()}};
  }
  const bool lists_open = for_sale["forSale"];
  for (const ForSaleEntry& entry : open) PutListed(for_sale, entry, lists_open);
  for (const ForSaleEntry& entry : closed) PutListed(for_sale, entry, !lists_open);
  return OkStatus();
}

Status Replace(const Json& body, bool open, Json& config) {
  Fields in(body);
  const auto objects = in.Texts("objects", kListedMax);
  const auto places = in.Counts("areaPlaces", limits::kAreasPerChartMax);
  const auto categories = in.Texts("categories", limits::kCategoriesPerChartMax);
  TICKETING_RETURN_IF_ERROR(in.status());
  config["forSaleConfig"] = {{"forSale", open},
                             {"objects", objects.value_or(std::vector<std::string>())},
                             {"areaPlaces", places.value_or(std::map<std::string, int64_t>())},
                             {"categories", categories.value_or(std::vector<std::string>())}};
  return OkStatus();
}

Json RateLimit(Timestamp now) {
  return {{"rateLimitRemainingCalls", kCallsLeft},
          {"rateLimitResetDate", FormatTimestamp(now + Duration::Hours(24))}};
}

StatusOr<Json> EditOne(const Context& context, EventStore& events, const Call& call,
                       std::string_view key, const Json& body) {
  EventEdit edit;
  edit.config = [&](Json& config) { return Edit(body, config); };
  edit.log_type = "event.for.sale.config.updated";
  TICKETING_ASSIGN_OR_RETURN(const Json config,
                             EditEvent(context, events, call.principal, key, edit));
  return Json{{"forSaleConfig", config["forSaleConfig"]},
              {"rateLimitInfo", RateLimit(context.env.clock.Now())}};
}

}  // namespace

std::vector<Route> ForSaleRoutes(const Context& context, EventStore& events) {
  const auto edit = [&context, &events](Call& call) -> StatusOr<Reply> {
    TICKETING_ASSIGN_OR_RETURN(const Json body, call.Body());
    TICKETING_ASSIGN_OR_RETURN(const Json json,
                               EditOne(context, events, call, call.Path("event"), body));
    return Ok(json);
  };
  const auto edit_many = [&context, &events](Call& call) -> StatusOr<Reply> {
    TICKETING_ASSIGN_OR_RETURN(const Json body, call.Body());
    Fields in(body);
    const Json* const all = in.Object("events");
    if (all == nullptr || all->size() > kEventsMax) in.Fault("events", "1 to 100 are expected");
    TICKETING_RETURN_IF_ERROR(in.status());
    Json out = Json::object();
    for (const auto& [key, wanted] : all->items()) {
      TICKETING_ASSIGN_OR_RETURN(out[key], EditOne(context, events, call, key, wanted));
    }
    return Ok(out);
  };
  const auto replaces = [&context, &events](auto change) {
    return [&context, &events, change](Call& call) -> StatusOr<Reply> {
      TICKETING_ASSIGN_OR_RETURN(const Json body, call.Body());
      EventEdit wanted;
      wanted.config = [&](Json& config) { return change(body, config); };
      wanted.log_type = "event.for.sale.config.updated";
      TICKETING_ASSIGN_OR_RETURN(const Json config, EditEvent(context, events, call.principal,
                                                              call.Path("event"), wanted));
      return Ok({{"forSaleConfig", config["forSaleConfig"]},
                 {"rateLimitInfo", RateLimit(context.env.clock.Now())}});
    };
  };
  const std::string actions = "/events/{event}/actions/";
  return {
      {"POST", actions + "edit-for-sale-config", Auth::kKey, edit},
      {"POST", "/events/actions/edit-for-sale-config", Auth::kKey, edit_many},
      {"POST", actions + "mark-as-for-sale", Auth::kKey,
       replaces([](const Json& body, Json& config) { return Replace(body, true, config); })},
      {"POST", actions + "mark-as-not-for-sale", Auth::kKey,
       replaces([](const Json& body, Json& config) { return Replace(body, false, config); })},
      {"POST", actions + "mark-everything-as-for-sale", Auth::kKey,
       replaces([](const Json&, Json& config) {
         config["forSaleConfig"] = nullptr;
         return OkStatus();
       })},
      {"POST", actions + "mark-everything-as-not-for-sale", Auth::kKey,
       replaces([](const Json&, Json& config) { return Replace(Json::object(), true, config); })},
  };
}

}  // namespace ticketing::seatsio
