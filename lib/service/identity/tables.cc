#include "lib/service/identity/tables.h"

#include <algorithm>

namespace ticketing::identity {
namespace {

constexpr char kAccountColumns[] =
    "SELECT id, email, phone, name, language, roles, password_hash, active, created_at"
    " FROM accounts ";
constexpr char kDeviceColumns[] =
    "SELECT id, kind, name, public_key, enrolled_at, enrolled_by, revoked_at, last_proof_at"
    " FROM devices ";

std::string JoinRoles(const std::vector<Role>& roles) {
  std::string out;
  for (const Role role : roles) out.append(out.empty() ? "" : ",").append(RoleName(role));
  return out;
}

std::vector<Role> SplitRoles(std::string_view text) {
  std::vector<Role> out;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    if (const auto role = RoleOfName(text.substr(0, comma))) out.push_back(*role);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return out;
}

Account AccountOf(const SqlRow& row) {
  return {.id = AccountId::FromSql(row.Int(0)),
          .email = row.Text(1),
          .phone = row.Text(2),
          .name = row.Text(3),
          .language = row.Text(4),
          .roles = SplitRoles(row.Text(5)),
          .password_hash = row.Text(6),
          .active = row.Int(7) != 0,
          .created_at = Timestamp{row.Int(8)}};
}

Device DeviceOf(const SqlRow& row) {
  Device device{.id = DeviceId::FromSql(row.Int(0)),
                .kind = static_cast<DeviceKind>(row.Int(1)),
                .name = row.Text(2),
                .public_key = row.Bytes(3),
                .enrolled_at = Timestamp{row.Int(4)},
                .enrolled_by = row.Text(5),
                .last_proof_at = Timestamp{row.Int(7)}};
  if (!row.IsNull(6)) device.revoked_at = Timestamp{row.Int(6)};
  return device;
}

SqlValue RevokedColumn(const Device& device) {
  if (!device.revoked_at) return std::monostate();
  return device.revoked_at->micros;
}

template <typename Value, typename Convert>
std::function<Status(const SqlRow&)> Into(std::optional<Value>& out, Convert convert) {
  return [&out, convert](const SqlRow& row) {
    out = convert(row);
    return OkStatus();
  };
}

}  // namespace

Status InsertAccount(SqlTransaction& tx, const Account& account) {
  Status status =
      tx.Execute(
            "INSERT INTO accounts (id, email, phone, name, language, roles, password_hash,"
            " active, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            {account.id.ToSql(), account.email, account.phone, account.name, account.language,
             JoinRoles(account.roles), account.password_hash, int64_t{account.active},
             account.created_at.micros})
          .status();
  if (CodeOf(status) != ErrorCode::kConflict) return status;
  return MakeError(ErrorCode::kAccountExists, "There is an account with this address; log in.");
}

Status SetPasswordHash(SqlTransaction& tx, AccountId id, const std::string& hash) {
  return tx.Execute("UPDATE accounts SET password_hash = ? WHERE id = ?", {hash, id.ToSql()})
      .status();
}

Status FindAccount(SqlTransaction& tx, AccountId id, std::optional<Account>& out) {
  return tx.Query(std::string(kAccountColumns) + "WHERE id = ?", {id.ToSql()},
                  Into(out, AccountOf));
}

Status FindAccountByEmail(SqlTransaction& tx, const std::string& email,
                          std::optional<Account>& out) {
  return tx.Query(std::string(kAccountColumns) + "WHERE email = ?", {email}, Into(out, AccountOf));
}

Status ListAccounts(SqlTransaction& tx, const std::string& email, const std::string& phone,
                    size_t limit, std::vector<Account>& out) {
  std::string where = "WHERE 1 = 1";
  SqlArgs args;
  if (!email.empty()) {
    where.append(" AND email = ?");
    args.emplace_back(email);
  }
  if (!phone.empty()) {
    where.append(" AND phone = ?");
    args.emplace_back(phone);
  }
  args.emplace_back(static_cast<int64_t>(limit));
  return tx.Query(kAccountColumns + where + " ORDER BY id LIMIT ?", args,
                  [&out](const SqlRow& row) {
                    out.push_back(AccountOf(row));
                    return OkStatus();
                  });
}

Status InsertSession(SqlTransaction& tx, const Session& session) {
  return tx
      .Execute(
          "INSERT INTO sessions (id, account_id, generation, created_at, rotated_at,"
          " expires_at, revoked) VALUES (?, ?, ?, ?, ?, ?, ?)",
          {session.id.ToSql(), session.account.ToSql(), session.generation,
           session.created_at.micros, session.rotated_at.micros, session.expires_at.micros,
           int64_t{session.revoked}})
      .status();
}

Status UpdateSession(SqlTransaction& tx, const Session& session) {
  return tx
      .Execute("UPDATE sessions SET generation = ?, rotated_at = ?, revoked = ? WHERE id = ?",
               {session.generation, session.rotated_at.micros, int64_t{session.revoked},
                session.id.ToSql()})
      .status();
}

Status FindSession(SqlTransaction& tx, SessionId id, std::optional<Session>& out) {
  return tx.Query(
      "SELECT id, account_id, generation, created_at, rotated_at, expires_at, revoked"
      " FROM sessions WHERE id = ?",
      {id.ToSql()}, Into(out, [](const SqlRow& row) {
        return Session{.id = SessionId::FromSql(row.Int(0)),
                       .account = AccountId::FromSql(row.Int(1)),
                       .generation = row.Int(2),
                       .created_at = Timestamp{row.Int(3)},
                       .rotated_at = Timestamp{row.Int(4)},
                       .expires_at = Timestamp{row.Int(5)},
                       .revoked = row.Int(6) != 0};
      }));
}

Status InsertPairing(SqlTransaction& tx, const Pairing& pairing) {
  return tx
      .Execute(
          "INSERT INTO pairings (id, code_hash, kind, name, made_by, expires_at, device_id)"
          " VALUES (?, ?, ?, ?, ?, ?, 0)",
          {pairing.id.ToSql(), Blob{pairing.code_hash}, static_cast<int64_t>(pairing.kind),
           pairing.name, pairing.made_by.ToSql(), pairing.expires_at.micros})
      .status();
}

Status UpdatePairing(SqlTransaction& tx, const Pairing& pairing) {
  return tx
      .Execute("UPDATE pairings SET device_id = ? WHERE id = ?",
               {pairing.device.value_or(DeviceId{}).ToSql(), pairing.id.ToSql()})
      .status();
}

Status FindPairing(SqlTransaction& tx, const std::string& code_hash, std::optional<Pairing>& out) {
  return tx.Query(
      "SELECT id, code_hash, kind, name, made_by, expires_at, device_id FROM pairings"
      " WHERE code_hash = ?",
      {Blob{code_hash}}, Into(out, [](const SqlRow& row) {
        Pairing pairing{.id = PairingId::FromSql(row.Int(0)),
                        .code_hash = row.Bytes(1),
                        .kind = static_cast<DeviceKind>(row.Int(2)),
                        .name = row.Text(3),
                        .made_by = AccountId::FromSql(row.Int(4)),
                        .expires_at = Timestamp{row.Int(5)}};
        if (row.Int(6) != 0) pairing.device = DeviceId::FromSql(row.Int(6));
        return pairing;
      }));
}

Status InsertDevice(SqlTransaction& tx, const Device& device) {
  return tx
      .Execute(
          "INSERT INTO devices (id, kind, name, public_key, enrolled_at, enrolled_by,"
          " revoked_at, last_proof_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
          {device.id.ToSql(), static_cast<int64_t>(device.kind), device.name,
           Blob{device.public_key}, device.enrolled_at.micros, device.enrolled_by,
           RevokedColumn(device), device.last_proof_at.micros})
      .status();
}

Status UpdateDevice(SqlTransaction& tx, const Device& device) {
  return tx
      .Execute("UPDATE devices SET revoked_at = ?, last_proof_at = ? WHERE id = ?",
               {RevokedColumn(device), device.last_proof_at.micros, device.id.ToSql()})
      .status();
}

Status FindDevice(SqlTransaction& tx, DeviceId id, std::optional<Device>& out) {
  return tx.Query(std::string(kDeviceColumns) + "WHERE id = ?", {id.ToSql()}, Into(out, DeviceOf));
}

Status ListDevices(SqlTransaction& tx, std::vector<Device>& out) {
  return tx.Query(std::string(kDeviceColumns) + "ORDER BY enrolled_at, id", {},
                  [&out](const SqlRow& row) {
                    out.push_back(DeviceOf(row));
                    return OkStatus();
                  });
}

Status ReadThrottle(SqlTransaction& tx, const std::string& subject, ThrottleState& out) {
  out = {};
  return tx.Query("SELECT failures, last_failure, blocked_until FROM throttles WHERE subject = ?",
                  {subject}, [&out](const SqlRow& row) {
                    out = {.failures = static_cast<int32_t>(row.Int(0)),
                           .last_failure = Timestamp{row.Int(1)},
                           .blocked_until = Timestamp{row.Int(2)}};
                    return OkStatus();
                  });
}

Status WriteThrottle(SqlTransaction& tx, const std::string& subject, const ThrottleState& state) {
  return tx
      .Execute(
          "INSERT INTO throttles (subject, failures, last_failure, blocked_until)"
          " VALUES (?, ?, ?, ?) ON CONFLICT (subject) DO UPDATE SET"
          " failures = excluded.failures, last_failure = excluded.last_failure,"
          " blocked_until = excluded.blocked_until",
          {subject, int64_t{state.failures}, state.last_failure.micros, state.blocked_until.micros})
      .status();
}

Status ClearThrottle(SqlTransaction& tx, const std::string& subject) {
  return tx.Execute("DELETE FROM throttles WHERE subject = ?", {subject}).status();
}

Status ForgetExpired(SqlTransaction& tx, Timestamp now) {
  // A used code is kept for a day, so that a device whose answer was lost can ask again.
  constexpr Duration kPairingsKept = Duration::Days(1);
  const Duration quiet = std::max({kGuessThrottle.forget_after, kAccountThrottle.forget_after,
                                   kAddressThrottle.forget_after, kPairingThrottle.forget_after});
  TICKETING_RETURN_IF_ERROR(
      tx.Execute("DELETE FROM sessions WHERE expires_at <= ?", {now.micros}).status());
  TICKETING_RETURN_IF_ERROR(
      tx.Execute("DELETE FROM pairings WHERE expires_at <= ?", {(now - kPairingsKept).micros})
          .status());
  return tx
      .Execute("DELETE FROM throttles WHERE last_failure <= ? AND blocked_until <= ?",
               {(now - quiet).micros, now.micros})
      .status();
}

}  // namespace ticketing::identity
