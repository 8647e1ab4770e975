#include "lib/service/ticketing/renewals.h"

#include <algorithm>
#include <set>

#include "lib/service/ticketing/cursor.h"
#include "lib/service/ticketing/frozen.h"
#include "lib/service/ticketing/holds.h"
#include "lib/wire/convert.h"
#include "ticketing/base/limits.h"
#include "ticketing/order/order.h"
#include "ticketing/wire/json.h"

namespace ticketing {
namespace {

constexpr std::string_view kInsert =
    "INSERT INTO renewals (event_id, from_order_id, id, account_id, release_at, lines)"
    " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (event_id, from_order_id) DO UPDATE SET"
    " id = excluded.id, account_id = excluded.account_id, release_at = excluded.release_at,"
    " lines = excluded.lines";
constexpr int kReleaseAttempts = 20;

bool IsOpen(OrderState state) {
  return state == OrderState::kPending || state == OrderState::kPaying ||
         state == OrderState::kAwaiting || state == OrderState::kPaid;
}

// Whether the object can be held now: free, and sold here in this form.
bool IsFree(const seat::Inventory& inventory, const seat::Pick& pick) {
  if (!inventory.sold_here(pick.index)) return false;
  if (!inventory.chart().IsUnit(pick.index))
    return inventory.area(pick.index).free() >= static_cast<uint64_t>(pick.quantity);
  return inventory.status(pick.index) == seat::SeatStatus::kFree && !inventory.blocked(pick.index);
}

// Holds for each holder what is still to be had of his seats, inside one command.
class Keeper {
 public:
  Keeper(const EventOnLane& at, Timestamp release, const std::map<OrderId, HoldId>& ids,
         const std::map<OrderId, HoldId>& before, v1::StartedRenewals& result)
      : at_(at), release_(release), ids_(ids), before_(before), result_(result) {}

  Status Keep(LaneState& state, const Holder& holder, Timestamp now, LaneEffect& effect) {
    const seat::Inventory& inventory = state.seats.at(at_.slot());
    const HoldId hold = ids_.at(holder.order);
    const auto known = before_.find(holder.order);
    if (inventory.FindHold(hold) || (known != before_.end() && inventory.FindHold(known->second))) {
      result_.set_kept(result_.kept() + 1);
      return OkStatus();
    }
    const std::vector<seat::Pick> picks = FreeOf(inventory, holder);
    if (picks.empty()) return OkStatus();
    StoredHold stored{.id = hold, .expires_at = release_};
    TICKETING_ASSIGN_OR_RETURN(stored.lines, Freeze(*at_.event, picks, Buyer::kAnybody));
    stored.lines.set_account(holder.account.value);
    stored.lines.set_hold_until((release_ + limits::kHoldMax).micros);
    const seat::EventStep step{at_.slot(),
                               {.to = seat::SeatStatus::kHeld,
                                .picks = picks,
                                .hold = hold,
                                .expires_at = release_,
                                .hold_max = release_ - now,
                                .access = {.all_channels = true, .ignore_for_sale = true}}};
    StatusOr<std::vector<seat::Changes>> changes = state.seats.Apply({&step, 1}, now);
    if (!changes.ok()) {
      for (const seat::Pick& pick : picks)
        Refuse(holder, at_->chart().object(pick.index).label, MessageOf(changes.status()));
      return OkStatus();
    }
    std::ranges::move(*changes, std::back_inserter(effect.changes));
    effect.inserts.push_back(HoldLinesInsert(stored));
    effect.inserts.push_back(
        {kInsert,
         {at_.event->id.ToSql(), holder.order.ToSql(), hold.ToSql(), holder.account.ToSql(),
          release_.micros, Blob{wire::ToBytes(stored.lines)}}});
    result_.set_kept(result_.kept() + 1);
    return OkStatus();
  }

 private:
  void Refuse(const Holder& holder, const std::string& label, std::string_view why) {
    const std::string order = holder.order.ToString();
    const int last = result_.not_kept_size() - 1;
    v1::NotKept* out = last < 0 ? nullptr : result_.mutable_not_kept(last);
    if (out == nullptr || out->from_order_id() != order || out->reason() != why) {
      out = result_.add_not_kept();
      out->set_from_order_id(order);
      out->set_reason(std::string(why));
    }
    out->add_objects(label);
  }

  std::vector<seat::Pick> FreeOf(const seat::Inventory& inventory, const Holder& holder) {
    std::vector<seat::Pick> picks;
    for (const seat::LabelPick& object : holder.objects) {
      const std::optional<uint32_t> index = at_->chart().Find(object.label);
      const seat::Pick pick{index.value_or(0), object.quantity};
      if (!index) {
        Refuse(holder, object.label, "not in the chart");
      } else if (!IsFree(inventory, pick)) {
        Refuse(holder, object.label, "not free");
      } else {
        picks.push_back(pick);
      }
    }
    return picks;
  }

  const EventOnLane& at_;
  const Timestamp release_;
  const std::map<OrderId, HoldId>& ids_;
  const std::map<OrderId, HoldId>& before_;
  v1::StartedRenewals& result_;
};

// The holds of an event that an order is about to buy.
StatusOr<std::set<HoldId>> Ordered(SqlTransaction& tx, EventId event) {
  std::set<HoldId> holds;
  TICKETING_RETURN_IF_ERROR(tx.Query(
      "SELECT r.id, o.state FROM renewals r JOIN orders o ON o.hold_id = r.id WHERE r.event_id = ?",
      {event.ToSql()}, [&](const SqlRow& row) {
        if (IsOpen(static_cast<OrderState>(row.Int(1)))) holds.insert(HoldId::FromSql(row.Int(0)));
        return OkStatus();
      }));
  return holds;
}

}  // namespace

struct Renewals::Row {
  HoldId hold;
  EventId event;
  OrderId from;
  AccountId account;
  Timestamp release_at;
  v1::FrozenLines lines;
  OrderId order;  // of the renewal; none yet
  OrderState state = OrderState::kPending;
};

std::vector<Route> Renewals::Routes() {
  const Access admin{.roles = {Role::kAdmin}};
  Route list{"GET",
             "/v1/events/{event_id}/renewals",
             "listRenewals",
             "Lists the seats that are kept for who had them before",
             {.roles = {Role::kBoxOffice, Role::kAdmin}},
             "",
             "ticketing.v1.RenewalList",
             [this](Call& call) { return List(call); }};
  list.query = {{"limit", "How many, 1 to 500."}, {"cursor", "next_cursor of the page before."}};
  Route own = list;
  own.path = "/v1/renewals";
  own.operation = "listOwnRenewals";
  own.summary = "Lists the seats that are kept for the caller";
  own.access = {.roles = {Role::kCustomer}};
  own.handler = [this](Call& call) { return ListOwn(call); };
  return {{"POST", "/v1/events/{event_id}/renewals", "startRenewals",
           "Keeps the seats of an earlier season or event for those who had them", admin,
           "ticketing.v1.StartRenewalsRequest", "ticketing.v1.StartedRenewals",
           [this](Call& call) { return Start(call); }, true},
          std::move(list),
          std::move(own),
          {"POST", "/v1/events/{event_id}/renewals/release", "releaseRenewals",
           "Lets kept seats go before their time", admin, "ticketing.v1.ReleaseRenewalsRequest",
           "ticketing.v1.ReleasedRenewals", [this](Call& call) { return Release(call); }, true}};
}

StatusOr<std::vector<Holder>> Renewals::HoldersOf(const EventOnLane& from) {
  std::map<OrderId, Holder> by_order;
  TICKETING_RETURN_IF_ERROR(from->Ask([&](const LaneState& state) {
    by_order.clear();
    for (const seat::SeatRow& row : state.seats.at(from.slot()).Rows()) {
      if (row.status != seat::SeatStatus::kBooked || !row.order) continue;
      by_order[row.order].objects.push_back(
          {from->chart().object(row.index).label, int64_t{row.quantity}});
    }
    return OkStatus();
  }));
  std::vector<Holder> holders;
  const Status read = context_.database.Read([&](SqlTransaction& tx) -> Status {
    holders.clear();
    for (auto& [order, found] : by_order) {
      Holder& holder = found;
      holder.order = order;
      TICKETING_RETURN_IF_ERROR(tx.Query("SELECT account_id FROM orders WHERE id = ?",
                                         {order.ToSql()}, [&holder](const SqlRow& row) {
                                           holder.account = AccountId::FromSql(row.Int(0));
                                           return OkStatus();
                                         }));
      holders.push_back(holder);
    }
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(read);
  return holders;
}

StatusOr<std::map<OrderId, HoldId>> Renewals::KeptBefore(EventId event) {
  std::map<OrderId, HoldId> kept;
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    kept.clear();
    return tx.Query("SELECT from_order_id, id FROM renewals WHERE event_id = ?", {event.ToSql()},
                    [&](const SqlRow& row) {
                      kept[OrderId::FromSql(row.Int(0))] = HoldId::FromSql(row.Int(1));
                      return OkStatus();
                    });
  }));
  return kept;
}

StatusOr<HttpResponse> Renewals::Start(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventId id, call.PathId<EventId>("event_id"));
  v1::StartRenewalsRequest request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  TICKETING_ASSIGN_OR_RETURN(const EventOnLane at, lanes_.Get(id));
  const auto from = lanes_.Get(*EventId::Parse(request.from_event_id()));
  if (CodeOf(from.status()) == ErrorCode::kNotFound || (from.ok() && from->event->id == id))
    return InvalidField("from_event_id", "is not an earlier event");
  TICKETING_RETURN_IF_ERROR(from.status());
  const Timestamp release = wire::TimeOf(request.release_at());
  if (release <= context_.env.clock.Now())
    return InvalidField("release_at", "must be in the future");
  if (release > wire::TimeOf(at.event->event.ends_at()))
    return InvalidField("release_at", "must not be after the end of the event");
  TICKETING_ASSIGN_OR_RETURN(const std::vector<Holder> holders, HoldersOf(*from));
  std::map<OrderId, HoldId> ids;
  for (const Holder& holder : holders)
    ids[holder.order] = HoldId::FromEntropy(call.Entropy("renewal " + holder.order.ToString()));
  TICKETING_ASSIGN_OR_RETURN(const auto before, KeptBefore(id));
  v1::StartedRenewals result;
  Keeper keeper(at, release, ids, before, result);
  const Status done = at->Run([&](LaneState& state, Timestamp now) -> StatusOr<LaneEffect> {
    result.Clear();
    if (release <= now) return InvalidField("release_at", "must be in the future");
    LaneEffect effect;
    effect.note = {call.principal.subject, "renewal", request.reason()};
    for (const Holder& holder : holders)
      TICKETING_RETURN_IF_ERROR(keeper.Keep(state, holder, now, effect));
    return effect;
  });
  TICKETING_RETURN_IF_ERROR(done);
  return call.Reply(200, result);
}

StatusOr<v1::Renewal> Renewals::Message(const Row& row) {
  v1::Renewal message;
  message.set_hold_id(row.hold.ToString());
  message.set_event_id(row.event.ToString());
  message.set_from_order_id(row.from.ToString());
  if (row.account) message.set_account_id(row.account.ToString());
  wire::SetTime(row.release_at, message.mutable_release_at());
  *message.mutable_quote() = QuoteMessage(row.lines);
  TICKETING_ASSIGN_OR_RETURN(const EventOnLane at, lanes_.Get(row.event));
  for (const v1::FrozenLine& line : row.lines.lines())
    *message.add_objects() = ObjectMessage(*at.event, line, CurrencyOf(row.lines));
  if (row.order) {
    message.set_order_id(row.order.ToString());
    message.set_status(IsOpen(row.state)                     ? "ordered"
                       : row.state == OrderState::kCompleted ? "renewed"
                                                             : "released");
    return message;
  }
  bool alive = false;
  TICKETING_RETURN_IF_ERROR(at->Ask([&](const LaneState& state) {
    alive = state.seats.at(at.slot()).FindHold(row.hold).has_value();
    return OkStatus();
  }));
  message.set_status(alive ? "kept" : "released");
  return message;
}

StatusOr<v1::RenewalList> Renewals::Show(std::string_view where, SqlArgs args, size_t limit) {
  std::vector<Row> rows;
  args.emplace_back(static_cast<int64_t>(limit + 1));
  TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) {
    rows.clear();
    return tx.Query(
        "SELECT r.id, r.event_id, r.from_order_id, r.account_id, r.release_at, r.lines,"
        " COALESCE(o.id, 0), COALESCE(o.state, 0) FROM renewals r"
        " LEFT JOIN orders o ON o.hold_id = r.id WHERE " +
            std::string(where) + " AND r.id > ? ORDER BY r.id LIMIT ?",
        args, [&](const SqlRow& row) {
          Row& out = rows.emplace_back();
          out.hold = HoldId::FromSql(row.Int(0));
          out.event = EventId::FromSql(row.Int(1));
          out.from = OrderId::FromSql(row.Int(2));
          out.account = AccountId::FromSql(row.Int(3));
          out.release_at = Timestamp{row.Int(4)};
          out.order = OrderId::FromSql(row.Int(6));
          out.state = static_cast<OrderState>(row.Int(7));
          return wire::FromBytes(row.Bytes(5), &out.lines);
        });
  }));
  v1::RenewalList list;
  const bool more = rows.size() > limit;
  if (more) rows.pop_back();
  for (const Row& row : rows) {
    TICKETING_ASSIGN_OR_RETURN(*list.add_renewals(), Message(row));
  }
  if (more) list.set_next_cursor(EncodeCursor({rows.back().hold.ToSql(), 0}));
  return list;
}

StatusOr<HttpResponse> Renewals::List(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventId id, call.PathId<EventId>("event_id"));
  TICKETING_RETURN_IF_ERROR(catalog_.Event(id).status());
  TICKETING_ASSIGN_OR_RETURN(const size_t limit, call.PageLimit());
  TICKETING_ASSIGN_OR_RETURN(const std::optional<Cursor> cursor, QueryCursor(call, "cursor"));
  TICKETING_ASSIGN_OR_RETURN(
      const v1::RenewalList list,
      Show("r.event_id = ?", {id.ToSql(), cursor.value_or(Cursor{}).first}, limit));
  return call.Reply(200, list);
}

StatusOr<HttpResponse> Renewals::ListOwn(Call& call) {
  const std::optional<AccountId> account = call.principal.account();
  if (!account) return MakeError(ErrorCode::kPermissionDenied, "Only accounts have renewals.");
  TICKETING_ASSIGN_OR_RETURN(const size_t limit, call.PageLimit());
  TICKETING_ASSIGN_OR_RETURN(const std::optional<Cursor> cursor, QueryCursor(call, "cursor"));
  TICKETING_ASSIGN_OR_RETURN(
      const v1::RenewalList list,
      Show("r.account_id = ?", {account->ToSql(), cursor.value_or(Cursor{}).first}, limit));
  return call.Reply(200, list);
}

StatusOr<HttpResponse> Renewals::Release(Call& call) {
  TICKETING_ASSIGN_OR_RETURN(const EventId id, call.PathId<EventId>("event_id"));
  v1::ReleaseRenewalsRequest request;
  TICKETING_RETURN_IF_ERROR(call.Read(&request));
  TICKETING_ASSIGN_OR_RETURN(const EventOnLane at, lanes_.Get(id));
  TICKETING_ASSIGN_OR_RETURN(const auto kept, KeptBefore(id));
  std::set<HoldId> wanted;
  for (const auto& [order, hold] : kept) wanted.insert(hold);
  if (request.hold_ids_size() > 0) {
    const std::set<HoldId> all = std::move(wanted);
    wanted.clear();
    for (int i = 0; i < request.hold_ids_size(); ++i) {
      const std::optional<HoldId> hold = HoldId::Parse(request.hold_ids(i));
      if (!hold || !all.contains(*hold)) {
        return InvalidField("hold_ids[" + std::to_string(i) + "]",
                            "is not a renewal of this event");
      }
      wanted.insert(*hold);
    }
  }
  for (int attempt = 1;; ++attempt) {
    std::set<HoldId> ordered;
    TICKETING_RETURN_IF_ERROR(context_.database.Read([&](SqlTransaction& tx) -> Status {
      TICKETING_ASSIGN_OR_RETURN(ordered, Ordered(tx, id));
      return OkStatus();
    }));
    v1::ReleasedRenewals result;
    const Status status = at->Run([&](LaneState& state, Timestamp) -> StatusOr<LaneEffect> {
      LaneEffect effect;
      result.Clear();
      for (const HoldId hold : wanted) {
        if (!state.seats.at(at.slot()).FindHold(hold)) continue;
        if (ordered.contains(hold)) {
          result.set_ordered(result.ordered() + 1);
          continue;
        }
        TICKETING_ASSIGN_OR_RETURN(std::vector<seat::Changes> changes, state.seats.Release(hold));
        std::ranges::move(changes, std::back_inserter(effect.changes));
        result.set_released(result.released() + 1);
      }
      effect.note = {call.principal.subject, "renewal", request.reason()};
      // An order that came meanwhile keeps its seats.
      effect.rows = [&](SqlTransaction& tx) -> Status {
        TICKETING_ASSIGN_OR_RETURN(const std::set<HoldId> now, Ordered(tx, id));
        if (std::ranges::includes(ordered, now)) return OkStatus();
        return MakeError(ErrorCode::kPreconditionFailed, "Somebody ordered meanwhile.");
      };
      return effect;
    });
    if (CodeOf(status) == ErrorCode::kPreconditionFailed && attempt < kReleaseAttempts) continue;
    TICKETING_RETURN_IF_ERROR(status);
    return call.Reply(200, result);
  }
}

}  // namespace ticketing
