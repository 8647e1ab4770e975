#include "lib/service/identity/schema.h"

namespace ticketing::identity {

std::vector<Migration> IdentitySchema() {
  return {{.version = 1,
           .statements = {
               // `roles` is a list of names divided by commas, in ascending order.
               "CREATE TABLE accounts (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE,"
               " phone TEXT NOT NULL, name TEXT NOT NULL, language TEXT NOT NULL,"
               " roles TEXT NOT NULL, password_hash TEXT NOT NULL, active INTEGER NOT NULL,"
               " created_at INTEGER NOT NULL)",
               "CREATE INDEX accounts_phone ON accounts (phone)",
               "CREATE TABLE sessions (id INTEGER PRIMARY KEY,"
               " account_id INTEGER NOT NULL REFERENCES accounts (id),"
               " generation INTEGER NOT NULL, created_at INTEGER NOT NULL,"
               " rotated_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,"
               " revoked INTEGER NOT NULL)",
               "CREATE INDEX sessions_expiry ON sessions (expires_at)",
               "CREATE INDEX sessions_account ON sessions (account_id)",
               // `device_id` is 0 until a device has used the code.
               "CREATE TABLE pairings (id INTEGER PRIMARY KEY, code_hash BLOB NOT NULL UNIQUE,"
               " kind INTEGER NOT NULL, name TEXT NOT NULL, made_by INTEGER NOT NULL,"
               " expires_at INTEGER NOT NULL, device_id INTEGER NOT NULL)",
               "CREATE INDEX pairings_expiry ON pairings (expires_at)",
               // `revoked_at` is NULL while the device may work.
               "CREATE TABLE devices (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL,"
               " name TEXT NOT NULL, public_key BLOB NOT NULL, enrolled_at INTEGER NOT NULL,"
               " enrolled_by TEXT NOT NULL, revoked_at INTEGER, last_proof_at INTEGER NOT NULL)",
               "CREATE TABLE throttles (subject TEXT PRIMARY KEY, failures INTEGER NOT NULL,"
               " last_failure INTEGER NOT NULL, blocked_until INTEGER NOT NULL)",
               "CREATE INDEX throttles_age ON throttles (last_failure)",
               "CREATE TABLE secrets (id INTEGER PRIMARY KEY, purpose TEXT NOT NULL,"
               " secret BLOB NOT NULL, created_at INTEGER NOT NULL)",
           }}};
}

}  // namespace ticketing::identity
