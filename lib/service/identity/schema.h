// The tables of the identity service.
#ifndef TICKETING_LIB_SERVICE_IDENTITY_SCHEMA_H_
#define TICKETING_LIB_SERVICE_IDENTITY_SCHEMA_H_

#include <vector>

#include "ticketing/env/database.h"

namespace ticketing::identity {

std::vector<Migration> IdentitySchema();

}  // namespace ticketing::identity

#endif  // TICKETING_LIB_SERVICE_IDENTITY_SCHEMA_H_
