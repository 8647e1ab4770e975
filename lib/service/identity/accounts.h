// Making accounts, shared by the routes and by the first start.
#ifndef TICKETING_LIB_SERVICE_IDENTITY_ACCOUNTS_H_
#define TICKETING_LIB_SERVICE_IDENTITY_ACCOUNTS_H_

#include <string>

#include "lib/service/identity/context.h"
#include "ticketing/identity/account.h"

namespace ticketing::v1 {
class Account;
}

namespace ticketing::identity {

// Checks and hashes the password, gives the account its id and keeps it. Errors: kInvalidField,
// kAccountExists, kRateLimited, those of the database.
Status MakeAccount(Context& context, Account& account, const std::string& password);

// The account as the API shows it.
void Fill(const Account& account, v1::Account* out);

}  // namespace ticketing::identity

#endif  // TICKETING_LIB_SERVICE_IDENTITY_ACCOUNTS_H_
