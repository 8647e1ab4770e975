#include "ticketing/payment/ledger.h"

#include <algorithm>
#include <array>

#include "ticketing/base/assert.h"
#include "ticketing/base/bytes.h"
#include "ticketing/base/limits.h"

namespace ticketing {
namespace {

constexpr std::array<std::string_view, 8> kAccountNames = {
    "gateway-clearing", "cash-drawer", "cash-safe", "organizer-payable",
    "fees-income",      "tax-payable", "refunds",   "cash-over-short"};

Status CheckText(std::string_view field, std::string_view text) {
  if (text.empty() || text.size() > limits::kLabelBytesMax || !IsValidUtf8(text)) {
    return InvalidField(field, "must be 1 to 100 bytes of UTF-8");
  }
  return OkStatus();
}

Status CheckPostings(const JournalEntry& entry) {
  if (entry.postings.size() < 2 || entry.postings.size() > limits::kPostingsPerEntryMax) {
    return InvalidField("postings", "must be from 2 to 50");
  }
  // At most 50 postings of 10^11: the sums fit.
  std::map<Currency, int64_t> sums;
  for (size_t i = 0; i < entry.postings.size(); ++i) {
    const Posting& posting = entry.postings[i];
    const std::string place = "postings[" + std::to_string(i) + "]";
    const int64_t minor = posting.amount.minor;
    if (minor == 0 || minor > limits::kAmountMinorMax || minor < -limits::kAmountMinorMax) {
      return InvalidField(place + ".amount", "must not be zero or too large");
    }
    if (posting.amount.currency == Currency()) {
      return InvalidField(place + ".amount", "must have a currency");
    }
    if ((posting.account.kind == AccountKind::kCashDrawer) !=
        static_cast<bool>(posting.account.shift)) {
      return InvalidField(place + ".account", "must name a shift for a drawer and only there");
    }
    sums[posting.amount.currency] += minor;
  }
  for (const auto& [currency, sum] : sums) {
    if (sum != 0) {
      return MakeError(ErrorCode::kLedgerUnbalanced, "The entry does not sum to zero.");
    }
  }
  return OkStatus();
}

Status CheckPositive(Money amount, std::string_view field) {
  if (amount.currency == Currency() || amount.minor < 1 || amount.minor > limits::kAmountMinorMax) {
    return InvalidField(field, "must be a positive amount with a currency");
  }
  return OkStatus();
}

// Leaves out what is zero, and refuses what could not be booked.
StatusOr<JournalEntry> Build(const EntryHead& head, std::string_view kind,
                             std::vector<Posting> postings) {
  std::erase_if(postings, [](const Posting& posting) { return posting.amount.IsZero(); });
  JournalEntry entry{.id = head.id,
                     .at = head.at,
                     .kind = std::string(kind),
                     .reference = head.reference,
                     .postings = std::move(postings)};
  TICKETING_RETURN_IF_ERROR(ValidateEntry(entry));
  return entry;
}

Money Negative(Money amount) {
  return {-amount.minor, amount.currency};
}

}  // namespace

std::string FormatAccount(const AccountName& account) {
  std::string text(kAccountNames[static_cast<size_t>(account.kind)]);
  if (account.shift) text += ":" + account.shift.ToString();
  return text;
}

std::optional<AccountName> ParseAccount(std::string_view text) {
  AccountName account;
  const size_t colon = text.find(':');
  const auto name = std::ranges::find(kAccountNames, text.substr(0, colon));
  if (name == kAccountNames.end()) return std::nullopt;
  account.kind = static_cast<AccountKind>(name - kAccountNames.begin());
  if ((colon != std::string_view::npos) != (account.kind == AccountKind::kCashDrawer)) {
    return std::nullopt;
  }
  if (colon != std::string_view::npos) {
    const std::optional<ShiftId> shift = ShiftId::Parse(text.substr(colon + 1));
    if (!shift) return std::nullopt;
    account.shift = *shift;
  }
  return account;
}

Status ValidateEntry(const JournalEntry& entry) {
  if (!entry.id) return InvalidField("id", "must be there");
  TICKETING_RETURN_IF_ERROR(CheckText("kind", entry.kind));
  TICKETING_RETURN_IF_ERROR(CheckText("reference", entry.reference));
  return CheckPostings(entry);
}

StatusOr<Money> TotalOf(const MoneyShares& shares) {
  for (const Money part : {shares.organizer, shares.fees, shares.tax}) {
    if (part.minor < 0) return InvalidField("shares", "must not be negative");
  }
  TICKETING_ASSIGN_OR_RETURN(const Money sum, Add(shares.organizer, shares.fees));
  return Add(sum, shares.tax);
}

StatusOr<MoneyShares> TakeShares(const MoneyShares& left, Money amount) {
  TICKETING_ASSIGN_OR_RETURN(const Money total, TotalOf(left));
  if (amount.currency != total.currency || amount.minor < 1 || amount.minor > total.minor) {
    return InvalidField("amount", "must be positive and at most what is left");
  }
  const std::vector<Money> parts =
      Split(amount, {left.organizer.minor, left.fees.minor, left.tax.minor});
  return MoneyShares{parts[0], parts[1], parts[2]};
}

MoneyShares SubtractShares(const MoneyShares& a, const MoneyShares& b) {
  const auto minus = [](Money x, Money y) {
    const StatusOr<Money> difference = Subtract(x, y);
    TICKETING_ASSERT(difference.ok() && difference->minor >= 0);
    return *difference;
  };
  return {minus(a.organizer, b.organizer), minus(a.fees, b.fees), minus(a.tax, b.tax)};
}

StatusOr<JournalEntry> SaleEntry(const EntryHead& head, const AccountName& tender,
                                 const MoneyShares& shares) {
  TICKETING_ASSIGN_OR_RETURN(const Money total, TotalOf(shares));
  TICKETING_RETURN_IF_ERROR(CheckPositive(total, "amount"));
  return Build(head, "sale",
               {{tender, total},
                {{AccountKind::kOrganizerPayable}, Negative(shares.organizer)},
                {{AccountKind::kFeesIncome}, Negative(shares.fees)},
                {{AccountKind::kTaxPayable}, Negative(shares.tax)}});
}

StatusOr<JournalEntry> RefundEntry(const EntryHead& head, const AccountName& tender,
                                   const MoneyShares& shares) {
  TICKETING_ASSIGN_OR_RETURN(const Money total, TotalOf(shares));
  TICKETING_RETURN_IF_ERROR(CheckPositive(total, "amount"));
  return Build(head, "refund",
               {{tender, Negative(total)},
                {{AccountKind::kRefunds}, shares.organizer},
                {{AccountKind::kFeesIncome}, shares.fees},
                {{AccountKind::kTaxPayable}, shares.tax}});
}

StatusOr<JournalEntry> FloatEntry(const EntryHead& head, ShiftId shift, Money amount) {
  TICKETING_RETURN_IF_ERROR(CheckPositive(amount, "opening_cash"));
  return Build(
      head, "float",
      {{{AccountKind::kCashDrawer, shift}, amount}, {{AccountKind::kCashSafe}, Negative(amount)}});
}

StatusOr<JournalEntry> DropEntry(const EntryHead& head, ShiftId shift, Money amount) {
  TICKETING_RETURN_IF_ERROR(CheckPositive(amount, "amount"));
  return Build(
      head, "drop",
      {{{AccountKind::kCashSafe}, amount}, {{AccountKind::kCashDrawer, shift}, Negative(amount)}});
}

StatusOr<JournalEntry> CloseEntry(const EntryHead& head, ShiftId shift, Money expected,
                                  Money counted) {
  TICKETING_ASSIGN_OR_RETURN(const Money missing, Subtract(expected, counted));
  return Build(head, "close",
               {{{AccountKind::kCashSafe}, counted},
                {{AccountKind::kCashOverShort}, missing},
                {{AccountKind::kCashDrawer, shift}, Negative(expected)}});
}

Status Ledger::Post(const JournalEntry& entry) {
  TICKETING_RETURN_IF_ERROR(ValidateEntry(entry));
  if (const auto known = index_.find(entry.id); known != index_.end()) {
    if (entries_[known->second] == entry) return OkStatus();
    return MakeError(ErrorCode::kConflict, "Another journal entry has this id.");
  }
  std::map<std::pair<AccountName, Currency>, AccountTotals> changed;
  for (const Posting& posting : entry.postings) {
    const std::pair key(posting.account, posting.amount.currency);
    const auto known = accounts_.find(key);
    AccountTotals& totals =
        changed.try_emplace(key, known == accounts_.end() ? AccountTotals{} : known->second)
            .first->second;
    int64_t& side = posting.amount.minor > 0 ? totals.debits : totals.credits;
    if (__builtin_add_overflow(side, std::abs(posting.amount.minor), &side)) {
      return MakeError(ErrorCode::kAmountOverflow, "The account's total is too large.");
    }
  }
  for (const auto& [key, totals] : changed) accounts_[key] = totals;
  index_.emplace(entry.id, entries_.size());
  entries_.push_back(entry);
  return OkStatus();
}

AccountTotals Ledger::TotalsOf(const AccountName& account, Currency currency) const {
  const auto found = accounts_.find({account, currency});
  return found == accounts_.end() ? AccountTotals{} : found->second;
}

Status Ledger::Audit() const {
  std::map<std::pair<AccountName, Currency>, AccountTotals> again;
  for (const JournalEntry& entry : entries_) {
    TICKETING_RETURN_IF_ERROR(ValidateEntry(entry));
    for (const Posting& posting : entry.postings) {
      AccountTotals& totals = again[{posting.account, posting.amount.currency}];
      (posting.amount.minor > 0 ? totals.debits : totals.credits) += std::abs(posting.amount.minor);
    }
  }
  std::map<Currency, __int128> sums;
  for (const auto& [key, totals] : accounts_) sums[key.second] += totals.Balance();
  const bool zero = std::ranges::all_of(sums, [](const auto& sum) { return sum.second == 0; });
  if (!zero || again != accounts_) {
    return MakeError(ErrorCode::kLedgerUnbalanced, "The accounts do not match the journal.");
  }
  return OkStatus();
}

}  // namespace ticketing
