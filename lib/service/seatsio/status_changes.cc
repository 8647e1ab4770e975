#include "lib/service/seatsio/status_changes.h"

#include <algorithm>
#include <charconv>
#include <memory>

#include "lib/service/seatsio/shapes.h"
#include "ticketing/lane/history.h"

namespace ticketing::seatsio {
namespace {

// Orders other than by time need all entries at once.
constexpr size_t kSortedMax = 200'000;

enum class Order { kNewest, kOldest, kLabel, kLabelDown, kStatus, kStatusDown };

struct Wanted {
  std::optional<uint32_t> object;
  std::string filter;  // part of the label
  Order order = Order::kNewest;
  PageRequest page;
};

// What it takes to show entries of one event.
struct Shown {
  const EventRow& event;
  const ChartView& view;
  std::vector<bool> sold_here;  // by object
};

StatusOr<Order> OrderOf(const std::string& text) {
  const size_t colon = text.find(':');
  const std::string field = text.substr(0, colon);
  const bool down = colon != std::string::npos && text.substr(colon + 1) == "desc";
  if (field.empty()) return Order::kNewest;
  // By time the newest come first unless the oldest are asked for.
  if (field == "date") return colon != std::string::npos && !down ? Order::kOldest : Order::kNewest;
  if (field == "objectLabel") return down ? Order::kLabelDown : Order::kLabel;
  if (field == "status") return down ? Order::kStatusDown : Order::kStatus;
  return Refuse("GENERAL_ERROR", "sort: objectLabel, status or date");
}

Json OriginOf(const LaneNote& note) {
  if (note.origin == "hold expired") return {{"type", "HOLD_EXPIRED"}};
  Json origin = {{"type", "API_CALL"}};
  if (!note.reason.empty()) origin["ip"] = note.reason;
  return origin;
}

Json Show(const Shown& shown, const HistoryEntry& entry) {
  const seat::SeatsioObject& object = shown.view.at(entry.row.index);
  const bool present = shown.sold_here[entry.row.index];
  Json json = {{"id", entry.id},
               {"eventId", shown.event.id},
               {"status", StatusName(entry.row.status, entry.row.custom)},
               {"quantity", entry.row.quantity},
               {"objectLabel", object.label},
               {"displayedLabel", DisplayedLabel(object)},
               {"date", FormatTimestamp(entry.at)},
               {"origin", OriginOf(entry.note)},
               {"isPresentOnChart", present}};
  if (!present) {
    json["notPresentOnChartReason"] = object.kind == seat::ObjectKind::kTable
                                          ? "SWITCHED_TO_BOOK_BY_SEAT"
                                          : "SWITCHED_TO_BOOK_WHOLE_TABLE";
  }
  if (!entry.row.order_name.empty()) json["orderId"] = entry.row.order_name;
  if (entry.row.hold) json["holdToken"] = TokenOf(entry.row.hold);
  if (!entry.extra.empty()) {
    if (Json extra = Json::parse(entry.extra, nullptr, false); !extra.is_discarded())
      json["extraData"] = std::move(extra);
  }
  return json;
}

bool Fits(const Wanted& wanted, const Shown& shown, const HistoryEntry& entry) {
  if (entry.row.quantity == 0) return false;  // extra data alone
  return wanted.filter.empty() ||
         shown.view.at(entry.row.index).label.find(wanted.filter) != std::string::npos;
}

StatusOr<uint64_t> CursorOf(const std::string& text) {
  uint64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size() || id > INT64_MAX)
    return Refuse("GENERAL_ERROR", "Not an id of a status change");
  return id;
}

// The wanted entries, newest first, at most so many.
StatusOr<std::vector<HistoryEntry>> ReadEntries(const Context& context, const Wanted& wanted,
                                                const Shown& shown, HistoryQuery query,
                                                size_t count_max) {
  query.slot = shown.event.slot;
  query.index = wanted.object;
  std::vector<HistoryEntry> entries;
  TICKETING_RETURN_IF_ERROR(context.database.Read([&](SqlTransaction& tx) {
    entries.clear();
    return ReadHistory(tx, shown.event.lane, query, [&](const HistoryEntry& entry) {
      if (Fits(wanted, shown, entry)) entries.push_back(entry);
      return entries.size() < count_max;
    });
  }));
  return entries;
}

// By time, newest first: reads no more than the page needs.
StatusOr<Json> NewestFirst(const Context& context, const Wanted& wanted, const Shown& shown) {
  HistoryQuery query;
  size_t count_max = wanted.page.limit + 1;
  if (wanted.page.after) {
    TICKETING_ASSIGN_OR_RETURN(query.before, CursorOf(*wanted.page.after));
  }
  if (wanted.page.before) {
    TICKETING_ASSIGN_OR_RETURN(query.after, CursorOf(*wanted.page.before));
    count_max = kSortedMax;
  }
  TICKETING_ASSIGN_OR_RETURN(std::vector<HistoryEntry> entries,
                             ReadEntries(context, wanted, shown, query, count_max));
  // A page that ends before an entry has those next to it: the oldest of what is newer.
  if (wanted.page.before && entries.size() > wanted.page.limit + 1)
    entries.erase(entries.begin(), entries.end() - static_cast<long>(wanted.page.limit + 1));
  std::vector<PageItem> items;
  items.reserve(entries.size());
  for (const HistoryEntry& entry : entries)
    items.push_back({std::to_string(entry.id), Show(shown, entry)});
  return PageOf(std::move(items), wanted.page, wanted.page.after.has_value());
}

void Sort(std::vector<HistoryEntry>& entries, Order order, const Shown& shown) {
  // The entries come newest first, and stay so where the key is the same.
  const auto label = [&](const HistoryEntry& entry) -> const std::string& {
    return shown.view.at(entry.row.index).label;
  };
  const auto status = [](const HistoryEntry& entry) {
    return StatusName(entry.row.status, entry.row.custom);
  };
  if (order == Order::kOldest) std::ranges::reverse(entries);
  if (order == Order::kLabel) std::ranges::stable_sort(entries, std::less<>(), label);
  if (order == Order::kLabelDown) std::ranges::stable_sort(entries, std::greater<>(), label);
  if (order == Order::kStatus) std::ranges::stable_sort(entries, std::less<>(), status);
  if (order == Order::kStatusDown) std::ranges::stable_sort(entries, std::greater<>(), status);
}

StatusOr<Json> Sorted(const Context& context, const Wanted& wanted, const Shown& shown) {
  TICKETING_ASSIGN_OR_RETURN(std::vector<HistoryEntry> entries,
                             ReadEntries(context, wanted, shown, {}, kSortedMax + 1));
  if (entries.size() > kSortedMax)
    return Refuse("GENERAL_ERROR", "Too many status changes for this order: leave out sort");
  Sort(entries, wanted.order, shown);
  size_t first = 0;
  size_t last = entries.size();
  const std::optional<std::string>& cursor =
      wanted.page.after ? wanted.page.after : wanted.page.before;
  if (cursor) {
    TICKETING_ASSIGN_OR_RETURN(const uint64_t id, CursorOf(*cursor));
    const auto at =
        static_cast<size_t>(std::ranges::find(entries, id, &HistoryEntry::id) - entries.begin());
    if (wanted.page.after) {
      first = std::min(at + 1, entries.size());
    } else {
      last = at;
      first = last > wanted.page.limit + 1 ? last - wanted.page.limit - 1 : 0;
    }
  }
  last = std::min(last, first + wanted.page.limit + 1);
  std::vector<PageItem> items;
  for (size_t i = first; i < last; ++i)
    items.push_back({std::to_string(entries[i].id), Show(shown, entries[i])});
  return PageOf(std::move(items), wanted.page, wanted.page.after.has_value());
}

StatusOr<Reply> List(const Context& context, EventStore& events, Call& call, bool of_object) {
  TICKETING_ASSIGN_OR_RETURN(const EventRow event, events.Find(call.principal, call.Path("event")));
  TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<const ChartView> view, events.View(event));
  Wanted wanted;
  wanted.filter = call.Query("filter").value_or("");
  TICKETING_ASSIGN_OR_RETURN(wanted.order, OrderOf(call.Query("sort").value_or("")));
  TICKETING_ASSIGN_OR_RETURN(wanted.page, call.Page());
  if (of_object) {
    wanted.object = view->chart->Find(call.Path("object"));
    if (!wanted.object) {
      return Missing("OBJECT_NOT_FOUND", "Object not found: " + std::string(call.Path("object")));
    }
  }
  Shown shown{event, *view, {}};
  TICKETING_ASSIGN_OR_RETURN(const std::shared_ptr<EventLane> lane, events.Lane(event));
  TICKETING_RETURN_IF_ERROR(lane->Ask([&](const LaneState& state) {
    shown.sold_here.clear();
    for (uint32_t i = 0; i < view->chart->object_count(); ++i)
      shown.sold_here.push_back(state.seats.at(event.slot).sold_here(i));
    return OkStatus();
  }));
  TICKETING_ASSIGN_OR_RETURN(const Json page, wanted.order == Order::kNewest
                                                  ? NewestFirst(context, wanted, shown)
                                                  : Sorted(context, wanted, shown));
  return Ok(page);
}

}  // namespace

std::vector<Route> StatusChangeRoutes(const Context& context, EventStore& events) {
  const auto list = [&context, &events](bool of_object) {
    return [&context, &events, of_object](Call& call) {
      return List(context, events, call, of_object);
    };
  };
  return {{"GET", "/events/{event}/status-changes", Auth::kKey, list(false)},
          {"GET", "/events/{event}/objects/{object}/status-changes", Auth::kKey, list(true)}};
}

}  // namespace ticketing::seatsio
