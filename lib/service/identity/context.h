// What the parts of the identity service share.
#ifndef TICKETING_LIB_SERVICE_IDENTITY_CONTEXT_H_
#define TICKETING_LIB_SERVICE_IDENTITY_CONTEXT_H_

#include <string>
#include <vector>

#include "lib/service/identity/hash_gate.h"
#include "lib/service/identity/keys.h"
#include "ticketing/env/database.h"
#include "ticketing/service/common/api.h"
#include "ticketing/service/identity/identity_service.h"

namespace ticketing::identity {

struct Context {
  Env env;
  IdentityOptions options;
  Database& database;
  const Keys& keys;
  HashGate& hashes;
};

// The address behind a call: a gateway, which proves itself with a service token, tells whom it
// speaks for; nobody else is believed.
std::string ClientAddress(const Call& call);

// Full name of a message of this API.
std::string MessageName(const char* name);

std::vector<Route> AccountRoutes(Context& context);
std::vector<Route> SessionRoutes(Context& context);
std::vector<Route> DeviceRoutes(Context& context);

}  // namespace ticketing::identity

#endif  // TICKETING_LIB_SERVICE_IDENTITY_CONTEXT_H_
