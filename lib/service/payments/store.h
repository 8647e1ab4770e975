// The rows of the payments database. Every function works within one transaction.
#ifndef TICKETING_LIB_SERVICE_PAYMENTS_STORE_H_
#define TICKETING_LIB_SERVICE_PAYMENTS_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/env/database.h"
#include "ticketing/payment/cash_shift.h"
#include "ticketing/payment/ledger.h"
#include "ticketing/payment/payment.h"

namespace ticketing::payments {

std::vector<Migration> Schema();

// When the gateway is to be asked again about something undecided.
struct Schedule {
  int64_t tries = 0;
  Timestamp next_at;
};

struct PaymentRow {
  Payment payment;
  std::string taken_by;  // of cash: who must own the shift; not stored, the shift tells
  std::string description;
  Schedule schedule;
};

// The numbers are stored: append, never renumber.
enum class RefundState { kCreated = 0, kPending = 1, kSucceeded = 2, kFailed = 3 };
std::string_view NameOf(RefundState state);  // "pending" for the first two

struct RefundRow {
  RefundId id;
  PaymentId payment;
  Money amount;
  MoneyShares shares;
  RefundState state = RefundState::kCreated;
  std::string reference;  // the gateway's id, once it answered
  std::string reason;     // of who asked
  std::string failure;    // of the gateway
  Timestamp created_at;
  Timestamp updated_at;
  Schedule schedule;

  bool IsOpen() const { return state == RefundState::kCreated || state == RefundState::kPending; }
};

// nullopt when there is no such row. Save inserts or replaces.
StatusOr<std::optional<PaymentRow>> LoadPayment(SqlTransaction& tx, PaymentId id);
StatusOr<std::optional<RefundRow>> LoadRefund(SqlTransaction& tx, RefundId id);
StatusOr<std::optional<CashShift>> LoadShift(SqlTransaction& tx, ShiftId id);
Status Save(SqlTransaction& tx, const PaymentRow& row);
Status Save(SqlTransaction& tx, const RefundRow& row);
Status Save(SqlTransaction& tx, const CashShift& shift);

// Undecided payments and refunds whose time has come, oldest first.
StatusOr<std::vector<PaymentId>> DuePayments(SqlTransaction& tx, Timestamp now, int64_t limit);
StatusOr<std::vector<RefundId>> DueRefunds(SqlTransaction& tx, Timestamp now, int64_t limit);

// The journal. An entry's id follows from its kind and reference, so that nothing is booked twice.
EntryId EntryIdOf(std::string_view kind, std::string_view reference);
// Adds an entry. OK also when exactly this entry stands already. Errors: those of ValidateEntry;
// kDataLoss when another entry has its id.
Status PostEntry(SqlTransaction& tx, const JournalEntry& entry);

struct Balances {
  struct Row {
    std::string account;
    Currency currency;
    AccountTotals totals;
  };
  std::vector<Row> rows;  // by account, then currency
  int64_t entries = 0;
  bool balanced = true;  // every entry, and every currency over all accounts
};
StatusOr<Balances> ReadBalances(SqlTransaction& tx);

}  // namespace ticketing::payments

#endif  // TICKETING_LIB_SERVICE_PAYMENTS_STORE_H_
