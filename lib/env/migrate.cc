#include "ticketing/env/migrate.h"

#include <cstdint>
#include <map>
#include <string>

#include "ticketing/base/assert.h"

namespace ticketing {
namespace {

// 64-bit FNV-1a (G. Fowler, L. Noll, K. Vo) over the statements, each closed by a zero byte. It
// only has to notice an edit; nobody gains by forging it.
int64_t ChecksumOf(const Migration& migration) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const std::string& statement : migration.statements) {
    for (size_t i = 0; i <= statement.size(); ++i) {
      const uint8_t byte = i < statement.size() ? static_cast<uint8_t>(statement[i]) : 0;
      hash = (hash ^ byte) * 0x100000001b3;
    }
  }
  return static_cast<int64_t>(hash);
}

StatusOr<std::map<int64_t, int64_t>> ReadApplied(SqlTransaction& transaction) {
  std::map<int64_t, int64_t> applied;
  TICKETING_RETURN_IF_ERROR(transaction.Query("SELECT version, checksum FROM schema_migrations", {},
                                              [&](const SqlRow& row) {
                                                applied[row.Int(0)] = row.Int(1);
                                                return OkStatus();
                                              }));
  return applied;
}

// What ran before must stand in the schema, unchanged.
Status CheckApplied(const std::map<int64_t, int64_t>& applied,
                    const std::vector<Migration>& schema) {
  for (const auto& [version, checksum] : applied) {
    if (version < 1 || version > static_cast<int64_t>(schema.size())) {
      return MakeError(ErrorCode::kDataLoss,
                       "the database has migration " + std::to_string(version) +
                           ", which this program does not know; use a newer program");
    }
    if (ChecksumOf(schema[version - 1]) != checksum) {
      return MakeError(ErrorCode::kDataLoss,
                       "migration " + std::to_string(version) +
                           " was edited after it ran on this database; add a new one instead");
    }
  }
  return OkStatus();
}

Status Apply(SqlTransaction& transaction, const Migration& migration,
             const std::vector<Migration>& schema) {
  // Read again inside each transaction: another process may be opening the same database.
  TICKETING_ASSIGN_OR_RETURN(const auto applied, ReadApplied(transaction));
  TICKETING_RETURN_IF_ERROR(CheckApplied(applied, schema));
  if (applied.contains(migration.version)) return OkStatus();
  for (const std::string& statement : migration.statements) {
    const StatusOr<int64_t> result = transaction.Execute(statement, {});
    if (!result.ok()) {
      return MakeError(CodeOf(result.status()), "migration " + std::to_string(migration.version) +
                                                    ": " + std::string(MessageOf(result.status())));
    }
  }
  return transaction
      .Execute("INSERT INTO schema_migrations (version, checksum) VALUES (?, ?)",
               {static_cast<int64_t>(migration.version), ChecksumOf(migration)})
      .status();
}

// Makes the table of migrations and checks what it says.
Status Prepare(SqlTransaction& transaction, const std::vector<Migration>& schema) {
  TICKETING_RETURN_IF_ERROR(
      transaction
          .Execute("CREATE TABLE IF NOT EXISTS schema_migrations ("
                   "version INTEGER PRIMARY KEY, checksum INTEGER NOT NULL) STRICT",
                   {})
          .status());
  TICKETING_ASSIGN_OR_RETURN(const auto applied, ReadApplied(transaction));
  return CheckApplied(applied, schema);
}

}  // namespace

Status Migrate(const std::vector<Migration>& schema, const SchemaTransaction& transact) {
  for (size_t i = 0; i < schema.size(); ++i) {
    TICKETING_ASSERT(schema[i].version == static_cast<int>(i) + 1);
  }
  Status status =
      transact([&](SqlTransaction& transaction) { return Prepare(transaction, schema); });
  for (size_t i = 0; status.ok() && i < schema.size(); ++i) {
    status = transact(
        [&](SqlTransaction& transaction) { return Apply(transaction, schema[i], schema); });
  }
  return status;
}

}  // namespace ticketing
