#include "lib/service/bastion/venue_store.h"

#include "ticketing/service/common/device_session.h"
#include "ticketing/wire/bastion_codec.h"

namespace ticketing {

const std::vector<Migration>& VenueSchema() {
  static const std::vector<Migration> schema = {
      {1,
       {"CREATE TABLE relays (device_id INTEGER PRIMARY KEY, public_key BLOB NOT NULL, name TEXT "
        "NOT NULL,"
        " told INTEGER NOT NULL) STRICT"}},
      {2,
       {"CREATE TABLE revocations (device_id INTEGER PRIMARY KEY, told INTEGER NOT NULL) STRICT",
        "CREATE TABLE cards (device_id INTEGER PRIMARY KEY, url TEXT NOT NULL, pin TEXT NOT NULL, "
        "made_at INTEGER NOT NULL, signature BLOB NOT NULL) STRICT"}},
      {3,
       {"CREATE TABLE place (id INTEGER PRIMARY KEY CHECK (id = 1), name TEXT NOT NULL) STRICT"}}};
  return schema;
}

Status VenueStore::AddRelay(const CopyDevice& device) {
  return database_.Write([&](SqlTransaction& tx) {
    return tx
        .Execute(
            "INSERT INTO relays (device_id, public_key, name, told) VALUES (?, ?, ?, 0) ON "
            "CONFLICT DO NOTHING",
            {device.id.ToSql(), Blob{device.public_key}, device.name})
        .status();
  });
}

Status VenueStore::AddRevocation(DeviceId device) {
  return database_.Write([&](SqlTransaction& tx) {
    return tx
        .Execute("INSERT INTO revocations (device_id, told) VALUES (?, 0) ON CONFLICT DO NOTHING",
                 {device.ToSql()})
        .status();
  });
}

Status VenueStore::TellCloud(HttpClient& cloud) {
  std::vector<CopyDevice> devices;
  std::vector<DeviceId> revoked;
  const Status read = database_.Read([&](SqlTransaction& tx) -> Status {
    devices.clear();
    revoked.clear();
    TICKETING_RETURN_IF_ERROR(
        tx.Query("SELECT device_id, public_key, name FROM relays WHERE told = 0 ORDER BY device_id",
                 {}, [&](const SqlRow& row) {
                   devices.push_back(
                       {DeviceId::FromSql(row.Int(0)), row.Bytes(1), row.Text(2), false, false});
                   return OkStatus();
                 }));
    return tx.Query("SELECT device_id FROM revocations WHERE told = 0 ORDER BY device_id", {},
                    [&](const SqlRow& row) {
                      revoked.push_back(DeviceId::FromSql(row.Int(0)));
                      return OkStatus();
                    });
  });
  TICKETING_RETURN_IF_ERROR(read);
  for (const CopyDevice& device : devices) {
    TICKETING_RETURN_IF_ERROR(RelayDevice(cloud, device.id, device.public_key, device.name));
    TICKETING_RETURN_IF_ERROR(database_.Write([&](SqlTransaction& tx) {
      return tx.Execute("UPDATE relays SET told = 1 WHERE device_id = ?", {device.id.ToSql()})
          .status();
    }));
  }
  for (const DeviceId device : revoked) {
    Status told = RelayRevocation(cloud, device);
    // A device that the cloud does not know, or that is not the bastion's to shut out, must not
    // keep the rest back.
    const bool over = told.ok() || CodeOf(told) == ErrorCode::kNotFound ||
                      CodeOf(told) == ErrorCode::kPermissionDenied;
    if (!over) return told;
    TICKETING_RETURN_IF_ERROR(database_.Write([&](SqlTransaction& tx) {
      return tx.Execute("UPDATE revocations SET told = 1 WHERE device_id = ?", {device.ToSql()})
          .status();
    }));
  }
  return OkStatus();
}

StatusOr<bool> VenueStore::PutCard(const BastionCard& card, Timestamp now) {
  int64_t changed = 0;
  const Status done = database_.Write([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(
        changed,
        tx.Execute(
            "INSERT INTO cards (device_id, url, pin, made_at, signature) SELECT ?, ?, ?, ?, ? "
            "WHERE (SELECT COUNT(*) FROM cards WHERE device_id <> ?) < ? "
            "ON CONFLICT (device_id) DO UPDATE SET "
            "url = excluded.url, pin = excluded.pin, made_at = excluded.made_at, "
            "signature = excluded.signature WHERE excluded.made_at > cards.made_at OR "
            "cards.made_at > ?",
            {card.device.ToSql(), card.url, card.pin, card.made_at.micros, Blob{card.signature},
             card.device.ToSql(), static_cast<int64_t>(kVenueBastionsMax),
             (now + kCardAheadMax).micros}));
    return OkStatus();
  });
  TICKETING_RETURN_IF_ERROR(done);
  return changed > 0;
}

Status VenueStore::DropCards(const std::vector<DeviceId>& devices) {
  if (devices.empty()) return OkStatus();
  return database_.Write([&](SqlTransaction& tx) -> Status {
    for (const DeviceId device : devices) {
      TICKETING_RETURN_IF_ERROR(
          tx.Execute("DELETE FROM cards WHERE device_id = ?", {device.ToSql()}).status());
    }
    return OkStatus();
  });
}

StatusOr<std::string> VenueStore::Place() {
  std::string place;
  const Status done = database_.Read([&](SqlTransaction& tx) {
    return tx.Query("SELECT name FROM place", {}, [&](const SqlRow& row) {
      place = row.Text(0);
      return OkStatus();
    });
  });
  TICKETING_RETURN_IF_ERROR(done);
  return place;
}

Status VenueStore::SetPlace(const std::string& place) {
  return database_.Write([&](SqlTransaction& tx) {
    return tx
        .Execute(
            "INSERT INTO place (id, name) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET "
            "name = excluded.name",
            {place})
        .status();
  });
}

StatusOr<std::vector<BastionCard>> VenueStore::Cards() {
  std::vector<BastionCard> cards;
  const Status done = database_.Read([&](SqlTransaction& tx) {
    cards.clear();
    return tx.Query("SELECT device_id, url, pin, made_at, signature FROM cards ORDER BY device_id",
                    {}, [&](const SqlRow& row) {
                      cards.push_back({DeviceId::FromSql(row.Int(0)), row.Text(1), row.Text(2),
                                       Timestamp{row.Int(3)}, row.Bytes(4)});
                      return OkStatus();
                    });
  });
  TICKETING_RETURN_IF_ERROR(done);
  return cards;
}

}  // namespace ticketing
