#include "lib/gate/zone_counts.h"

#include <set>

#include "lib/gate/scan_store.h"

namespace ticketing::gate {
namespace {

std::set<uint16_t> LimitedZones(const EventHeader& header) {
  std::set<uint16_t> zones;
  for (const CopyZone& zone : header.zones) {
    if (zone.persons_max > 0) zones.insert(zone.number);
  }
  return zones;
}

std::set<uint16_t> AddOns(const EventHeader& header) {
  std::set<uint16_t> types;
  for (const CopyTicketType& type : header.ticket_types) {
    if (type.add_on) types.insert(type.number);
  }
  return types;
}

bool IsAddOn(const EventHeader& header, uint16_t type) {
  const CopyTicketType* found = header.FindTicketType(type);
  return found != nullptr && found->add_on;
}

// Gives every scan the zone of its ticket.
Status FindZones(SqlTransaction& tx, const EventHeader& header) {
  const int64_t event = header.number;
  TICKETING_RETURN_IF_ERROR(
      tx.Execute("UPDATE scans SET zone = COALESCE((SELECT t.zone FROM tickets t WHERE "
                 "t.event = scans.event AND t.ticket = scans.ticket), zone) WHERE event = ?",
                 {event})
          .status());
  for (const CopyTicketType& type : header.ticket_types) {
    if (!type.add_on) continue;
    TICKETING_RETURN_IF_ERROR(
        tx.Execute("UPDATE scans SET zone = 0 WHERE event = ? AND ticket IN "
                   "(SELECT ticket FROM tickets WHERE event = ? AND type = ?)",
                   {event, event, int64_t{type.number}})
            .status());
  }
  return OkStatus();
}

Status CountAnew(SqlTransaction& tx, uint32_t event, const std::set<uint16_t>& zones) {
  TICKETING_RETURN_IF_ERROR(
      tx.Execute("DELETE FROM zone_counts WHERE event = ?", {int64_t{event}}).status());
  for (const uint16_t zone : zones) {
    TICKETING_RETURN_IF_ERROR(
        tx.Execute(
              "INSERT INTO zone_counts (event, zone, inside) SELECT ?, ?, "
              "COALESCE(SUM(CASE WHEN direction = ? THEN -1 ELSE 1 END), 0) FROM scans "
              "WHERE event = ? AND zone = ? AND counts = 1",
              {int64_t{event}, int64_t{zone}, int64_t{kLogExitWay}, int64_t{event}, int64_t{zone}})
            .status());
  }
  return OkStatus();
}

}  // namespace

StatusOr<uint16_t> CountedZone(SqlTransaction& tx, const EventHeader& header, TicketId ticket,
                               uint16_t code_zone) {
  uint16_t zone = code_zone;
  TICKETING_RETURN_IF_ERROR(
      tx.Query("SELECT zone, type FROM tickets WHERE event = ? AND ticket = ?",
               {int64_t{header.number}, ticket.ToSql()}, [&](const SqlRow& row) {
                 const bool add_on = IsAddOn(header, static_cast<uint16_t>(row.Int(1)));
                 zone = add_on ? uint16_t{0} : static_cast<uint16_t>(row.Int(0));
                 return OkStatus();
               }));
  return zone;
}

StatusOr<int64_t> PeopleInside(SqlTransaction& tx, uint32_t event, uint16_t zone) {
  return QueryInt(tx, "SELECT inside FROM zone_counts WHERE event = ? AND zone = ?",
                  {int64_t{event}, int64_t{zone}});
}

StatusOr<std::map<uint16_t, int64_t>> AllInside(SqlTransaction& tx, uint32_t event) {
  std::map<uint16_t, int64_t> inside;
  TICKETING_RETURN_IF_ERROR(tx.Query("SELECT zone, inside FROM zone_counts WHERE event = ?",
                                     {int64_t{event}}, [&](const SqlRow& row) {
                                       inside[static_cast<uint16_t>(row.Int(0))] = row.Int(1);
                                       return OkStatus();
                                     }));
  return inside;
}

Status FollowCopy(SqlTransaction& tx, const EventCopy& copy, const EventHeader* before) {
  const uint32_t event = copy.header.number;
  const std::set<uint16_t> zones = LimitedZones(copy.header);
  const bool changed =
      before == nullptr ? !zones.empty()
                        : LimitedZones(*before) != zones || AddOns(*before) != AddOns(copy.header);
  if (zones.empty() && !changed) return OkStatus();
  int64_t moved = 0;
  if (changed) {
    TICKETING_RETURN_IF_ERROR(FindZones(tx, copy.header));
  } else {
    for (const CopyTicket& ticket : copy.tickets) {
      const uint16_t zone = IsAddOn(copy.header, ticket.ticket_type) ? uint16_t{0} : ticket.zone;
      TICKETING_ASSIGN_OR_RETURN(
          const int64_t rows,
          tx.Execute("UPDATE scans SET zone = ? WHERE ticket = ? AND zone <> ? AND event = ?",
                     {int64_t{zone}, ticket.id.ToSql(), int64_t{zone}, int64_t{event}}));
      moved += rows;
    }
  }
  return changed || moved > 0 ? CountAnew(tx, event, zones) : OkStatus();
}

}  // namespace ticketing::gate
