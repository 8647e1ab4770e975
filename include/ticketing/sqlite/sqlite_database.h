// The database port over SQLite: the embedded default of servers, bastions and handhelds.
//
// One file `<data_dir>/<name>.db` per database, in WAL mode with synchronous=FULL and foreign keys
// on. Writes that wait at the same time share one commit: a writer thread takes everything queued,
// runs each write in a savepoint of its own (an error undoes only that one), commits once, and only
// then reports. Reads run on connections of their own, each on the snapshot of its first statement.
//
// Errors of statements: kConflict for a broken constraint, kAborted when somebody else holds the
// file (a retry can win), kUnavailable for a full disk or failed I/O, kDataLoss for a damaged file,
// kInternal for anything else, bad SQL among it. Messages name what failed, never the values that
// were bound.
#ifndef TICKETING_SQLITE_SQLITE_DATABASE_H_
#define TICKETING_SQLITE_SQLITE_DATABASE_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/env/database.h"

namespace ticketing {

struct SqliteOptions {
  // Where the files live; made with mode 0700 when missing. ":memory:" keeps each database in
  // memory instead, gone when it is closed: for tests.
  std::string data_dir = ":memory:";

  // The name of a registered SQLite VFS; empty for the operating system's.
  std::string vfs;

  // How long to wait for a lock that another process holds.
  Duration busy_timeout = Duration::Seconds(5);

  // How many reads can run at once; further ones wait for a connection. Not used in memory.
  size_t read_connections = 4;

  // The most writes in one commit.
  size_t batch_max = 1024;

  // The page size of a database that is made new, in bytes, a power of two from 512 to 65536; one
  // that is there keeps its own. A commit writes each page that it touched as a whole: for who
  // commits a few rows at a time, as a gate does, small pages are a fraction of the bytes.
  int page_size = 4096;

  // For simulators: no thread and one connection that locks the file for itself, so that a VFS
  // needs no shared memory. A write runs and commits on the thread that submits it, before
  // WriteAsync returns; one submitted from `done` runs after the present one.
  bool single_threaded = false;
};

// Opens databases. Thread-safe; the databases do not refer to the factory. Destroying a database
// runs and commits what was submitted before, calls every `done`, and only then returns.
//
// A function given to Read, Write or WriteAsync that calls Read or Write of the same database is a
// bug and ends the process; so does a `done` that calls Write. `done` may call Read and WriteAsync.
class SqliteDatabaseFactory final : public DatabaseFactory {
 public:
  explicit SqliteDatabaseFactory(SqliteOptions options);

  // `name` is made of small letters, digits, '_' and '-'. Errors: kInvalidField for another name;
  // kUnavailable when the file cannot be made or opened; kDataLoss when the file is damaged or not
  // a database, when a migration that ran before is missing from `schema` or was edited since;
  // kInternal when a migration is wrong SQL (nothing of that migration stays).
  StatusOr<std::unique_ptr<Database>> Open(std::string_view name,
                                           const std::vector<Migration>& schema) override;

 private:
  const SqliteOptions options_;
};

}  // namespace ticketing

#endif  // TICKETING_SQLITE_SQLITE_DATABASE_H_
