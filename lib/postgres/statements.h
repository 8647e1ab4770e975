// The statements of a connection: how the port's text and the prepared statements of the server
// belong together.
#ifndef TICKETING_LIB_POSTGRES_STATEMENTS_H_
#define TICKETING_LIB_POSTGRES_STATEMENTS_H_

#include <cstdint>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lib/postgres/values.h"
#include "ticketing/base/status.h"
#include "ticketing/env/database.h"

namespace ticketing::postgres {

// A statement as the server knows it.
struct Prepared {
  std::string name;
  std::string sql;
  std::vector<TypeId> types;
  bool sent = false;  // to be prepared, and not refused
};
using PreparedPtr = std::shared_ptr<Prepared>;

// Not thread-safe. Keeps the statements that were used last; looking one up copies nothing.
class Statements {
 public:
  // A statement of the adapter's own, with arguments of type text, as it stands.
  PreparedPtr Own(std::string_view sql, size_t arguments = 0);

  // A statement of the port for arguments of these types; NULL goes with every type. Errors:
  // kInternal for SQL that is not allowed and for a wrong number of arguments.
  StatusOr<PreparedPtr> For(std::string_view sql, const SqlArgs& args);

  // The same for many lists of arguments, which are to be sent as one array per argument. `types`
  // becomes the type of each argument; one that is NULL in all lists is not sent. Null when the
  // statement, or the mixture of types, has to be run list by list.
  StatusOr<PreparedPtr> ForArrays(std::string_view sql, std::span<const SqlArgs> rows,
                                  std::vector<TypeId>& types);

  // Those that were crowded out since the last call, for the server to forget.
  std::vector<PreparedPtr> TakeForgotten() { return std::move(forgotten_); }

 private:
  // The same text can be there with several types.
  struct Entry {
    std::string sql;  // for the server; empty when the statement cannot be run in this way
    size_t arguments = 0;
    bool own = false;
    std::vector<PreparedPtr> variants;
  };
  using Entries = std::list<std::pair<std::string, Entry>>;

  Entry* Find(std::string_view key);
  Entry& Add(std::string_view key, Entry entry);
  StatusOr<Entry*> Acquire(std::string_view sql, size_t arguments);
  PreparedPtr AddVariant(Entry& entry, std::vector<TypeId> types);

  int64_t names_ = 0;
  Entries entries_;                                                // most recently used first
  std::unordered_map<std::string_view, Entries::iterator> index_;  // keys live in entries_
  std::vector<PreparedPtr> forgotten_;
};

}  // namespace ticketing::postgres

#endif  // TICKETING_LIB_POSTGRES_STATEMENTS_H_
