#include "lib/service/ticketing/schema.h"

#include "ticketing/lane/event_lane.h"
#include "ticketing/service/common/idempotency.h"

namespace ticketing {
namespace {

std::vector<std::string> CatalogTables() {
  return {
      "CREATE TABLE venues (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT NOT NULL,"
      " time_zone TEXT NOT NULL, utc_offset_minutes INTEGER NOT NULL, created_at INTEGER NOT NULL)",
      // `body` is the chart file in its canonical form, `hash` the SHA-256 of it in hexadecimal.
      "CREATE TABLE charts (id INTEGER PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL UNIQUE,"
      " body TEXT NOT NULL, summary BLOB NOT NULL, created_at INTEGER NOT NULL)",
      // `body` is the event as the API shows it, without its venue.
      "CREATE TABLE events (id INTEGER PRIMARY KEY, number INTEGER NOT NULL UNIQUE,"
      " venue_id INTEGER NOT NULL REFERENCES venues (id),"
      " chart_id INTEGER NOT NULL REFERENCES charts (id),"
      " starts_at INTEGER NOT NULL, body BLOB NOT NULL, created_at INTEGER NOT NULL,"
      // Where its seats are: the lane of its season, or its own. `kind` is a seat::EventKind,
      // `season_id` the season that it is a match or a part of, or 0.
      " lane_id INTEGER NOT NULL, slot INTEGER NOT NULL, kind INTEGER NOT NULL,"
      " season_id INTEGER NOT NULL)",
      "CREATE UNIQUE INDEX events_lane ON events (lane_id, slot)",
      "CREATE INDEX events_season ON events (season_id, slot)",
      "CREATE INDEX events_start ON events (starts_at, id)",
      // Lanes that ended because their events got another chart, in their order.
      "CREATE TABLE chart_moves (number INTEGER PRIMARY KEY, old_lane_id INTEGER NOT NULL UNIQUE,"
      " new_lane_id INTEGER NOT NULL UNIQUE, old_chart_id INTEGER NOT NULL,"
      " new_chart_id INTEGER NOT NULL, moved_at INTEGER NOT NULL)",
      "CREATE TABLE ticket_keys (key_id INTEGER PRIMARY KEY, seed BLOB NOT NULL,"
      " created_at INTEGER NOT NULL)",
  };
}

// Where ids are random, here they are UNIQUE and not INTEGER PRIMARY KEY: that is where SQLite
// keeps the row, and each commit would rewrite a page for nearly every row. This way rows are
// appended, and only small index entries go to random places. Those of orders follow time, so
// orders lie in their order, and so does what is found by them.
std::vector<std::string> SaleTables() {
  return {
      // The frozen prices of holds: `details` is a FrozenLines message, `expires_at` what the hold
      // was made for. Whether it still lives, and until when, its lane knows.
      "CREATE TABLE hold_lines (id INTEGER NOT NULL UNIQUE, event_id INTEGER NOT NULL,"
      " expires_at INTEGER NOT NULL, details BLOB NOT NULL)",
      "CREATE INDEX hold_lines_expiry ON hold_lines (expires_at)",
      // `lines` is a FrozenLines message, `request` the entropy of the request that made it. A hold
      // has at most one order.
      "CREATE TABLE orders (id INTEGER PRIMARY KEY, event_id INTEGER NOT NULL,"
      " hold_id INTEGER NOT NULL UNIQUE, channel INTEGER NOT NULL, state INTEGER NOT NULL,"
      " account_id INTEGER NOT NULL, buyer_name TEXT NOT NULL, buyer_email TEXT NOT NULL,"
      " buyer_phone TEXT NOT NULL, language TEXT NOT NULL, shift_id INTEGER NOT NULL,"
      " lines BLOB NOT NULL, created_by TEXT NOT NULL, created_at INTEGER NOT NULL,"
      " updated_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, completed_at INTEGER NOT NULL,"
      " revision INTEGER NOT NULL, request INTEGER NOT NULL)",
      "CREATE INDEX orders_account ON orders (account_id, id)",
      "CREATE INDEX orders_event ON orders (event_id, id)",
      "CREATE INDEX orders_email ON orders (buyer_email, id)",
      // Of those that wait for their payment.
      "CREATE INDEX orders_pending ON orders (expires_at) WHERE state = 0",
      // `request` is the CreatePaymentRequest, so that a repeat asks for exactly the same.
      "CREATE TABLE payment_attempts (id INTEGER NOT NULL UNIQUE,"
      " order_id INTEGER NOT NULL REFERENCES orders (id), position INTEGER NOT NULL,"
      " method TEXT NOT NULL, state INTEGER NOT NULL, amount INTEGER NOT NULL,"
      " reason TEXT NOT NULL, request BLOB NOT NULL, payment_id TEXT NOT NULL,"
      " message TEXT NOT NULL, change INTEGER NOT NULL, started_at INTEGER NOT NULL,"
      " decided_at INTEGER NOT NULL)",
      "CREATE INDEX payment_attempts_order ON payment_attempts (order_id, position)",
      "CREATE INDEX payment_attempts_state ON payment_attempts (state)",
      "CREATE TABLE tickets (id INTEGER NOT NULL UNIQUE,"
      " order_id INTEGER NOT NULL REFERENCES orders (id), event_id INTEGER NOT NULL,"
      " ordinal INTEGER NOT NULL, account_id INTEGER NOT NULL, idx INTEGER NOT NULL,"
      " label TEXT NOT NULL, category TEXT NOT NULL, zone INTEGER NOT NULL,"
      " ticket_type INTEGER NOT NULL, issue INTEGER NOT NULL, key_id INTEGER NOT NULL,"
      " status INTEGER NOT NULL, price INTEGER NOT NULL, created_at INTEGER NOT NULL,"
      " copy_version INTEGER NOT NULL)",
      "CREATE UNIQUE INDEX tickets_ordinal ON tickets (event_id, ordinal)",
      "CREATE INDEX tickets_order ON tickets (order_id, ordinal)",
      "CREATE INDEX tickets_account ON tickets (account_id, created_at)",
      "CREATE INDEX tickets_copy ON tickets (event_id, copy_version)",
      // Seats that are kept for who had them before, under the hold `id`; `lines` is a FrozenLines
      // message.
      "CREATE TABLE renewals (event_id INTEGER NOT NULL, from_order_id INTEGER NOT NULL,"
      " id INTEGER NOT NULL UNIQUE, account_id INTEGER NOT NULL, release_at INTEGER NOT NULL,"
      " lines BLOB NOT NULL, PRIMARY KEY (event_id, from_order_id))",
      "CREATE INDEX renewals_account ON renewals (account_id, id)",
      // What must reach the notifications service, once per key.
      "CREATE TABLE outbox (dedupe_key TEXT PRIMARY KEY, order_id INTEGER NOT NULL,"
      " attempts INTEGER NOT NULL, next_at INTEGER NOT NULL, dead INTEGER NOT NULL,"
      " created_at INTEGER NOT NULL)",
      "CREATE INDEX outbox_due ON outbox (dead, next_at)",
  };
}

std::vector<std::string> GateTables() {
  return {
      // The devices as identity last told of them, so that logs are taken while it is away.
      "CREATE TABLE devices (id INTEGER PRIMARY KEY, public_key BLOB NOT NULL, name TEXT NOT NULL,"
      " bastion INTEGER NOT NULL, revoked INTEGER NOT NULL)",
      // Who the cloud is among the devices, and how far its log was read into the tables below.
      "CREATE TABLE cloud_device (one INTEGER PRIMARY KEY, id INTEGER NOT NULL, seed BLOB NOT NULL,"
      " cursor INTEGER NOT NULL)",
      // The entries as their devices signed them.
      "CREATE TABLE log_entries (device_id INTEGER NOT NULL, sequence INTEGER NOT NULL,"
      " scan_id INTEGER NOT NULL, entry BLOB NOT NULL, received_at INTEGER NOT NULL,"
      " PRIMARY KEY (device_id, sequence))",
      "CREATE INDEX log_entries_scan ON log_entries (scan_id)",
      // What the entries tell: one row per scan. `arrival` counts the scans as they became known;
      // `entry` is the one that speaks.
      "CREATE TABLE scans (id INTEGER PRIMARY KEY, arrival INTEGER NOT NULL UNIQUE,"
      " event_id INTEGER NOT NULL, ticket_id INTEGER NOT NULL, scanner_id INTEGER NOT NULL,"
      " entry BLOB NOT NULL, outcome INTEGER NOT NULL, annulled INTEGER NOT NULL,"
      " sources INTEGER NOT NULL, disputed INTEGER NOT NULL, conflict INTEGER NOT NULL,"
      " received_at INTEGER NOT NULL)",
      "CREATE INDEX scans_event ON scans (event_id, arrival)",
      "CREATE INDEX scans_ticket ON scans (ticket_id)",
      "CREATE INDEX scans_scanner ON scans (scanner_id, arrival)",
  };
}

}  // namespace

std::vector<Migration> TicketingSchema() {
  Migration first{1, CatalogTables()};
  for (std::vector<std::string> tables :
       {LaneSchema(), SaleTables(), GateTables(), IdempotencyStore::Schema()}) {
    for (std::string& table : tables) first.statements.push_back(std::move(table));
  }
  // The phone that a ticket is bound to; no row: to none.
  Migration phones{2,
                   {"CREATE TABLE ticket_devices (ticket_id INTEGER PRIMARY KEY"
                    " REFERENCES tickets (id), device_key BLOB NOT NULL)"}};
  // What a ticket was sold as; the policy of an event's gates, a StoredGatePolicy; who changed the
  // status of tickets.
  Migration gates{3,
                  {"ALTER TABLE tickets ADD COLUMN sold_as TEXT NOT NULL DEFAULT ''",
                   "CREATE TABLE gate_policies (event_id INTEGER PRIMARY KEY"
                   " REFERENCES events (id), version INTEGER NOT NULL, body BLOB NOT NULL)",
                   "CREATE TABLE ticket_changes (ticket_id INTEGER NOT NULL,"
                   " number INTEGER NOT NULL, was INTEGER NOT NULL, status INTEGER NOT NULL,"
                   " reason TEXT NOT NULL, changed_by TEXT NOT NULL, at INTEGER NOT NULL,"
                   " PRIMARY KEY (ticket_id, number))"}};
  // A scan id is its scanner's: whoever else claims it has a row of his own.
  Migration claims{4,
                   {"CREATE TABLE scans_by_scanner (id INTEGER NOT NULL,"
                    " arrival INTEGER NOT NULL UNIQUE, event_id INTEGER NOT NULL,"
                    " ticket_id INTEGER NOT NULL, scanner_id INTEGER NOT NULL,"
                    " entry BLOB NOT NULL, outcome INTEGER NOT NULL, annulled INTEGER NOT NULL,"
                    " sources INTEGER NOT NULL, disputed INTEGER NOT NULL,"
                    " conflict INTEGER NOT NULL, received_at INTEGER NOT NULL,"
                    " PRIMARY KEY (id, scanner_id))",
                    "INSERT INTO scans_by_scanner SELECT * FROM scans", "DROP TABLE scans",
                    "ALTER TABLE scans_by_scanner RENAME TO scans",
                    "CREATE INDEX scans_event ON scans (event_id, arrival)",
                    "CREATE INDEX scans_ticket ON scans (ticket_id)",
                    "CREATE INDEX scans_scanner ON scans (scanner_id, arrival)"}};
  // A ticket of the first issue is its buyer's, and found by his orders: so each sale writes one
  // index less that is in no order of time.
  Migration holders{5,
                    {"DROP INDEX tickets_account",
                     "CREATE INDEX tickets_account ON tickets (account_id) WHERE issue > 0"}};
  return {std::move(first), std::move(phones), std::move(gates), std::move(claims),
          std::move(holders)};
}

}  // namespace ticketing
