// Double-entry books. Every movement of money is a journal entry: postings to accounts that sum to
// zero in each currency. Entries are only ever added; a mistake is corrected by another entry.
//
// Sign: a debit is positive, a credit negative. Money that we have (clearing, drawer) shows as a
// positive balance, money that we owe (organizer, tax) or have earned (fees) as a negative one.
//
// Idempotent by id: the same entry again is accepted and changes nothing; another entry under a
// used id is an error. Sources of the rules: the invariants of double-entry bookkeeping; transfer
// ids as in TigerBeetle.
#ifndef TICKETING_PAYMENT_LEDGER_H_
#define TICKETING_PAYMENT_LEDGER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ticketing/base/id.h"
#include "ticketing/base/money.h"
#include "ticketing/base/status.h"
#include "ticketing/base/time.h"

namespace ticketing {

// The numbers are stored: append, never renumber.
enum class AccountKind {
  kGatewayClearing = 0,   // asset: with the card gateway until it pays out
  kCashDrawer = 1,        // asset: at a window, one account per shift
  kCashSafe = 2,          // asset: floats come from here, drops and closed drawers go here
  kOrganizerPayable = 3,  // liability: ticket sales net of fees and tax
  kFeesIncome = 4,        // income
  kTaxPayable = 5,        // liability
  kRefunds = 6,           // contra to kOrganizerPayable: ticket money given back
  kCashOverShort = 7,     // expense: what a drawer lacked (debit) or had too much (credit)
};

// An account; `shift` is set for kCashDrawer and only there.
struct AccountName {
  AccountKind kind = AccountKind::kGatewayClearing;
  ShiftId shift;

  auto operator<=>(const AccountName&) const = default;
};

// "gateway-clearing", "cash-drawer:shf_...", "organizer-payable", ...: stable, stored and shown.
std::string FormatAccount(const AccountName& account);
std::optional<AccountName> ParseAccount(std::string_view text);

struct Posting {
  AccountName account;
  Money amount;  // debit > 0, credit < 0, never zero

  bool operator==(const Posting&) const = default;
};

struct JournalEntry {
  EntryId id;
  Timestamp at;
  std::string kind;       // "sale", "refund", "float", "drop", "close"
  std::string reference;  // id of the payment, refund or shift it is about
  std::vector<Posting> postings;

  bool operator==(const JournalEntry&) const = default;
};

// OK when the entry may stand in the books: an id; kind and reference of 1 to
// limits::kLabelBytesMax bytes of UTF-8; 2 to limits::kPostingsPerEntryMax postings, none zero,
// none beyond limits::kAmountMinorMax, all with a currency. Errors: kInvalidField naming the place;
// kLedgerUnbalanced when a currency does not sum to zero.
Status ValidateEntry(const JournalEntry& entry);

// Who gets what of an amount; tickets and fees are net of tax. The three sum to the amount.
struct MoneyShares {
  Money organizer;
  Money fees;
  Money tax;

  bool operator==(const MoneyShares&) const = default;
};

// The sum of the three. Errors: kInvalidField for mixed currencies or a negative part,
// kAmountOverflow.
StatusOr<Money> TotalOf(const MoneyShares& shares);

// The part of `left` that goes with `amount`: by largest remainder, never more than is left of any
// share. Parts taken one after the other until nothing is left sum to the whole. Errors:
// kInvalidField when amount is not positive, in another currency or more than is left.
StatusOr<MoneyShares> TakeShares(const MoneyShares& left, Money amount);

// a - b, share by share; b must be a part of a.
MoneyShares SubtractShares(const MoneyShares& a, const MoneyShares& b);

// The entries of the business. Each gives kInvalidField or kAmountOverflow for amounts that cannot
// be booked; zero parts are left out.
struct EntryHead {
  EntryId id;
  Timestamp at;
  std::string reference;
};
// Money came to `tender` (clearing or a drawer) for a sale.
StatusOr<JournalEntry> SaleEntry(const EntryHead& head, const AccountName& tender,
                                 const MoneyShares& shares);
// Money left `tender` for a refund. The organizer's part goes to kRefunds, fees and tax are
// reversed.
StatusOr<JournalEntry> RefundEntry(const EntryHead& head, const AccountName& tender,
                                   const MoneyShares& shares);
// The drawer of a shift gets its opening float from the safe.
StatusOr<JournalEntry> FloatEntry(const EntryHead& head, ShiftId shift, Money amount);
// Notes are taken from the drawer to the safe.
StatusOr<JournalEntry> DropEntry(const EntryHead& head, ShiftId shift, Money amount);
// The drawer is emptied into the safe: `counted` arrives there, the difference to `expected` is
// over or short.
StatusOr<JournalEntry> CloseEntry(const EntryHead& head, ShiftId shift, Money expected,
                                  Money counted);

// Debits and credits of an account in one currency; both >= 0.
struct AccountTotals {
  int64_t debits = 0;
  int64_t credits = 0;

  int64_t Balance() const { return debits - credits; }
  bool operator==(const AccountTotals&) const = default;
};

// Books in memory: for audits and tests, and as the meaning of what a service stores in its
// database. Not thread-safe.
class Ledger {
 public:
  // Adds an entry. OK also when exactly this entry stands already. Errors: those of ValidateEntry;
  // kConflict when the id is taken by another entry; kAmountOverflow when an account's total would
  // not fit.
  Status Post(const JournalEntry& entry);

  AccountTotals TotalsOf(const AccountName& account, Currency currency) const;
  // Every account that was posted to, ordered.
  const std::map<std::pair<AccountName, Currency>, AccountTotals>& accounts() const {
    return accounts_;
  }
  // In the order of posting.
  const std::vector<JournalEntry>& entries() const { return entries_; }

  // Recomputes everything from the entries. kLedgerUnbalanced when an entry or a currency does not
  // balance or a total differs from its entries.
  Status Audit() const;

 private:
  std::vector<JournalEntry> entries_;
  std::map<EntryId, size_t> index_;
  std::map<std::pair<AccountName, Currency>, AccountTotals> accounts_;
};

}  // namespace ticketing

#endif  // TICKETING_PAYMENT_LEDGER_H_
