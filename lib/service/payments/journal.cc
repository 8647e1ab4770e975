#include <map>

#include "lib/service/payments/store.h"
#include "ticketing/base/bytes.h"
#include "ticketing/crypto/hash.h"

namespace ticketing::payments {
namespace {

StatusOr<std::optional<JournalEntry>> LoadEntry(SqlTransaction& tx, EntryId id) {
  std::optional<JournalEntry> entry;
  TICKETING_RETURN_IF_ERROR(tx.Query(
      "SELECT at, kind, reference FROM journal WHERE id = ?", {id.ToSql()}, [&](const SqlRow& row) {
        entry = JournalEntry{
            .id = id, .at = Timestamp{row.Int(0)}, .kind = row.Text(1), .reference = row.Text(2)};
        return OkStatus();
      }));
  if (!entry) return entry;
  TICKETING_RETURN_IF_ERROR(
      tx.Query("SELECT account, currency, amount FROM postings WHERE entry_id = ? ORDER BY line",
               {id.ToSql()}, [&](const SqlRow& row) {
                 const std::optional<AccountName> account = ParseAccount(row.Text(0));
                 const std::optional<Currency> currency = Currency::Parse(row.Text(1));
                 if (!account || !currency) {
                   return MakeError(ErrorCode::kDataLoss, "A stored posting cannot be read.");
                 }
                 entry->postings.push_back({*account, Money{row.Int(2), *currency}});
                 return OkStatus();
               }));
  return entry;
}

}  // namespace

EntryId EntryIdOf(std::string_view kind, std::string_view reference) {
  const std::string name = std::string(kind) + ":" + std::string(reference);
  return EntryId::FromEntropy(ReadBigEndian(Blake2b256(name), 0, 8));
}

Status PostEntry(SqlTransaction& tx, const JournalEntry& entry) {
  TICKETING_RETURN_IF_ERROR(ValidateEntry(entry));
  TICKETING_ASSIGN_OR_RETURN(const std::optional<JournalEntry> known, LoadEntry(tx, entry.id));
  if (known) {
    if (*known == entry) return OkStatus();
    return MakeError(ErrorCode::kDataLoss, "Another journal entry has this id.");
  }
  TICKETING_RETURN_IF_ERROR(
      tx.Execute("INSERT INTO journal (id, at, kind, reference) VALUES (?, ?, ?, ?)",
                 {entry.id.ToSql(), entry.at.micros, entry.kind, entry.reference})
          .status());
  for (size_t line = 0; line < entry.postings.size(); ++line) {
    const Posting& posting = entry.postings[line];
    TICKETING_RETURN_IF_ERROR(
        tx.Execute("INSERT INTO postings (entry_id, line, account, currency, amount) VALUES (?, ?, "
                   "?, ?, ?)",
                   {entry.id.ToSql(), static_cast<int64_t>(line), FormatAccount(posting.account),
                    std::string(posting.amount.currency.code()), posting.amount.minor})
            .status());
  }
  return OkStatus();
}

StatusOr<Balances> ReadBalances(SqlTransaction& tx) {
  Balances balances;
  std::map<Currency, int64_t> sums;
  TICKETING_RETURN_IF_ERROR(tx.Query(
      "SELECT account, currency, SUM(CASE WHEN amount > 0 THEN amount ELSE 0 END), SUM(CASE WHEN "
      "amount < 0 THEN -amount ELSE 0 END) FROM postings GROUP BY account, currency ORDER BY "
      "account, currency",
      {}, [&](const SqlRow& row) {
        const std::optional<Currency> currency = Currency::Parse(row.Text(1));
        if (!currency) return MakeError(ErrorCode::kDataLoss, "A stored posting cannot be read.");
        balances.rows.push_back({row.Text(0), *currency, {row.Int(2), row.Int(3)}});
        sums[*currency] += row.Int(2) - row.Int(3);
        return OkStatus();
      }));
  for (const auto& [currency, sum] : sums) balances.balanced &= sum == 0;
  TICKETING_RETURN_IF_ERROR(tx.Query("SELECT COUNT(*) FROM journal", {}, [&](const SqlRow& row) {
    balances.entries = row.Int(0);
    return OkStatus();
  }));
  TICKETING_RETURN_IF_ERROR(
      tx.Query("SELECT entry_id FROM postings GROUP BY entry_id, currency HAVING SUM(amount) <> 0 "
               "LIMIT 1",
               {}, [&](const SqlRow&) {
                 balances.balanced = false;
                 return OkStatus();
               }));
  return balances;
}

}  // namespace ticketing::payments
