// One connection to a PostgreSQL server, with its prepared statements.
//
// Everything is sent in pipeline mode: a statement whose result nobody needs at once (BEGIN, a
// savepoint) waits in the buffer and travels with the next one that somebody waits for.
#ifndef TICKETING_LIB_POSTGRES_CONNECTION_H_
#define TICKETING_LIB_POSTGRES_CONNECTION_H_

#include <memory>
#include <string>
#include <string_view>

#include "lib/postgres/errors.h"
#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/env/database.h"

namespace ticketing::postgres {

struct ConnectionConfig {
  enum class Use { kRead, kWrite, kMigrate };

  std::string url;
  std::string schema;
  Use use = Use::kWrite;
  Duration connect_timeout;
  Duration statement_timeout;  // zero: none
};

// Whether libpq can read a connection string.
Status CheckUrl(const std::string& url);

// Not thread-safe: one user at a time. No exception leaves it.
class Connection {
 public:
  // Errors: kUnavailable.
  static StatusOr<std::unique_ptr<Connection>> Open(const ConnectionConfig& config);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Puts BEGIN, SAVEPOINT and their like into the buffer. `sql` has no arguments and lives as long
  // as the program. Errors show in what is waited for next.
  void Queue(std::string_view sql);
  // Sends the buffer and waits for no answer.
  void Send();
  // Sends the buffer and this, and waits. An answer other than `sql`'s own word (ROLLBACK for
  // COMMIT) is an error.
  Status Control(std::string_view sql);

  // Runs `fn` and gives its outcome. A failed statement spoils the whole function: its later
  // statements fail the same way, and so does the function even if it returns OK. Undoing is the
  // caller's.
  Status Run(const SqlFunction& fn);

  // The worst that was met since the last call of Run or Control began.
  Trouble trouble() const;
  // Whether the function that ran last has had an answer to any statement.
  bool answered() const;

 private:
  class Impl;
  class Transaction;
  explicit Connection(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace ticketing::postgres

#endif  // TICKETING_LIB_POSTGRES_CONNECTION_H_
