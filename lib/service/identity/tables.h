// Rows of the identity database as values. Every function runs in the caller's transaction.
#ifndef TICKETING_LIB_SERVICE_IDENTITY_TABLES_H_
#define TICKETING_LIB_SERVICE_IDENTITY_TABLES_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/env/database.h"
#include "ticketing/identity/account.h"
#include "ticketing/identity/device.h"
#include "ticketing/identity/session.h"
#include "ticketing/identity/throttle.h"

namespace ticketing::identity {

// Errors: kAccountExists when the address is taken.
Status InsertAccount(SqlTransaction& tx, const Account& account);
Status SetPasswordHash(SqlTransaction& tx, AccountId id, const std::string& hash);
// Reads go through a pointer: null columns and absent rows leave it as it was.
Status FindAccount(SqlTransaction& tx, AccountId id, std::optional<Account>& out);
Status FindAccountByEmail(SqlTransaction& tx, const std::string& email,
                          std::optional<Account>& out);
// Those with exactly this address and number (each unless empty), at most `limit`.
Status ListAccounts(SqlTransaction& tx, const std::string& email, const std::string& phone,
                    size_t limit, std::vector<Account>& out);

Status InsertSession(SqlTransaction& tx, const Session& session);
Status UpdateSession(SqlTransaction& tx, const Session& session);
Status FindSession(SqlTransaction& tx, SessionId id, std::optional<Session>& out);

Status InsertPairing(SqlTransaction& tx, const Pairing& pairing);
Status UpdatePairing(SqlTransaction& tx, const Pairing& pairing);
Status FindPairing(SqlTransaction& tx, const std::string& code_hash, std::optional<Pairing>& out);

Status InsertDevice(SqlTransaction& tx, const Device& device);
Status UpdateDevice(SqlTransaction& tx, const Device& device);
Status FindDevice(SqlTransaction& tx, DeviceId id, std::optional<Device>& out);
Status ListDevices(SqlTransaction& tx, std::vector<Device>& out);

Status ReadThrottle(SqlTransaction& tx, const std::string& subject, ThrottleState& out);
Status WriteThrottle(SqlTransaction& tx, const std::string& subject, const ThrottleState& state);
Status ClearThrottle(SqlTransaction& tx, const std::string& subject);

// Deletes what can never matter again.
Status ForgetExpired(SqlTransaction& tx, Timestamp now);

}  // namespace ticketing::identity

#endif  // TICKETING_LIB_SERVICE_IDENTITY_TABLES_H_
