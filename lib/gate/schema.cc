#include "lib/gate/schema.h"

namespace ticketing::gate {
namespace {

// A decision goes down one tree instead of an index and a table.
std::vector<std::string> TicketsAtTheirKey() {
  return {"ALTER TABLE tickets RENAME TO tickets_before",
          "CREATE TABLE tickets (event INTEGER NOT NULL, ticket INTEGER NOT NULL, "
          "ordinal INTEGER NOT NULL, zone INTEGER NOT NULL, type INTEGER NOT NULL, "
          "status INTEGER NOT NULL, issue INTEGER NOT NULL, seat_label TEXT NOT NULL, "
          "version INTEGER NOT NULL, grp INTEGER NOT NULL DEFAULT 0, "
          "PRIMARY KEY (event, ticket)) WITHOUT ROWID",
          "INSERT INTO tickets (event, ticket, ordinal, zone, type, status, issue, seat_label, "
          "version, grp) SELECT event, ticket, ordinal, zone, type, status, issue, seat_label, "
          "version, grp FROM tickets_before ORDER BY event, ticket",
          "DROP TABLE tickets_before",
          "CREATE INDEX tickets_version ON tickets (event, version)",
          "CREATE INDEX tickets_group ON tickets (event, grp) WHERE grp > 0"};
}

}  // namespace

// log_entries holds the truth, every log this place has seen, as signed bytes; scans and conflicts
// are what those logs tell when they are merged, kept so that a decision reads a few rows. `upload`
// is 0 while the cloud has not acknowledged an entry, 1 when it has, 2 when it refused it for good,
// 3 when another handheld told it: somebody else's to upload, but a bastion is told of it. A scan
// id is its scanner's: whoever else claims it has a row of his own.
std::vector<Migration> Schema() {
  return {
      {1,
       {"CREATE TABLE own_log (id INTEGER PRIMARY KEY CHECK (id = 1), device INTEGER NOT NULL, "
        "sequence INTEGER NOT NULL, hash BLOB NOT NULL, hlc_micros INTEGER NOT NULL, "
        "hlc_counter INTEGER NOT NULL, arrival INTEGER NOT NULL)",
        "CREATE TABLE log_entries (arrival INTEGER PRIMARY KEY, device INTEGER NOT NULL, "
        "sequence INTEGER NOT NULL, scan INTEGER NOT NULL, entry BLOB NOT NULL, "
        "upload INTEGER NOT NULL, UNIQUE (device, sequence))",
        "CREATE INDEX log_entries_scan ON log_entries (scan)",
        "CREATE INDEX log_entries_waiting ON log_entries (arrival) WHERE upload = 0",
        "CREATE TABLE logs (device INTEGER PRIMARY KEY, stored INTEGER NOT NULL, "
        "cloud INTEGER NOT NULL)",
        "CREATE TABLE scans (scan INTEGER NOT NULL, ticket INTEGER NOT NULL, "
        "event INTEGER NOT NULL, gate INTEGER NOT NULL, direction INTEGER NOT NULL, "
        "outcome INTEGER NOT NULL, reason INTEGER NOT NULL, counts INTEGER NOT NULL, "
        "counted INTEGER NOT NULL, hlc_micros INTEGER NOT NULL, hlc_counter INTEGER NOT NULL, "
        "at INTEGER NOT NULL, scanner INTEGER NOT NULL, decided_by INTEGER NOT NULL, "
        "issue INTEGER NOT NULL, reentry INTEGER NOT NULL, overridden INTEGER NOT NULL, "
        "not_in_copy INTEGER NOT NULL, sources INTEGER NOT NULL, disputed INTEGER NOT NULL, "
        "annulled INTEGER NOT NULL, log_device INTEGER NOT NULL, log_sequence INTEGER NOT NULL, "
        "detail BLOB NOT NULL, seat_label TEXT NOT NULL, UNIQUE (scan, scanner))",
        "CREATE INDEX scans_ticket ON scans (ticket)",
        "CREATE TABLE intents (scan INTEGER PRIMARY KEY, at INTEGER NOT NULL, text TEXT NOT NULL, "
        "event INTEGER NOT NULL, gate INTEGER NOT NULL, direction INTEGER NOT NULL, "
        "staff_override INTEGER NOT NULL, ticket INTEGER NOT NULL, decided INTEGER NOT NULL)",
        "CREATE TABLE events (number INTEGER PRIMARY KEY, version INTEGER NOT NULL, "
        "first_version INTEGER NOT NULL, header BLOB NOT NULL)",
        "CREATE TABLE tickets (event INTEGER NOT NULL, ticket INTEGER NOT NULL, "
        "ordinal INTEGER NOT NULL, zone INTEGER NOT NULL, type INTEGER NOT NULL, "
        "status INTEGER NOT NULL, issue INTEGER NOT NULL, seat_label TEXT NOT NULL, "
        "version INTEGER NOT NULL, PRIMARY KEY (event, ticket))",
        "CREATE INDEX tickets_version ON tickets (event, version)",
        "CREATE TABLE removed_tickets (event INTEGER NOT NULL, ticket INTEGER NOT NULL, "
        "version INTEGER NOT NULL, PRIMARY KEY (event, ticket))",
        "CREATE TABLE conflicts (second_scan INTEGER NOT NULL, ticket INTEGER NOT NULL, "
        "event INTEGER NOT NULL, first_scan INTEGER NOT NULL, first_gate INTEGER NOT NULL, "
        "second_gate INTEGER NOT NULL, first_device INTEGER NOT NULL, "
        "second_device INTEGER NOT NULL, first_at INTEGER NOT NULL, second_at INTEGER NOT NULL, "
        "PRIMARY KEY (ticket, second_scan, second_device))",
        "CREATE TABLE devices (device INTEGER PRIMARY KEY, public_key BLOB NOT NULL, "
        "name TEXT NOT NULL, bastion INTEGER NOT NULL, revoked INTEGER NOT NULL)",
        "CREATE TABLE settings (name TEXT PRIMARY KEY, value INTEGER NOT NULL)"}},
      // `zone` of a scan is known where the event limits its zones; zone_counts has a row for each
      // zone with a limit: entries that count, less exits. `grp` is the group of companions.
      {2,
       {"ALTER TABLE scans ADD COLUMN zone INTEGER NOT NULL DEFAULT 0",
        "CREATE TABLE zone_counts (event INTEGER NOT NULL, zone INTEGER NOT NULL, "
        "inside INTEGER NOT NULL, PRIMARY KEY (event, zone))",
        "ALTER TABLE tickets ADD COLUMN grp INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX tickets_group ON tickets (event, grp) WHERE grp > 0",
        "ALTER TABLE intents ADD COLUMN staff_why INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE intents ADD COLUMN staff_by TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE intents ADD COLUMN staff_note TEXT NOT NULL DEFAULT ''"}},
      // Others' passages as they came, see ticketing/sync/passage_note.h.
      {3, {"CREATE TABLE passages (chunk INTEGER PRIMARY KEY, notes BLOB NOT NULL)"}},
      {4, TicketsAtTheirKey()},
  };
}

}  // namespace ticketing::gate
