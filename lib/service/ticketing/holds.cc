#include "lib/service/ticketing/holds.h"

#include <algorithm>
#include <optional>

#include "lib/service/ticketing/frozen.h"
#include "lib/service/ticketing/sale_rules.h"
#include "lib/wire/convert.h"
#include "ticketing/order/order.h"
#include "ticketing/wire/json.h"

namespace ticketing {
namespace {

// The row may be there already: a repeat with its key makes a hold anew that has ended.
constexpr std::string_view kInsertLines =
    "INSERT INTO hold_lines (id, event_id, expires_at, details) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at, details = excluded.details";
// A hold may be extended up to the longest life there is.
constexpr Duration kLinesKept = limits::kHoldMax + limits::kHoldMax;
constexpr int64_t kForgottenAtOnce = 1000;

Status HoldNotFound() {
  return MakeError(ErrorCode::kHoldNotFound,
                   "This hold does not exist or has ended. Choose the seats again.");
}

// What a request asks for, with everything that can be checked without the inventory.
struct Wish {
  std::vector<seat::Pick> picks;
  std::optional<seat::BestAvailableRequest> best;
  v1::CreateHoldRequest request;
  bool staff = false;
  std::string actor;
};

// The categories whose price is at most `most`.
StatusOr<std::vector<std::string>> CategoriesUpTo(const v1::Money& most, const EventInfo& event) {
  TICKETING_ASSIGN_OR_RETURN(const Money ceiling, wire::MoneyOf(most, "best_available.max_price"));
  if (ceiling.currency.code() != event.event.currency())
    return InvalidField("best_available.max_price", "must be in the currency of the event");
  std::vector<std::string> categories;
  for (const v1::CategoryPrice& price : event.event.prices()) {
    if (price.price().minor() <= ceiling.minor) categories.push_back(price.category());
  }
  if (categories.empty())
    return InvalidField("best_available.max_price", "is below the price of every category");
  return categories;
}

StatusOr<Wish> BestOf(const v1::BestAvailableRequest& request, const EventInfo& event) {
  const seat::Chart& chart = *event.chart;
  seat::BestAvailableRequest best;
  best.quantity = request.quantity();
  if (request.has_max_price()) {
    TICKETING_ASSIGN_OR_RETURN(best.categories, CategoriesUpTo(request.max_price(), event));
  }
  if (!request.category().empty()) {
    if (!chart.FindCategory(request.category()))
      return InvalidField("best_available.category", "is not a category of this event");
    const bool fits =
        best.categories.empty() || std::ranges::count(best.categories, request.category()) > 0;
    if (!fits) return InvalidField("best_available.max_price", "is below the category's price");
    best.categories = {request.category()};
  }
  if (!request.section().empty()) {
    if (!chart.FindSection(request.section()))
      return InvalidField("best_available.section", "is not a section of this event");
    best.sections = {request.section()};
  }
  if (!request.zone().empty()) {
    if (!chart.FindZone(request.zone()))
      return InvalidField("best_available.zone", "is not a zone of this event");
    best.zones = {request.zone()};
  }
  best.accessible = request.accessible() ? 1 : 0;
  // Nobody gets standing places who did not ask for their category.
  best.areas = !request.category().empty();
  return Wish{.best = std::move(best)};
}

StatusOr<Wish> WishOf(const v1::CreateHoldRequest& request, const EventInfo& event) {
  if (request.has_best_available() == (request.objects_size() > 0))
    return InvalidField("objects", "give either these or best_available");
  if (request.has_best_available()) return BestOf(request.best_available(), event);
  std::vector<seat::LabelPick> labels;
  for (const v1::ObjectRequest& object : request.objects())
    labels.push_back({object.label(), object.quantity() == 0 ? 1 : object.quantity()});
  TICKETING_ASSIGN_OR_RETURN(std::vector<seat::Pick> picks,
                             seat::ResolveLabels(*event.chart, labels));
  return Wish{.picks = std::move(picks)};
}

Status CheckOnSale(const EventInfo& event, Timestamp now) {
  if (event.event.status() == "on_sale" && now < wire::TimeOf(event.event.ends_at()))
    return OkStatus();
  return MakeError(ErrorCode::kNotForSale, "This event is not on sale.");
}

// Chooses, prices and holds. What costs too much to add up is refused before anything is held.
StatusOr<LaneEffect> HoldWish(LaneState& state, const EventInfo& event, const Wish& wish, HoldId id,
                              Duration life, Timestamp now, StoredHold& out) {
  const seat::Inventory& inventory = state.seats.at(0);
  if (inventory.FindHold(id)) return MakeError(ErrorCode::kAborted, "This hold was made before.");
  TICKETING_ASSIGN_OR_RETURN(const seat::SaleAccess access,
                             AccessOf(inventory.rules(), wish.request, wish.staff));
  std::vector<seat::Pick> picks = wish.picks;
  if (wish.best) {
    seat::BestAvailableRequest best = *wish.best;
    best.access = access;
    TICKETING_ASSIGN_OR_RETURN(seat::BestAvailable found, inventory.FindBestAvailable(best));
    picks = std::move(found.picks);
  }
  TICKETING_ASSIGN_OR_RETURN(v1::FrozenLines lines, Freeze(event, picks));
  const seat::EventStep step{
      0,
      {.to = seat::SeatStatus::kHeld,
       .picks = std::move(picks),
       .hold = id,
       .expires_at = now + life,
       .access = access,
       .refuse_orphans = !wish.staff && !wish.best && inventory.rules().refuse_orphans}};
  LaneEffect effect;
  effect.note = {wish.actor, "hold", {}};
  TICKETING_ASSIGN_OR_RETURN(effect.changes, state.seats.Apply({&step, 1}, now));
  effect.inserts.push_back(
      {kInsertLines,
       {id.ToSql(), event.id.ToSql(), (now + life).micros, Blob{wire::ToBytes(lines)}}});
  out = {.id = id, .event = event.id, .expires_at = now + life, .lines = std::move(lines)};
  return effect;
}

// A hold that an order wants to buy is let go by cancelling the order.
Status RefuseOrdered(SqlTransaction& tx, HoldId hold) {
  std::optional<OrderId> order;
  TICKETING_RETURN_IF_ERROR(tx.Query(
      "SELECT id FROM orders WHERE hold_id = ? AND state IN (?, ?, ?)",
      {hold.ToSql(), static_cast<int64_t>(OrderState::kPending),
       static_cast<int64_t>(OrderState::kPaying), static_cast<int64_t>(OrderState::kAwaiting)},
      [&](const SqlRow& row) {
        order = OrderId::FromSql(row.Int(0));
        return OkStatus();
      }));
  if (!order) return OkStatus();
  return MakeError(ErrorCode::kOrderState,
                   "These seats belong to an order. Cancel the order to let them go.",
                   {.objects = {order->ToString()}});
}

}  // namespace

std::vector<Route> Holds::Routes() {
  const Access buyers{.roles = {Role::kService, Role::kCustomer, Role::kBoxOffice, Role::kAdmin}};
  return {{"POST", "/v1/events/{event_id}/holds", "createHold",
           "Holds seats for some minutes and freezes their prices", buyers,
           "ticketing.v1.CreateHoldRequest", "ticketing.v1.Hold",
           [this](Call& call) { return Create(call); }, true, 201},
          {"GET", "/v1/events/{event_id}/holds/{hold_id}", "getHold", "Gives one hold", buyers, "",
           "ticketing.v1.Hold", [this](Call& call) { return Show(call); }},
          {"DELETE", "/v1/events/{event_id}/holds/{hold_id}", "deleteHold", "Lets the seats go",
           buyers, "", "", [this](Call& call) { return Delete(call); }, false, 204}};
}

StatusOr<StoredHold> Holds::Find(EventId event, HoldId id) {
  std::optional<StoredHold> hold;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    return tx.Query("SELECT expires_at, details FROM hold_lines WHERE id = ? AND event_id = ?",
                    {id.ToSql(), event.ToSql()}, [&](const SqlRow& row) {
                      hold = {.id = id, .event = event, .expires_at = Timestamp{row.Int(0)}};
                      return wire::FromBytes(row.Bytes(1), &hold->lines);
                    });
  }));
  if (!hold) return HoldNotFound();
  TICKETING_ASSIGN_OR_RETURN(EventLane* const lane, lanes_.Get(event));
  std::optional<seat::Hold> alive;
  const Status asked = lane->Ask([&](const LaneState& state) {
    alive = state.seats.at(0).FindHold(id);
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(asked);
  if (alive) hold->expires_at = alive->expires_at;
  const bool over = hold->expires_at <= context_.env.clock.Now();
  if (alive && !over) return *std::move(hold);
  if (!over) return HoldNotFound();
  return MakeError(ErrorCode::kHoldExpired,
                   "The time to buy these seats is over. Choose seats again.");
}

Status Holds::Tick() {
  const Timestamp before = context_.env.clock.Now() - kLinesKept;
  int64_t forgotten = kForgottenAtOnce;
  while (forgotten == kForgottenAtOnce) {
    const Status status = context_.database.Write([&](SqlTransaction& tx) -> Status {
      TICKETING_ASSIGN_OR_RETURN(
          forgotten, tx.Execute("DELETE FROM hold_lines WHERE id IN"
                                " (SELECT id FROM hold_lines WHERE expires_at < ? LIMIT ?)",
                                {before.micros, kForgottenAtOnce}));
      return OkStatus();
    });
    TICKETING_RETURN_IF_ERROR(status);
  }
  return OkStatus();
}

StatusOr<HttpResponse> Holds::Create(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventId event_id, call.PathId<EventId>("event_id"));
  v1::CreateHoldRequest request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  TICKETING_ASSIGN_OR_RETURN(const auto event, catalog_.Event(event_id));
  TICKETING_RETURN_IF_ERROR(CheckOnSale(*event, context_.env.clock.Now()));
  TICKETING_ASSIGN_OR_RETURN(Wish wish, WishOf(request, *event));
  wish.request = std::move(request);
  wish.staff = call.principal.IsStaff();
  wish.actor = call.principal.subject;
  TICKETING_ASSIGN_OR_RETURN(EventLane* const lane, lanes_.Get(event_id));
  const auto id = HoldId::FromEntropy(call.Entropy("hold " + event_id.ToString()));
  StoredHold hold;
  const Status status = lane->Run([&](LaneState& state, Timestamp now) {
    return HoldWish(state, *event, wish, id, context_.options.hold, now, hold);
  });
  if (CodeOf(status) == ErrorCode::kAborted) {
    // A repeat of a request whose answer was lost, or a lane too busy: the hold itself tells.
    StatusOr<StoredHold> found = Find(event_id, id);
    if (!found.ok()) return status;
    hold = *std::move(found);
  } else {
    TICKETING_RETURN_IF_ERROR(status);
  }
  return call.Reply(201, HoldMessage(*event, id, hold.expires_at, hold.lines));
}

StatusOr<HttpResponse> Holds::Show(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventId event_id, call.PathId<EventId>("event_id"));
  TICKETING_ASSIGN_OR_RETURN(const auto event, catalog_.Event(event_id));
  const std::optional<HoldId> id = HoldId::Parse(call.Path("hold_id"));
  if (!id) return HoldNotFound();
  TICKETING_ASSIGN_OR_RETURN(const StoredHold hold, Find(event_id, *id));
  return call.Reply(200, HoldMessage(*event, *id, hold.expires_at, hold.lines));
}

StatusOr<HttpResponse> Holds::Delete(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventId event_id, call.PathId<EventId>("event_id"));
  TICKETING_ASSIGN_OR_RETURN(EventLane* const lane, lanes_.Get(event_id));
  const std::optional<HoldId> id = HoldId::Parse(call.Path("hold_id"));
  if (!id) return HoldNotFound();
  TICKETING_RETURN_IF_ERROR(
      context_.database.Read([&](SqlTransaction& tx) { return RefuseOrdered(tx, *id); }));
  TICKETING_RETURN_IF_ERROR(lane->Run([&](LaneState& state, Timestamp) -> StatusOr<LaneEffect> {
    LaneEffect effect;
    TICKETING_ASSIGN_OR_RETURN(effect.changes, state.seats.Release(*id));
    effect.rows = [id](SqlTransaction& tx) { return RefuseOrdered(tx, *id); };
    return effect;
  }));
  HttpResponse response;
  response.status = 204;
  return response;
}

}  // namespace ticketing
