// The tables of a gate engine's database.
#ifndef TICKETING_LIB_GATE_SCHEMA_H_
#define TICKETING_LIB_GATE_SCHEMA_H_

#include <vector>

#include "ticketing/env/database.h"

namespace ticketing::gate {

std::vector<Migration> Schema();

}  // namespace ticketing::gate

#endif  // TICKETING_LIB_GATE_SCHEMA_H_
