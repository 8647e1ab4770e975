// One connection to a SQLite file, with its prepared statements.
#ifndef TICKETING_LIB_SQLITE_CONNECTION_H_
#define TICKETING_LIB_SQLITE_CONNECTION_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/env/database.h"

namespace ticketing::sqlite {

// Settles what SQLite lets nobody settle once it was used: to be called before anything else of it.
// Without effect when the program used SQLite by itself before, and then it is only slower.
void ConfigureSqlite();

struct ConnectionConfig {
  std::string file;  // a path or ":memory:"
  std::string vfs;
  Duration busy_timeout;
  int page_size = 4096;      // of a file that is made new
  bool exclusive = false;    // holds the file alone, without shared memory
  bool small_cache = false;  // for one of several readers
};

// Not thread-safe: one user at a time. No exception leaves it.
class Connection {
 public:
  static StatusOr<std::unique_ptr<Connection>> Open(const ConnectionConfig& config);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // BEGIN, COMMIT, SAVEPOINT and their like, which functions of users may not run.
  Status Control(std::string_view sql);
  // Whether a transaction is open. Some failures (a full disk) make SQLite roll back by itself.
  bool InTransaction() const;

  enum class Access { kRead, kWrite };

  // Runs `fn` inside the open transaction or savepoint and gives its outcome. As in every other
  // engine a failed statement spoils the whole function: its later statements fail the same way,
  // and so does the function even if it returns OK. With kRead a statement that would write fails.
  // Undoing is the caller's.
  Status Run(const SqlFunction& fn, Access access = Access::kWrite);

 private:
  class Impl;
  class Transaction;
  explicit Connection(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace ticketing::sqlite

#endif  // TICKETING_LIB_SQLITE_CONNECTION_H_
