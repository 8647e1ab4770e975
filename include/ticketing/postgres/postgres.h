// The database port over PostgreSQL (15 or newer): for installations that one machine cannot carry.
//
// All databases of an installation live in one PostgreSQL database, each in a schema of its own
// that bears its name. Any number of processes may have the same one open: writes are SERIALIZABLE
// transactions, so what a write read still holds when it commits, whoever else wrote meanwhile; a
// loser is run again. Writes that wait at the same time in one process share one commit, each in a
// savepoint. Reads are REPEATABLE READ, on the snapshot of their first statement.
//
// The connection. It is looked after with TCP keepalives, a time limit for each statement, and a
// deadline of our own for each answer. A write that lost its connection before it asked for the
// commit runs again on a new one. One that lost it while it waited for the commit is told
// kUnavailable: it may or may not have had its effect, and only the database can tell. A read that
// lost its connection before its first row runs again, once.
//
// Errors of statements: kConflict for a broken constraint, kAborted when retries did not win,
// kUnavailable for a lost connection, a server that stops or is full and a statement that took too
// long, kDataLoss for damaged data, kInternal for anything else, bad SQL among it. Messages never
// hold values that were bound, nor anything of the connection string.
//
// The port's SQL is translated: '?' becomes $n; in CREATE TABLE and ALTER TABLE the type INTEGER
// becomes BIGINT, BLOB becomes BYTEA and TEXT compares by bytes as SQLite does. TEXT cannot hold
// a zero byte here.
#ifndef TICKETING_POSTGRES_POSTGRES_H_
#define TICKETING_POSTGRES_POSTGRES_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/env/database.h"

namespace ticketing {

struct PostgresOptions {
  // "postgresql://user:password@host:5432/database?sslmode=verify-full" or libpq's "host=... ". A
  // secret. Several hosts may be named; the one that takes writes is used. The user must own the
  // schemas or be allowed to make them. A pooler in front must not share a session among clients
  // (PgBouncer: pool_mode = session).
  std::string url;

  // How many reads can run at once; further ones wait for a connection. One more connection writes.
  size_t read_connections = 8;

  // The most writes in one commit. PostgreSQL remembers 64 savepoints of a transaction cheaply;
  // with more, everybody else's snapshots become slow.
  size_t batch_max = 64;

  Duration connect_timeout = Duration::Seconds(5);

  // The most that one statement may take.
  Duration statement_timeout = Duration::Seconds(30);

  // How long a write waits for a lost server to come back before it answers kUnavailable.
  Duration reconnect_for = Duration::Seconds(2);
};

// Opens databases. Thread-safe; the databases do not refer to the factory. Destroying a database
// runs and commits what was submitted before, calls every `done`, and only then returns.
//
// A function given to Read, Write or WriteAsync that calls Read or Write of the same database is a
// bug and ends the process; so does a `done` that calls Write. `done` may call Read and WriteAsync.
class PostgresFactory final : public DatabaseFactory {
 public:
  explicit PostgresFactory(PostgresOptions options);

  // `name` is made of small letters, digits, '_' and '-'. Errors: kInvalidField for another name or
  // a connection string that cannot be read; kUnavailable when the server cannot be reached or does
  // not let us in; kDataLoss when a migration that ran before is missing from `schema` or was
  // edited since; kInternal when a migration is wrong SQL (nothing of that migration stays).
  // Processes that open the same name at once wait for each other's migrations.
  StatusOr<std::unique_ptr<Database>> Open(std::string_view name,
                                           const std::vector<Migration>& schema) override;

  // Whether a text looks like a connection string of this adapter.
  static bool IsUrl(std::string_view text);

 private:
  const PostgresOptions options_;
};

}  // namespace ticketing

#endif  // TICKETING_POSTGRES_POSTGRES_H_
