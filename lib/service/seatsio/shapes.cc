#include "lib/service/seatsio/shapes.h"

#include <algorithm>
#include <exception>
#include <vector>

#include "lib/service/seatsio/event_config.h"

namespace ticketing::seatsio {
namespace {

constexpr std::string_view kDigits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr size_t kTokenSize = 10;
// 62^10 is a little more than 2^59.
constexpr uint64_t kHoldBits = (uint64_t{1} << 59) - 1;
// Put before custom statuses that are called as a status of the engine.
constexpr std::string_view kPrefix = "seatsio:";

bool IsEngineName(std::string_view name) {
  return name == "held" || name == "custom" || name.starts_with(kPrefix);
}

// What somebody related has of a unit that this event finds blocked.
std::optional<seat::SeatRow> RowElsewhere(const seat::EventSet& seats, uint32_t slot,
                                          uint32_t unit) {
  const seat::EventKind kind = seats.entry(slot).kind;
  if (kind == seat::EventKind::kEvent) return std::nullopt;
  const auto takes = [&](uint32_t other) {
    return other != slot && !seats.entry(other).removed &&
           seats.at(other).status(unit) != seat::SeatStatus::kFree;
  };
  const auto has = [&](uint32_t season, uint32_t match) {
    return std::ranges::count(seats.entry(season).matches, match) > 0;
  };
  const auto related = [&](uint32_t other) {
    const seat::EventKind theirs = seats.entry(other).kind;
    if (theirs == seat::EventKind::kSeason || kind == seat::EventKind::kSeason) return true;
    if (kind == seat::EventKind::kMatch)
      return theirs == seat::EventKind::kPartialSeason && has(other, slot);
    if (theirs == seat::EventKind::kMatch) return has(slot, other);
    return std::ranges::any_of(seats.entry(other).matches,
                               [&](uint32_t match) { return has(slot, match); });
  };
  for (uint32_t other = 0; other < seats.size(); ++other) {
    if (related(other) && takes(other)) return seats.at(other).row(unit);
  }
  return std::nullopt;
}

void AddOverrides(const Scene& scene, uint32_t object, JsonText& out) {
  uint32_t total = 0;
  std::map<std::string, uint32_t> by_season;
  for (const seat::Override& entry : scene.seats.overrides(scene.slot)) {
    if (entry.index != object || entry.places == 0) continue;
    total += entry.places;
    const auto& keys = scene.event.season_keys;
    if (const auto key = keys.find(entry.season); key != keys.end())
      by_season[key->second] = entry.places;
  }
  out.Number("seasonStatusOverriddenQuantity", total);
  if (!by_season.empty()) out.Raw("seasonStatusOverriddenQuantities", Dump(by_season));
}

// Places of an area that are not for sale.
int64_t PlacesNotForSale(const Scene& scene, uint32_t area) {
  const seat::SaleRules& rules = scene.inventory().rules();
  if (!rules.for_sale) return 0;
  const seat::ForSale& rule = *rules.for_sale;
  const seat::Object& object = scene.view.chart->object(area);
  const auto listed = [](const std::vector<std::string>& list, std::string_view text) {
    return std::ranges::find(list, text) != list.end();
  };
  const int64_t all = object.capacity;
  if (listed(rule.objects, object.label) ||
      listed(rule.categories, scene.inventory().category(area)))
    return rule.only_listed ? 0 : all;
  const auto partly = rule.area_places.find(object.label);
  const int64_t places = partly == rule.area_places.end() ? 0 : std::min(partly->second, all);
  return rule.only_listed ? all - places : places;
}

void AddAvailability(JsonText& out, bool for_sale, bool available, const std::string& status) {
  out.Flag("forSale", for_sale);
  out.Flag("isAvailable", available);
  const bool open = status == "free" || status == "resale";
  out.Text("availabilityReason", available ? "available" : open ? "not_for_sale" : status);
}

void DescribeUnit(const Scene& scene, uint32_t unit, JsonText& out) {
  const seat::Inventory& inventory = scene.inventory();
  seat::SeatRow row = inventory.row(unit);
  const bool blocked = scene.propagated && inventory.blocked(unit);
  if (blocked && row.status == seat::SeatStatus::kFree) {
    if (auto elsewhere = RowElsewhere(scene.seats, scene.slot, unit)) row = *std::move(elsewhere);
  }
  const std::string status = StatusName(row.status, row.custom);
  const bool open = !blocked && (row.status == seat::SeatStatus::kFree ||
                                 row.status == seat::SeatStatus::kResale);
  const bool for_sale = inventory.for_sale(unit);
  out.Text("status", status);
  AddAvailability(out, for_sale, open && for_sale, status);
  if (!row.order_name.empty()) out.Text("orderId", row.order_name);
  if (!row.ticket_type.empty()) out.Text("ticketType", row.ticket_type);
  if (row.status == seat::SeatStatus::kHeld) out.Text("holdToken", TokenOf(row.hold));
  if (const uint16_t id = inventory.channel(unit); id != 0) {
    for (const seat::Channel& channel : inventory.rules().channels) {
      if (channel.id == id) out.Text("channel", channel.key);
    }
  }
  if (const auto listing = scene.listings.find(unit);
      listing != scene.listings.end() && row.status == seat::SeatStatus::kResale)
    out.Text("resaleListingId", listing->second);
}

void DescribeArea(const Scene& scene, uint32_t area, JsonText& out) {
  const seat::Inventory& inventory = scene.inventory();
  const seat::AreaState state = inventory.area(area);
  const uint32_t booked = state.booked + (scene.propagated ? state.blocked : 0);
  const uint32_t taken = booked + state.held;
  const uint32_t free = state.capacity > taken ? state.capacity - taken : 0;
  std::map<std::string, std::map<std::string, int64_t>> holds;
  std::string fullest = "booked";
  uint32_t most = 0;
  for (const seat::SeatRow& row : inventory.AreaRows(area)) {
    if (row.status == seat::SeatStatus::kHeld) {
      const std::string type = row.ticket_type.empty() ? "NO_TICKET_TYPE" : row.ticket_type;
      holds[TokenOf(row.hold)][type] += row.quantity;
    }
    if (row.status != seat::SeatStatus::kFree && row.quantity > most) {
      most = row.quantity;
      fullest = StatusName(row.status, row.custom);
    }
  }
  const std::string status = free == 0 && state.capacity > 0 ? fullest : "free";
  const int64_t not_for_sale = PlacesNotForSale(scene, area);
  const bool for_sale = inventory.for_sale(area) && not_for_sale < state.capacity;
  out.Text("status", status);
  out.Number("numBooked", booked);
  out.Number("numHeld", state.held);
  out.Number("numFree", free);
  out.Number("numNotForSale", not_for_sale);
  out.Raw("holds", Dump(holds));
  AddAvailability(out, for_sale, free > 0 && for_sale, status);
}

}  // namespace

std::string TokenOf(HoldId hold) {
  std::string token(kTokenSize, '0');
  uint64_t value = hold.value;
  for (size_t i = kTokenSize; i-- > 0; value /= kDigits.size())
    token[i] = kDigits[value % kDigits.size()];
  return token;
}

std::optional<HoldId> HoldOfToken(std::string_view token) {
  if (token.size() != kTokenSize) return std::nullopt;
  uint64_t value = 0;
  for (const char c : token) {
    const size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    value = value * kDigits.size() + digit;  // 62^10 fits 64 bits
  }
  if (value == 0 || value > kHoldBits) return std::nullopt;
  return HoldId{value};
}

HoldId NewHold(Random& random) {
  const uint64_t bits = random.Next64() & kHoldBits;
  return HoldId{bits == 0 ? 1 : bits};
}

std::string StatusName(seat::SeatStatus status, std::string_view custom) {
  if (status == seat::SeatStatus::kHeld) return "reservedByToken";
  if (status != seat::SeatStatus::kCustom) return std::string(seat::NameOfStatus(status));
  if (custom.starts_with(kPrefix)) custom.remove_prefix(kPrefix.size());
  return std::string(custom);
}

std::string EngineStatus::name() const {
  return status == seat::SeatStatus::kCustom ? custom : std::string(seat::NameOfStatus(status));
}

EngineStatus StatusOfName(std::string_view name) {
  if (name == "free") return {seat::SeatStatus::kFree, ""};
  if (name == "reservedByToken") return {seat::SeatStatus::kHeld, ""};
  if (name == "booked") return {seat::SeatStatus::kBooked, ""};
  if (name == "resale") return {seat::SeatStatus::kResale, ""};
  std::string custom(name);
  if (IsEngineName(name)) custom.insert(0, kPrefix);
  return {seat::SeatStatus::kCustom, std::move(custom)};
}

Json ShowEvent(const EventRow& event, const Json& summary) {
  const Json& shared = event.season_config.is_object() ? event.season_config : event.config;
  Json channels = Json::array();
  for (Json channel : event.config["channels"]) {
    channel["id"] = std::to_string(channel["id"].get<int64_t>());
    channels.push_back(std::move(channel));
  }
  Json json = {{"id", event.id},
               {"key", event.key},
               {"chartKey", event.chart_key},
               {"name", event.name.empty() ? Json() : Json(event.name)},
               {"date", event.day.empty() ? Json() : Json(event.day)},
               {"isSeason", event.IsSeason()},
               {"isTopLevelSeason", event.kind == seat::EventKind::kSeason},
               {"isPartialSeason", event.kind == seat::EventKind::kPartialSeason},
               {"isEventInSeason", event.kind == seat::EventKind::kMatch},
               {"tableBookingConfig", shared["tableBookingConfig"]},
               {"supportsBestAvailable", summary["bestAvailable"]},
               {"forSaleConfig", event.config["forSaleConfig"]},
               {"channels", std::move(channels)},
               {"categories", CategoriesOfEvent(summary, event.config, event.season_config)},
               {"createdOn", FormatTimestamp(event.created_at)},
               {"updatedOn",
                event.updated_at.micros == 0 ? Json() : Json(FormatTimestamp(event.updated_at))},
               {"isInThePast", event.config["isInThePast"]}};
  if (!shared["objectCategories"].empty()) json["objectCategories"] = shared["objectCategories"];
  if (event.season != 0) json["topLevelSeasonKey"] = event.season_key;
  if (event.IsSeason()) json["forSalePropagated"] = event.config["forSalePropagated"];
  if (event.kind == seat::EventKind::kMatch)
    json["season"] = {{"forSaleConfig", event.season_config["forSaleConfig"]}};
  return json;
}

std::string DescribeObject(const Scene& scene, uint32_t object) {
  const seat::Inventory& inventory = scene.inventory();
  JsonText out;
  DescribeDrawn(scene.view, scene.view.at(object), out);
  const std::string category(inventory.category(object));
  const auto& labels = scene.event.category_labels;
  const auto label = labels.find(category);
  out.Text("categoryKey", category);
  out.Text("categoryLabel", label == labels.end() ? category : label->second);
  if (scene.view.chart->IsUnit(object)) {
    DescribeUnit(scene, object, out);
  } else {
    DescribeArea(scene, object, out);
  }
  if (const std::string& extra = inventory.extra(object); !extra.empty()) {
    if (const Json parsed = Json::parse(extra, nullptr, false); !parsed.is_discarded())
      out.Raw("extraData", Dump(parsed));
  }
  AddOverrides(scene, object, out);
  return std::move(out).Take();
}

StatusOr<std::map<uint32_t, std::string>> ResaleListings(Database& database,
                                                         const EventRow& event) {
  std::map<uint32_t, std::string> listings;
  TICKETING_RETURN_IF_ERROR(database.Read([&](SqlTransaction& tx) {
    listings.clear();
    return tx.Query("SELECT idx, listing FROM resale_listings WHERE lane_id = ? AND slot = ?",
                    {event.lane.ToSql(), int64_t{event.slot}}, [&](const SqlRow& row) {
                      listings[static_cast<uint32_t>(row.Int(0))] = row.Text(1);
                      return OkStatus();
                    });
  }));
  return listings;
}

}  // namespace ticketing::seatsio
