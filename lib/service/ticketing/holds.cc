#include "lib/service/ticketing/holds.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "lib/service/ticketing/frozen.h"
#include "lib/service/ticketing/order_store.h"
#include "lib/service/ticketing/sale_rules.h"
#include "lib/wire/convert.h"
#include "ticketing/base/bytes.h"
#include "ticketing/order/order.h"
#include "ticketing/wire/json.h"

namespace ticketing {
namespace {

constexpr std::string_view kInsertLines =
    "INSERT INTO hold_lines (id, event_id, expires_at, details) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at, details = excluded.details";
// A hold may be extended up to the longest life there is.
constexpr Duration kLinesKept = limits::kHoldMax + limits::kHoldMax;
constexpr int64_t kForgottenAtOnce = 1000;
constexpr size_t kRecentMax = 4000;
constexpr int kRecentLinesMax = 10;

Status HoldNotFound() {
  return MakeError(ErrorCode::kHoldNotFound,
                   "This hold does not exist or has ended. Choose the seats again.");
}

Buyer BuyerOf(bool staff) {
  return staff ? Buyer::kStaff : Buyer::kAnybody;
}

// What a request asks for, as far as the inventory need not be seen for it.
struct Seats {
  std::vector<seat::Pick> picks;
  std::optional<seat::BestAvailableRequest> best;
  SoldTypes types;
};

// The categories whose price is at most `most`.
StatusOr<std::vector<std::string>> CategoriesUpTo(const v1::Money& most, const EventInfo& event,
                                                  const std::string& type, Buyer buyer) {
  TICKETING_ASSIGN_OR_RETURN(const Money ceiling, wire::MoneyOf(most, "best_available.max_price"));
  if (ceiling.currency.code() != event.event.currency())
    return InvalidField("best_available.max_price", "must be in the currency of the event");
  std::vector<std::string> categories;
  for (const v1::CategoryPrice& price : event.event.prices()) {
    if (price.staff_only() && buyer != Buyer::kStaff) continue;
    if (price.price().minor() <= ceiling.minor && price.ticket_type() == type)
      categories.push_back(price.category());
  }
  if (categories.empty())
    return InvalidField("best_available.max_price", "is below the price of every category");
  return categories;
}

StatusOr<Seats> BestOf(const v1::BestAvailableRequest& request, const EventInfo& event,
                       Buyer buyer) {
  const seat::Chart& chart = *event.chart;
  seat::BestAvailableRequest best;
  best.quantity = request.quantity();
  if (request.has_max_price()) {
    TICKETING_ASSIGN_OR_RETURN(
        best.categories, CategoriesUpTo(request.max_price(), event, request.ticket_type(), buyer));
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
  return Seats{.best = std::move(best), .types = {.all = request.ticket_type()}};
}

StatusOr<Seats> SeatsOf(const v1::CreateHoldRequest& request, const EventInfo& event, Buyer buyer) {
  if (request.has_best_available() == (request.objects_size() > 0))
    return InvalidField("objects", "give either these or best_available");
  if (request.has_best_available()) return BestOf(request.best_available(), event, buyer);
  std::vector<seat::LabelPick> labels;
  SoldTypes types;
  for (const v1::ObjectRequest& object : request.objects()) {
    labels.push_back({object.label(), object.quantity() == 0 ? 1 : object.quantity()});
    const std::optional<uint32_t> index = event.chart->Find(object.label());
    if (index && !object.ticket_type().empty()) types.of[*index] = object.ticket_type();
  }
  TICKETING_ASSIGN_OR_RETURN(std::vector<seat::Pick> picks,
                             seat::ResolveLabels(*event.chart, labels));
  return Seats{.picks = std::move(picks), .types = std::move(types)};
}

Status CheckOnSale(const EventInfo& event, Timestamp now) {
  if (event.event.status() == "on_sale" && now < wire::TimeOf(event.event.ends_at()))
    return OkStatus();
  return MakeError(ErrorCode::kNotForSale, "This event is not on sale.");
}

}  // namespace

struct HoldWish {
  EventOnLane at;
  v1::CreateHoldRequest request;
  Seats seats;
  bool staff = false;
  std::string actor;
};

namespace {

// Chooses and prices; changes nothing. What costs too much to add up is refused here.
StatusOr<seat::EventStep> Choose(const LaneState& state, const HoldWish& wish, HoldId id,
                                 Timestamp expires_at, v1::FrozenLines& lines) {
  const seat::Inventory& inventory = state.seats.at(wish.at.slot());
  if (inventory.FindHold(id)) return MakeError(ErrorCode::kAborted, "This hold was made before.");
  TICKETING_ASSIGN_OR_RETURN(const seat::SaleAccess access,
                             AccessOf(inventory.rules(), wish.request, wish.staff));
  std::vector<seat::Pick> picks = wish.seats.picks;
  if (wish.seats.best) {
    seat::BestAvailableRequest best = *wish.seats.best;
    best.access = access;
    TICKETING_ASSIGN_OR_RETURN(seat::BestAvailable found, inventory.FindBestAvailable(best));
    picks = std::move(found.picks);
  }
  TICKETING_ASSIGN_OR_RETURN(v1::FrozenLines more,
                             Freeze(*wish.at.event, picks, BuyerOf(wish.staff), wish.seats.types));
  if (lines.lines_size() == 0) {
    lines = std::move(more);
  } else {
    TICKETING_RETURN_IF_ERROR(Join(lines, more));
  }
  return seat::EventStep{
      wish.at.slot(),
      {.to = seat::SeatStatus::kHeld,
       .picks = std::move(picks),
       .hold = id,
       .expires_at = expires_at,
       .access = access,
       .refuse_orphans = !wish.staff && !wish.seats.best && inventory.rules().refuse_orphans}};
}

}  // namespace

LaneInsert HoldLinesInsert(const StoredHold& hold) {
  return {kInsertLines,
          {hold.id.ToSql(), EventsOf(hold.lines).front().ToSql(), hold.expires_at.micros,
           Blob{wire::ToBytes(hold.lines)}}};
}

void RecentHolds::Keep(const StoredHold& hold) {
  if (hold.lines.lines_size() > kRecentLinesMax) return;
  const std::lock_guard lock(mutex_);
  if (recent_.size() >= kRecentMax) old_ = std::exchange(recent_, {});
  recent_.insert_or_assign(hold.id, hold);
}

std::optional<StoredHold> RecentHolds::Find(HoldId id) const {
  const std::lock_guard lock(mutex_);
  for (const auto* holds : {&recent_, &old_}) {
    if (const auto found = holds->find(id); found != holds->end()) return found->second;
  }
  return std::nullopt;
}

Status CheckOwner(const Principal& caller, const v1::FrozenLines& lines) {
  const bool his = caller.account() && caller.account()->value == lines.account();
  return lines.account() == 0 || his || caller.IsStaff() ? OkStatus() : HoldNotFound();
}

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

std::vector<Route> Holds::Routes() {
  const Access buyers{.roles = {Role::kService, Role::kCustomer, Role::kBoxOffice, Role::kAdmin},
                      .visitors = true};
  const auto show = [this](Call& call) { return Show(call); };
  const auto let_go = [this](Call& call) { return Delete(call); };
  std::vector<Route> routes = {
      {"POST", "/v1/events/{event_id}/holds", "createHold",
       "Holds seats for some minutes and freezes their prices", buyers,
       "ticketing.v1.CreateHoldRequest", "ticketing.v1.Hold",
       [this](Call& call) { return Create(call); }, true, 201},
      {"GET", "/v1/events/{event_id}/holds/{hold_id}", "getHold", "Gives one hold", buyers, "",
       "ticketing.v1.Hold", show},
      {"DELETE", "/v1/events/{event_id}/holds/{hold_id}", "deleteHold", "Lets the seats go", buyers,
       "", "", let_go, false, 204},
      {"POST", "/v1/holds", "createHolds",
       "Holds seats of several events under one hold: all of them or none", buyers,
       "ticketing.v1.CreateHoldsRequest", "ticketing.v1.Hold",
       [this](Call& call) { return CreateTogether(call); }, true, 201},
      {"GET", "/v1/holds/{hold_id}", "getHoldById", "Gives one hold, of whichever events", buyers,
       "", "ticketing.v1.Hold", show},
      {"DELETE", "/v1/holds/{hold_id}", "deleteHoldById", "Lets the seats of all its events go",
       buyers, "", "", let_go, false, 204}};
  for (Route& route : routes) route.repeats = Repeats::kKnown;  // a repeat finds the hold
  return routes;
}

StatusOr<OrderPlaces> Holds::PlacesOf(const v1::FrozenLines& lines) {
  OrderPlaces places;
  for (const EventId event : EventsOf(lines)) {
    TICKETING_ASSIGN_OR_RETURN(EventOnLane at, lanes_.Get(event));
    places.Add(std::move(at));
  }
  return places;
}

StatusOr<StoredHold> Holds::Stored(HoldId id) {
  std::optional<StoredHold> hold;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    return tx.Query("SELECT expires_at, details FROM hold_lines WHERE id = ?", {id.ToSql()},
                    [&](const SqlRow& row) {
                      hold = {.id = id, .expires_at = Timestamp{row.Int(0)}};
                      return wire::FromBytes(row.Bytes(1), &hold->lines);
                    });
  }));
  if (!hold) return HoldNotFound();
  return *std::move(hold);
}

StatusOr<StoredHold> Holds::Find(HoldId id) {
  TICKETING_ASSIGN_OR_RETURN(StoredHold hold, Stored(id));
  TICKETING_ASSIGN_OR_RETURN(const OrderPlaces places, PlacesOf(hold.lines));
  std::optional<seat::Hold> alive;
  TICKETING_RETURN_IF_ERROR(places.Run([&](OrderSeats& seats, Timestamp) {
    alive = seats.FindHold(id);
    return OkStatus();
  }));
  TICKETING_RETURN_IF_ERROR(CheckAlive(alive, hold.expires_at, context_.env.clock.Now()));
  hold.expires_at = alive->expires_at;
  return hold;
}

Status Holds::CheckAlive(const std::optional<seat::Hold>& alive, Timestamp expires_at,
                         Timestamp now) {
  const bool over = (alive ? alive->expires_at : expires_at) <= now;
  if (alive && !over) return OkStatus();
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

StatusOr<HoldWish> Holds::WishOf(Call& call, EventId event, const v1::CreateHoldRequest& request) {
  TICKETING_ASSIGN_OR_RETURN(EventOnLane at, lanes_.Get(event));
  TICKETING_RETURN_IF_ERROR(CheckOnSale(*at.event, context_.env.clock.Now()));
  if (request.access_codes_size() > 0) TICKETING_RETURN_IF_ERROR(guesses_.Check(call, event));
  TICKETING_ASSIGN_OR_RETURN(Seats seats,
                             SeatsOf(request, *at.event, BuyerOf(call.principal.IsStaff())));
  return HoldWish{std::move(at), request, std::move(seats), call.principal.IsStaff(),
                  call.principal.subject};
}

StatusOr<HttpResponse> Holds::Create(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventId event, call.PathId<EventId>("event_id"));
  v1::CreateHoldRequest request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  TICKETING_ASSIGN_OR_RETURN(HoldWish wish, WishOf(call, event, request));
  return Make(call, HoldId::FromEntropy(call.Entropy("hold " + event.ToString())),
              {std::move(wish)});
}

StatusOr<HttpResponse> Holds::CreateTogether(Call& call) {
  v1::CreateHoldsRequest request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  std::vector<HoldWish> wishes;
  int64_t objects = 0;
  for (int i = 0; i < request.events_size(); ++i) {
    const std::string place = "events[" + std::to_string(i) + "].";
    const EventId event = *EventId::Parse(request.events(i).event_id());
    for (const HoldWish& wish : wishes) {
      if (wish.at.event->id == event) return InvalidField(place + "event_id", "stands twice");
    }
    StatusOr<HoldWish> wish = WishOf(call, event, request.events(i).hold());
    if (CodeOf(wish.status()) == ErrorCode::kNotFound)
      return InvalidField(place + "event_id", "is not an event");
    TICKETING_RETURN_IF_ERROR(wish.status());
    objects += wish->seats.best ? wish->seats.best->quantity
                                : static_cast<int64_t>(wish->seats.picks.size());
    wishes.push_back(*std::move(wish));
  }
  if (objects > static_cast<int64_t>(limits::kObjectsPerCommandMax)) {
    return InvalidField(
        "events",
        "must be at most " + std::to_string(limits::kObjectsPerCommandMax) + " objects together");
  }
  return Make(call, HoldId::FromEntropy(call.Entropy("holds")), wishes);
}

// A repeat of a request whose answer was lost finds its seats taken: by its own hold, or by the
// order that was made of it.
StatusOr<StoredHold> Holds::MadeBefore(HoldId id, uint64_t request, const Status& refused) {
  const StatusOr<StoredHold> stored = Stored(id);
  if (!stored.ok()) return refused;
  if (stored->lines.request() != request)
    return MakeError(ErrorCode::kIdempotencyMismatch, "This Idempotency-Key made another hold.");
  TICKETING_ASSIGN_OR_RETURN(const auto order, ReadOrderOfHold(context_.database, id));
  if (order) return *stored;
  StatusOr<StoredHold> alive = Find(id);
  if (!alive.ok()) return refused;
  return alive;
}

StatusOr<HttpResponse> Holds::Make(Call& call, HoldId id, const std::vector<HoldWish>& wishes) {
  OrderPlaces places;
  for (const HoldWish& wish : wishes) places.Add(wish.at);
  const uint64_t request = ReadBigEndian(call.Fingerprint(), 0, 8);
  StoredHold hold;
  size_t tried = 0;
  const Status status = places.Run([&](OrderSeats& seats, Timestamp now) -> Status {
    hold = {.id = id, .expires_at = now + context_.options.hold};
    std::vector<seat::EventStep> steps;
    for (size_t i = 0; i < wishes.size(); ++i) {
      tried = i;
      TICKETING_ASSIGN_OR_RETURN(
          seat::EventStep step, Choose(seats.state(i), wishes[i], id, hold.expires_at, hold.lines));
      steps.push_back(std::move(step));
    }
    TICKETING_RETURN_IF_ERROR(seats.Apply(std::move(steps), now));
    hold.lines.set_request(request);
    seats.SetNote({wishes.front().actor, "hold", {}});
    seats.Insert(HoldLinesInsert(hold));
    return OkStatus();
  });
  if (IsWrongCode(status)) guesses_.Count(call, wishes[tried].at.event->id);
  if (status.ok()) {
    recent_.Keep(hold);
  } else {
    TICKETING_ASSIGN_OR_RETURN(hold, MadeBefore(id, request, status));
  }
  TICKETING_ASSIGN_OR_RETURN(const v1::Hold message, Message(hold));
  return call.Reply(201, message);
}

StatusOr<v1::Hold> Holds::Message(const StoredHold& hold) {
  v1::Hold message;
  message.set_id(hold.id.ToString());
  message.set_event_id(EventsOf(hold.lines).front().ToString());
  wire::SetTime(hold.expires_at, message.mutable_expires_at());
  *message.mutable_quote() = QuoteMessage(hold.lines);
  for (const v1::FrozenLine& line : hold.lines.lines()) {
    TICKETING_ASSIGN_OR_RETURN(const auto event, catalog_.Event(EventId{line.event()}));
    *message.add_objects() = ObjectMessage(*event, line, CurrencyOf(hold.lines));
  }
  return message;
}

// A hold that is kept for somebody is nobody else's.
StatusOr<StoredHold> Holds::FindFor(Call& call) {
  const std::optional<HoldId> id = HoldId::Parse(call.Path("hold_id"));
  if (!id) return HoldNotFound();
  TICKETING_ASSIGN_OR_RETURN(StoredHold hold, Find(*id));
  if (!call.Path("event_id").empty()) {
    TICKETING_ASSIGN_OR_RETURN(const EventId event, call.PathId<EventId>("event_id"));
    const std::vector<EventId> events = EventsOf(hold.lines);
    if (std::ranges::find(events, event) == events.end()) return HoldNotFound();
  }
  TICKETING_RETURN_IF_ERROR(CheckOwner(call.principal, hold.lines));
  return hold;
}

StatusOr<HttpResponse> Holds::Show(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const StoredHold hold, FindFor(call));
  TICKETING_ASSIGN_OR_RETURN(const v1::Hold message, Message(hold));
  return call.Reply(200, message);
}

StatusOr<HttpResponse> Holds::Delete(Call& call) {
  StatusOr<StoredHold> hold = FindFor(call);
  // What has run out is gone in a moment by itself.
  if (CodeOf(hold.status()) == ErrorCode::kHoldExpired) return HoldNotFound();
  TICKETING_RETURN_IF_ERROR(hold.status());
  const HoldId id = hold->id;
  TICKETING_RETURN_IF_ERROR(
      context_.database.Read([&](SqlTransaction& tx) { return RefuseOrdered(tx, id); }));
  TICKETING_ASSIGN_OR_RETURN(const OrderPlaces places, PlacesOf(hold->lines));
  TICKETING_RETURN_IF_ERROR(places.Run([&](OrderSeats& seats, Timestamp) -> Status {
    if (!seats.FindHold(id)) return HoldNotFound();
    seats.Release(id);
    seats.AlsoWrite([id](SqlTransaction& tx) { return RefuseOrdered(tx, id); });
    return OkStatus();
  }));
  HttpResponse response;
  response.status = 204;
  return response;
}

}  // namespace ticketing
