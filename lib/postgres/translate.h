// The port's SQL as PostgreSQL's.
#ifndef TICKETING_LIB_POSTGRES_TRANSLATE_H_
#define TICKETING_LIB_POSTGRES_TRANSLATE_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lib/postgres/values.h"
#include "ticketing/base/status.h"

namespace ticketing::postgres {

struct Translated {
  std::string sql;
  size_t arguments = 0;
};

// Numbers the arguments and turns the types of CREATE TABLE and ALTER TABLE. Errors: kInternal for
// what the port does not allow: statements that are no query, change or definition (transactions
// and settings among them), and the engine's clock and randomness.
StatusOr<Translated> Translate(std::string_view sql);

// A statement with a single list of arguments as one that takes an array for each argument and
// does the same for every index: INSERT ... VALUES (one list), UPDATE ... WHERE, DELETE ... WHERE.
// An argument of unknown type stands for NULL in all lists and takes no array. Nothing when the
// statement has another shape; it must be run list by list then.
std::optional<std::string> WithArrays(std::string_view sql, std::span<const TypeId> types);

}  // namespace ticketing::postgres

#endif  // TICKETING_LIB_POSTGRES_TRANSLATE_H_
