// The database port: a portable SQL subset over one embedded or remote engine.
//
// SQL is written once for every engine: '?' for arguments, in order; INTEGER (64-bit), TEXT and
// BLOB columns; INSERT ... ON CONFLICT; RETURNING; no engine's clock or randomness (time and ids
// are arguments). Migrations are numbered from 1, only go forward, and run when the database is
// opened.
#ifndef TICKETING_ENV_DATABASE_H_
#define TICKETING_ENV_DATABASE_H_

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ticketing/base/status.h"

namespace ticketing {

// Bytes to bind as BLOB; plain strings bind as TEXT.
struct Blob {
  std::string bytes;
};

// An argument of a statement. monostate binds NULL. Booleans bind as 0 or 1.
using SqlValue = std::variant<std::monostate, int64_t, std::string, Blob>;
using SqlArgs = std::vector<SqlValue>;

// A row of a result; valid only during the callback that receives it. Columns count from 0. Reading
// a NULL gives 0 or an empty string.
class SqlRow {
 public:
  virtual ~SqlRow() = default;
  virtual bool IsNull(int column) const = 0;
  virtual int64_t Int(int column) const = 0;
  virtual std::string Text(int column) const = 0;   // TEXT
  virtual std::string Bytes(int column) const = 0;  // BLOB
};

// One transaction. Not thread-safe, and gone when the function that received it returns.
class SqlTransaction {
 public:
  virtual ~SqlTransaction() = default;
  // Runs a statement and gives the number of rows it changed. Errors: kConflict for a broken unique
  // or foreign key, kAborted when the engine asks for a retry of the whole transaction,
  // kUnavailable for I/O, kInternal for bad SQL.
  virtual StatusOr<int64_t> Execute(std::string_view sql, const SqlArgs& args) = 0;
  // Runs a statement once for each list of arguments, in their order, and gives the sum of the rows
  // changed; much cheaper than as many calls of Execute. All lists have the same length. No list:
  // nothing runs. Same errors; which list was at fault is not known, so the caller gives the whole
  // transaction up, or runs another one that tries the lists one by one. A later list need not see
  // what an earlier one of the same call wrote: no two of them may touch the same row.
  virtual StatusOr<int64_t> ExecuteMany(std::string_view sql, std::span<const SqlArgs> rows) = 0;
  // Runs a query (or a statement with RETURNING) and calls `row` for each row; an error of `row`
  // ends it and is returned. Same errors.
  virtual Status Query(std::string_view sql, const SqlArgs& args,
                       const std::function<Status(const SqlRow&)>& row) = 0;
};

using SqlFunction = std::function<Status(SqlTransaction&)>;

class Database {
 public:
  virtual ~Database() = default;

  // Runs `fn` on a consistent snapshot; it must not write. From any thread, many at once.
  virtual Status Read(const SqlFunction& fn) = 0;

  // Runs `fn` as one atomic write and returns when it is durable. An error of `fn` undoes it and is
  // returned. `fn` may run more than once (after kAborted), so it must not have effects outside the
  // transaction. It runs on a thread of the database, one write after the other; it must not call
  // Read or Write of the same database.
  virtual Status Write(const SqlFunction& fn) = 0;

  // The same without waiting: `done` is called once with the outcome, on a thread of the database,
  // after the commit is durable. Writes run in the order of their submission. Many submitted
  // together share one commit.
  virtual void WriteAsync(SqlFunction fn, std::function<void(Status)> done) = 0;
};

// One step of a schema: all statements run in one transaction, once, in the order of `version`.
struct Migration {
  int version = 0;
  std::vector<std::string> statements;
};

// Opens the databases of a process by name ("ticketing", "payments"); an adapter's factory
// implements it.
class DatabaseFactory {
 public:
  virtual ~DatabaseFactory() = default;
  // Errors: kUnavailable when it cannot be opened, kDataLoss when a migration that ran before is
  // missing.
  virtual StatusOr<std::unique_ptr<Database>> Open(std::string_view name,
                                                   const std::vector<Migration>& schema) = 0;
};

}  // namespace ticketing

#endif  // TICKETING_ENV_DATABASE_H_
