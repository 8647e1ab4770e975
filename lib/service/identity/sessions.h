// Opening sessions, shared by logging in and registering.
#ifndef TICKETING_LIB_SERVICE_IDENTITY_SESSIONS_H_
#define TICKETING_LIB_SERVICE_IDENTITY_SESSIONS_H_

#include "lib/service/identity/context.h"
#include "ticketing/identity/account.h"

namespace ticketing::identity {

// A new session of the account as a 201 answer.
StatusOr<HttpResponse> OpenSession(Context& context, Call& call, const Account& account);

}  // namespace ticketing::identity

#endif  // TICKETING_LIB_SERVICE_IDENTITY_SESSIONS_H_
