// The tables of the database "seatsio".
#ifndef TICKETING_LIB_SERVICE_SEATSIO_SCHEMA_H_
#define TICKETING_LIB_SERVICE_SEATSIO_SCHEMA_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "ticketing/env/database.h"

namespace ticketing::seatsio {

std::vector<Migration> Schema();

// The next number of a sequence, from 1; numbers of rows that are gone never come back.
StatusOr<int64_t> NextNumber(SqlTransaction& tx, std::string_view sequence);

// One number of the first row; nullopt without rows.
StatusOr<std::optional<int64_t>> QueryNumber(SqlTransaction& tx, std::string_view sql,
                                             const SqlArgs& args);

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_SCHEMA_H_
