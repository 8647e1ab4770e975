#include "lib/gate/copy_store.h"

#include "ticketing/wire/sync_codec.h"

namespace ticketing::gate {
namespace {

constexpr int64_t kGroupMax = 1'000;  // so that no copy makes a decision slow

Status StoreTicket(SqlTransaction& tx, uint32_t event, const CopyTicket& t, uint64_t version) {
  return tx
      .Execute(
          "INSERT INTO tickets (event, ticket, ordinal, zone, type, status, issue, "
          "seat_label, version, grp) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (event, "
          "ticket) DO UPDATE SET ordinal = excluded.ordinal, zone = excluded.zone, "
          "type = excluded.type, status = excluded.status, issue = excluded.issue, "
          "seat_label = excluded.seat_label, version = excluded.version, grp = excluded.grp",
          {int64_t{event}, t.id.ToSql(), int64_t{t.ordinal}, int64_t{t.zone},
           int64_t{t.ticket_type}, int64_t{t.status}, int64_t{t.issue}, t.seat_label,
           static_cast<int64_t>(version), int64_t{t.group}})
      .status();
}

CopyTicket ReadTicket(const SqlRow& row) {
  CopyTicket ticket;
  ticket.id = TicketId::FromSql(row.Int(0));
  ticket.ordinal = static_cast<uint32_t>(row.Int(1));
  ticket.zone = static_cast<uint16_t>(row.Int(2));
  ticket.ticket_type = static_cast<uint16_t>(row.Int(3));
  ticket.status = static_cast<uint8_t>(row.Int(4));
  ticket.issue = static_cast<uint16_t>(row.Int(5));
  ticket.seat_label = row.Text(6);
  ticket.group = static_cast<uint32_t>(row.Int(7));
  return ticket;
}

}  // namespace

StatusOr<std::map<uint32_t, StoredEvent>> LoadEvents(SqlTransaction& tx) {
  std::map<uint32_t, StoredEvent> events;
  TICKETING_RETURN_IF_ERROR(
      tx.Query("SELECT number, version, first_version, header FROM events", {},
               [&](const SqlRow& row) -> Status {
                 StatusOr<EventCopy> copy = DecodeEventCopy(row.Bytes(3));
                 if (!copy.ok()) {
                   return MakeError(ErrorCode::kDataLoss, "A stored event copy is damaged.");
                 }
                 events[static_cast<uint32_t>(row.Int(0))] = {std::move(copy->header),
                                                              static_cast<uint64_t>(row.Int(1)),
                                                              static_cast<uint64_t>(row.Int(2))};
                 return OkStatus();
               }));
  return events;
}

StatusOr<std::map<uint32_t, StoredVersion>> LoadVersions(SqlTransaction& tx) {
  std::map<uint32_t, StoredVersion> versions;
  TICKETING_RETURN_IF_ERROR(
      tx.Query("SELECT number, version, first_version FROM events", {}, [&](const SqlRow& row) {
        versions[static_cast<uint32_t>(row.Int(0))] = {static_cast<uint64_t>(row.Int(1)),
                                                       static_cast<uint64_t>(row.Int(2))};
        return OkStatus();
      }));
  return versions;
}

namespace {

Status StoreHeader(SqlTransaction& tx, const EventCopy& copy, uint64_t first_version) {
  EventCopy header;  // travels and is stored in the same form, without tickets
  header.header = copy.header;
  header.version = copy.version;
  return tx
      .Execute(
          "INSERT INTO events (number, version, first_version, header) VALUES (?, ?, ?, ?) "
          "ON CONFLICT (number) DO UPDATE SET version = excluded.version, "
          "first_version = excluded.first_version, header = excluded.header",
          {int64_t{copy.header.number}, static_cast<int64_t>(copy.version),
           static_cast<int64_t>(first_version), Blob{EncodeEventCopy(header)}})
      .status();
}

}  // namespace

Status StoreCopy(SqlTransaction& tx, const EventCopy& copy, uint64_t first_version,
                 bool same_header) {
  const int64_t number = copy.header.number;
  const int64_t version = static_cast<int64_t>(copy.version);
  if (same_header) {
    TICKETING_RETURN_IF_ERROR(
        tx.Execute("UPDATE events SET version = ?, first_version = ? WHERE number = ?",
                   {version, static_cast<int64_t>(first_version), number})
            .status());
  } else {
    TICKETING_RETURN_IF_ERROR(StoreHeader(tx, copy, first_version));
  }
  for (const TicketId id : copy.removed) {
    TICKETING_RETURN_IF_ERROR(
        tx.Execute("DELETE FROM tickets WHERE event = ? AND ticket = ?", {number, id.ToSql()})
            .status());
    TICKETING_RETURN_IF_ERROR(
        tx.Execute("INSERT INTO removed_tickets (event, ticket, version) VALUES (?, ?, ?) "
                   "ON CONFLICT (event, ticket) DO UPDATE SET version = excluded.version",
                   {number, id.ToSql(), version})
            .status());
  }
  for (const CopyTicket& ticket : copy.tickets) {
    TICKETING_RETURN_IF_ERROR(StoreTicket(tx, copy.header.number, ticket, copy.version));
  }
  return OkStatus();
}

Status DeleteEvent(SqlTransaction& tx, uint32_t number) {
  for (const char* sql :
       {"DELETE FROM tickets WHERE event = ?", "DELETE FROM removed_tickets WHERE event = ?",
        "DELETE FROM zone_counts WHERE event = ?", "DELETE FROM events WHERE number = ?"}) {
    TICKETING_RETURN_IF_ERROR(tx.Execute(sql, {int64_t{number}}).status());
  }
  return OkStatus();
}

StatusOr<EventCopy> LoadCopy(SqlTransaction& tx, const StoredEvent& event, uint64_t since) {
  EventCopy copy;
  copy.header = event.header;
  copy.version = event.version;
  copy.base_version = since;
  const int64_t number = event.header.number;
  // Left alone, the planner walks through all tickets, which lie in the order that is asked for.
  constexpr char kAll[] =
      "SELECT ticket, ordinal, zone, type, status, issue, seat_label, grp FROM tickets "
      "WHERE event = ? AND version > ? ORDER BY ticket";
  constexpr char kChanged[] =
      "SELECT ticket, ordinal, zone, type, status, issue, seat_label, grp FROM tickets "
      "INDEXED BY tickets_version WHERE event = ? AND version > ? ORDER BY ticket";
  TICKETING_RETURN_IF_ERROR(tx.Query(since == 0 ? kAll : kChanged,
                                     {number, static_cast<int64_t>(since)}, [&](const SqlRow& row) {
                                       copy.tickets.push_back(ReadTicket(row));
                                       return OkStatus();
                                     }));
  if (since == 0) return copy;
  TICKETING_RETURN_IF_ERROR(tx.Query(
      "SELECT ticket FROM removed_tickets r WHERE event = ? AND version > ? AND NOT EXISTS "
      "(SELECT 1 FROM tickets t WHERE t.event = r.event AND t.ticket = r.ticket) "
      "ORDER BY ticket",
      {number, static_cast<int64_t>(since)}, [&](const SqlRow& row) {
        copy.removed.push_back(TicketId::FromSql(row.Int(0)));
        return OkStatus();
      }));
  return copy;
}

StatusOr<std::optional<CopyTicket>> LoadTicket(SqlTransaction& tx, uint32_t event,
                                               TicketId ticket) {
  std::optional<CopyTicket> found;
  TICKETING_RETURN_IF_ERROR(
      tx.Query("SELECT ticket, ordinal, zone, type, status, issue, seat_label, grp FROM tickets "
               "WHERE event = ? AND ticket = ?",
               {int64_t{event}, ticket.ToSql()}, [&](const SqlRow& row) {
                 found = ReadTicket(row);
                 return OkStatus();
               }));
  return found;
}

StatusOr<std::vector<GroupMember>> LoadGroup(SqlTransaction& tx, uint32_t event, uint32_t group) {
  std::vector<GroupMember> members;
  TICKETING_RETURN_IF_ERROR(tx.Query(
      "SELECT ticket, type FROM tickets WHERE event = ? AND grp = ? AND grp > 0 LIMIT ?",
      {int64_t{event}, int64_t{group}, kGroupMax}, [&](const SqlRow& row) {
        members.push_back({TicketId::FromSql(row.Int(0)), static_cast<uint16_t>(row.Int(1))});
        return OkStatus();
      }));
  return members;
}

StatusOr<std::map<DeviceId, CopyDevice>> LoadDevices(SqlTransaction& tx) {
  std::map<DeviceId, CopyDevice> devices;
  TICKETING_RETURN_IF_ERROR(tx.Query(
      "SELECT device, public_key, name, bastion, revoked FROM devices", {}, [&](const SqlRow& row) {
        const DeviceId id = DeviceId::FromSql(row.Int(0));
        devices[id] = {id, row.Bytes(1), row.Text(2), row.Int(3) != 0, row.Int(4) != 0};
        return OkStatus();
      }));
  return devices;
}

Status StoreDevice(SqlTransaction& tx, const CopyDevice& device) {
  // The key of a device never changes: a second key under its id would be somebody else.
  return tx
      .Execute(
          "INSERT INTO devices (device, public_key, name, bastion, revoked) "
          "VALUES (?, ?, ?, ?, ?) ON CONFLICT (device) DO UPDATE SET name = excluded.name, "
          "revoked = CASE WHEN devices.revoked = 1 THEN 1 ELSE excluded.revoked END",
          {device.id.ToSql(), Blob{device.public_key}, device.name, int64_t{device.bastion ? 1 : 0},
           int64_t{device.revoked ? 1 : 0}})
      .status();
}

}  // namespace ticketing::gate
