#include "lib/service/ticketing/issue.h"

#include <algorithm>
#include <map>

#include "lib/service/ticketing/gate_policy.h"
#include "ticketing/base/bytes.h"
#include "ticketing/crypto/hash.h"
#include "ticketing/wire/json.h"

namespace ticketing {
namespace {

// The label, not the number: an event may get another chart between two tickets of an order.
TicketId TicketIdOf(OrderId order, EventId event, std::string_view label, int64_t place) {
  std::string seed = "ticket";
  AppendBigEndian(seed, order.value, 8);
  AppendBigEndian(seed, event.value, 8);
  AppendBigEndian(seed, static_cast<uint64_t>(place), 8);
  seed += label;
  return TicketId::FromEntropy(ReadBigEndian(Blake2b256(seed), 0, 8));
}

// Whether two numbers name the same chairs: a table is its seats.
bool SharesChairs(const seat::Chart& chart, uint32_t a, uint32_t b) {
  return a == b || chart.object(a).table == b || chart.object(b).table == a;
}

std::string SoldAs(const std::string& ticket_type, bool season) {
  return ticket_type.empty() && season ? std::string(kSeasonType) : ticket_type;
}

TicketRecord TicketOf(const EventInfo& event, OrderId order, uint32_t object, int64_t place,
                      std::string sold_as, uint8_t key_id, Timestamp now) {
  TicketRecord ticket;
  ticket.order = order;
  ticket.event = event.id;
  ticket.object = object;
  ticket.label = event.chart->object(object).label;
  ticket.category = event.chart->category_of(object).key;
  ticket.zone = event.ZoneNumberOf(object);
  ticket.ticket_type = event.gate_types->NumberOf(sold_as, ticket.category);
  ticket.sold_as = std::move(sold_as);
  ticket.key_id = key_id;
  ticket.created_at = now;
  ticket.id = TicketIdOf(order, event.id, ticket.label, place);
  return ticket;
}

// For what orders have booked of a season, as far as it `counts`.
template <typename Counts>
std::vector<TicketRecord> TicketsFor(const EventInfo& match, const seat::Inventory& season,
                                     uint8_t key_id, Timestamp now, Counts counts) {
  std::vector<TicketRecord> tickets;
  std::map<std::pair<OrderId, uint32_t>, int64_t> places;
  for (const seat::SeatRow& row : season.Rows()) {
    if (row.status != seat::SeatStatus::kBooked || !row.order || !counts(row.index)) continue;
    for (uint32_t place = 0; place < row.quantity; ++place) {
      tickets.push_back(TicketOf(match, row.order, row.index, places[{row.order, row.index}]++,
                                 std::string(kSeasonType), key_id, now));
    }
  }
  return tickets;
}

std::vector<Money> SplitEvenly(Money amount, size_t parts) {
  return Split(amount, std::vector<int64_t>(parts, 1));
}

}  // namespace

bool SellsItself(const seat::EventSet& seats, uint32_t match, uint32_t season, uint32_t object) {
  // Of an area it sells places of those who have them already, never of whoever comes.
  if (!seats.at(match).chart().IsUnit(object)) return false;
  return std::ranges::any_of(seats.overrides(match), [&](const seat::Override& override) {
    return override.season == season &&
           SharesChairs(seats.at(match).chart(), override.index, object);
  });
}

StatusOr<std::vector<OpenedEvents>> FindOpenedEvents(Catalog& catalog, const Order& order,
                                                     OrderSeats& seats) {
  std::vector<OpenedEvents> opened;
  for (const OrderLine& line : order.lines) {
    const size_t number = seats.NumberOf(order, line);
    const EventOnLane& at = seats.events()[number];
    OpenedEvents& events = opened.emplace_back();
    if (!at.event->IsSeason()) {
      events.push_back(at.event);
      continue;
    }
    const seat::EventSet& set = seats.state(number).seats;
    const std::optional<uint32_t> object = at.event->chart->Find(line.object);
    for (const uint32_t match : set.entry(at.slot()).matches) {
      if (set.entry(match).removed || !object || SellsItself(set, match, at.slot(), *object))
        continue;
      StatusOr<std::shared_ptr<const EventInfo>> event = catalog.Event(set.entry(match).id);
      if (CodeOf(event.status()) == ErrorCode::kNotFound) {
        return MakeError(ErrorCode::kUnavailable, "A match is just being added. Try again.",
                         {.retry_after = Duration::Seconds(1)});
      }
      TICKETING_RETURN_IF_ERROR(event.status());
      events.push_back(*std::move(event));
    }
  }
  return opened;
}

std::vector<TicketRecord> IssueTickets(const Order& order, const std::vector<OpenedEvents>& opened,
                                       uint8_t key_id, OrderSeats& seats, Timestamp now) {
  std::vector<TicketRecord> tickets;
  std::map<std::pair<EventId, std::string_view>, int64_t> places;  // so far, by event and label
  std::map<EventId, uint64_t> versions;                            // of the copies, grown once
  for (size_t i = 0; i < order.lines.size(); ++i) {
    const OrderLine& line = order.lines[i];
    const size_t number = seats.NumberOf(order, line);
    LaneState& state = seats.state(number);
    const std::string sold_as = SoldAs(line.ticket_type, seats.events()[number].event->IsSeason());
    const std::vector<Money> prices = SplitEvenly(line.total, static_cast<size_t>(line.quantity));
    for (int64_t place = 0; place < line.quantity && !opened[i].empty(); ++place) {
      const std::vector<Money> shares =
          SplitEvenly(prices[static_cast<size_t>(place)], opened[i].size());
      for (size_t k = 0; k < opened[i].size(); ++k) {
        const EventInfo& event = *opened[i][k];
        LaneCounters& counters = state.counters[event.slot];
        uint64_t& version = versions[event.id];
        if (version == 0) version = ++counters.copy_version;
        const std::optional<uint32_t> object = event.chart->Find(line.object);
        TicketRecord ticket = TicketOf(event, order.id, object.value_or(line.object_index),
                                       places[{event.id, line.object}]++, sold_as, key_id, now);
        ticket.account = order.buyer;
        ticket.price = shares[k].minor;
        ticket.ordinal = counters.next_ordinal++;
        ticket.copy_version = version;
        tickets.push_back(std::move(ticket));
      }
    }
  }
  return tickets;
}

void RevokeTickets(const Order& order, OrderSeats& seats) {
  // By event: the version of its copy that tells of it.
  std::map<EventId, uint64_t> versions;
  for (size_t i = 0; i < seats.events().size(); ++i) {
    LaneState& state = seats.state(i);
    const EventInfo& event = *seats.events()[i].event;
    std::vector<uint32_t> slots = {event.slot};
    if (event.IsSeason()) slots = state.seats.entry(event.slot).matches;
    for (const uint32_t slot : slots)
      versions[state.seats.entry(slot).id] = ++state.counters[slot].copy_version;
  }
  seats.AlsoWrite([id = order.id, versions](SqlTransaction& tx) -> Status {
    for (const auto& [event, version] : versions) {
      TICKETING_RETURN_IF_ERROR(
          tx.Execute("UPDATE tickets SET status = ?, copy_version = ? WHERE order_id = ?"
                     " AND event_id = ?",
                     {static_cast<int64_t>(TicketStatus::kRevoked), static_cast<int64_t>(version),
                      id.ToSql(), event.ToSql()})
              .status());
    }
    return OkStatus();
  });
}

std::vector<TicketRecord> TicketsOfSeason(const EventInfo& match, const seat::EventSet& seats,
                                          uint32_t season, uint8_t key_id, Timestamp now) {
  return TicketsFor(match, seats.at(season), key_id, now, [&](uint32_t object) {
    return !SellsItself(seats, match.slot, season, object);
  });
}

std::vector<TicketRecord> TicketsOfObject(const EventInfo& match, const seat::EventSet& seats,
                                          uint32_t season, uint32_t object, uint8_t key_id,
                                          Timestamp now) {
  return TicketsFor(match, seats.at(season), key_id, now,
                    [&](uint32_t booked) { return SharesChairs(*match.chart, object, booked); });
}

void Number(std::vector<TicketRecord>& tickets, LaneCounters& counters) {
  if (tickets.empty()) return;
  counters.copy_version += 1;
  for (TicketRecord& ticket : tickets) {
    ticket.ordinal = counters.next_ordinal++;
    ticket.copy_version = counters.copy_version;
  }
}

namespace {

// What tickets of a season's order, of which only the seats are known, take from it.
struct Origin {
  AccountId account;
  std::map<std::string, std::string> ticket_types;  // by label, where it is not the ordinary one
};

StatusOr<Origin> OriginOf(SqlTransaction& tx, OrderId order) {
  Origin origin;
  v1::FrozenLines lines;
  const Status read = tx.Query("SELECT account_id, lines FROM orders WHERE id = ?", {order.ToSql()},
                               [&](const SqlRow& row) {
                                 origin.account = AccountId::FromSql(row.Int(0));
                                 return wire::FromBytes(row.Bytes(1), &lines);
                               });
  TICKETING_RETURN_IF_ERROR(read);
  for (const v1::FrozenLine& line : lines.lines()) {
    if (!line.ticket_type().empty()) origin.ticket_types[line.label()] = line.ticket_type();
  }
  return origin;
}

}  // namespace

Status InsertTickets(SqlTransaction& tx, std::vector<TicketRecord> tickets) {
  std::map<OrderId, Origin> origins;
  std::vector<SqlArgs> rows;
  std::string_view sql;
  for (TicketRecord& ticket : tickets) {
    if (!origins.contains(ticket.order)) {
      TICKETING_ASSIGN_OR_RETURN(origins[ticket.order], OriginOf(tx, ticket.order));
    }
    const Origin& origin = origins[ticket.order];
    ticket.account = origin.account;
    const auto type = origin.ticket_types.find(ticket.label);
    if (type != origin.ticket_types.end()) ticket.sold_as = type->second;
    LaneInsert insert = TicketInsert(ticket);
    sql = insert.sql;
    rows.push_back(std::move(insert.args));
  }
  return tx.ExecuteMany(sql, rows).status();
}

}  // namespace ticketing
