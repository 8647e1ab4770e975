#include "ticketing/payment/ledger.h"

#include <gtest/gtest.h>

#include <random>

#include "ticketing/base/limits.h"
#include "ticketing/payment/cash_shift.h"
#include "ticketing/payment/payment.h"

namespace ticketing {
namespace {

Money Mxn(int64_t minor) {
  return {minor, Currency::Mxn()};
}

constexpr AccountName kClearing{AccountKind::kGatewayClearing};
constexpr AccountName kOrganizer{AccountKind::kOrganizerPayable};

EntryHead Head(uint64_t id) {
  return {EntryId{id}, Timestamp::FromSeconds(5), "pay_1"};
}

MoneyShares Shares(int64_t organizer, int64_t fees, int64_t tax) {
  return {Mxn(organizer), Mxn(fees), Mxn(tax)};
}

JournalEntry Sale(uint64_t id, const MoneyShares& shares) {
  StatusOr<JournalEntry> entry = SaleEntry(Head(id), kClearing, shares);
  EXPECT_TRUE(entry.ok()) << entry.status();
  return *entry;
}

TEST(AccountNameTest, TextGoesBothWays) {
  for (int kind = 0; kind <= 7; ++kind) {
    AccountName account{static_cast<AccountKind>(kind)};
    if (account.kind == AccountKind::kCashDrawer) account.shift = ShiftId{77};
    EXPECT_EQ(ParseAccount(FormatAccount(account)), account) << kind;
  }
  for (const char* text : {"", "cash", "cash-drawer", "cash-drawer:", "cash-drawer:77",
                           "cash-safe:shf_0000000000001", "fees-income:"}) {
    EXPECT_EQ(ParseAccount(text), std::nullopt) << text;
  }
}

TEST(LedgerTest, SaleGoesToEveryShare) {
  Ledger ledger;
  ASSERT_TRUE(ledger.Post(Sale(1, Shares(137931, 4310, 22759))).ok());
  EXPECT_EQ(ledger.TotalsOf(kClearing, Currency::Mxn()).Balance(), 165000);
  EXPECT_EQ(ledger.TotalsOf(kOrganizer, Currency::Mxn()), (AccountTotals{0, 137931}));
  EXPECT_EQ(ledger.TotalsOf({AccountKind::kTaxPayable}, Currency::Mxn()).Balance(), -22759);
  EXPECT_TRUE(ledger.Audit().ok());
}

TEST(LedgerTest, ZeroSharesAreLeftOut) {
  EXPECT_EQ(Sale(1, Shares(100, 0, 0)).postings.size(), 2u);
}

TEST(LedgerTest, SameEntryAgainIsOneEntry) {
  Ledger ledger;
  const JournalEntry entry = Sale(1, Shares(100, 0, 16));
  ASSERT_TRUE(ledger.Post(entry).ok());
  EXPECT_TRUE(ledger.Post(entry).ok());
  EXPECT_EQ(ledger.entries().size(), 1u);
  EXPECT_EQ(ledger.TotalsOf(kClearing, Currency::Mxn()).debits, 116);
}

TEST(LedgerTest, AnotherEntryUnderTheSameIdIsRefused) {
  Ledger ledger;
  const JournalEntry entry = Sale(1, Shares(100, 0, 16));
  ASSERT_TRUE(ledger.Post(entry).ok());
  JournalEntry other = entry;
  other.at = other.at + Duration::Micros(1);
  EXPECT_EQ(CodeOf(ledger.Post(other)), ErrorCode::kConflict);
  EXPECT_EQ(CodeOf(ledger.Post(Sale(1, Shares(100, 1, 15)))), ErrorCode::kConflict);
  EXPECT_EQ(ledger.entries().size(), 1u);
}

TEST(LedgerTest, UnbalancedEntryIsRefused) {
  Ledger ledger;
  JournalEntry entry = Sale(1, Shares(100, 0, 16));
  entry.postings[0].amount.minor += 1;
  EXPECT_EQ(CodeOf(ledger.Post(entry)), ErrorCode::kLedgerUnbalanced);
  // Balanced over all but not in each currency.
  entry = Sale(1, Shares(100, 0, 0));
  entry.postings[1].amount.currency = *Currency::Parse("USD");
  EXPECT_EQ(CodeOf(ledger.Post(entry)), ErrorCode::kLedgerUnbalanced);
  EXPECT_TRUE(ledger.accounts().empty());
}

TEST(LedgerTest, MalformedEntriesAreRefused) {
  const JournalEntry good = Sale(1, Shares(100, 0, 16));
  JournalEntry bad = good;
  bad.id = {};
  EXPECT_EQ(CodeOf(ValidateEntry(bad)), ErrorCode::kInvalidField);
  bad = good;
  bad.kind = "";
  EXPECT_EQ(CodeOf(ValidateEntry(bad)), ErrorCode::kInvalidField);
  bad = good;
  bad.postings.resize(1);
  EXPECT_EQ(CodeOf(ValidateEntry(bad)), ErrorCode::kInvalidField);
  bad = good;
  bad.postings.push_back({kClearing, Mxn(0)});
  EXPECT_EQ(CodeOf(ValidateEntry(bad)), ErrorCode::kInvalidField);
  bad = good;
  bad.postings[0].account = {AccountKind::kCashDrawer};
  EXPECT_EQ(CodeOf(ValidateEntry(bad)), ErrorCode::kInvalidField);
  bad = good;
  bad.postings[0].amount.minor = bad.postings[1].amount.minor = INT64_MIN;
  EXPECT_EQ(CodeOf(ValidateEntry(bad)), ErrorCode::kInvalidField);
}

TEST(LedgerTest, WrongSharesAreRefused) {
  EXPECT_FALSE(SaleEntry(Head(1), kClearing, Shares(0, 0, 0)).ok());
  EXPECT_FALSE(SaleEntry(Head(1), kClearing, Shares(100, -1, 0)).ok());
  EXPECT_EQ(CodeOf(SaleEntry(Head(1), kClearing, Shares(INT64_MAX, 1, 0)).status()),
            ErrorCode::kAmountOverflow);
  MoneyShares mixed = Shares(1, 1, 1);
  mixed.tax.currency = *Currency::Parse("USD");
  EXPECT_FALSE(SaleEntry(Head(1), kClearing, mixed).ok());
}

TEST(LedgerTest, RefundReversesTheSale) {
  Ledger ledger;
  const MoneyShares shares = Shares(137931, 4310, 22759);
  ASSERT_TRUE(ledger.Post(Sale(1, shares)).ok());
  ASSERT_TRUE(ledger.Post(*RefundEntry(Head(2), kClearing, shares)).ok());
  EXPECT_EQ(ledger.TotalsOf(kClearing, Currency::Mxn()).Balance(), 0);
  EXPECT_EQ(ledger.TotalsOf({AccountKind::kTaxPayable}, Currency::Mxn()).Balance(), 0);
  // Gross sales stay visible beside what was given back.
  EXPECT_EQ(ledger.TotalsOf(kOrganizer, Currency::Mxn()).Balance(), -137931);
  EXPECT_EQ(ledger.TotalsOf({AccountKind::kRefunds}, Currency::Mxn()).Balance(), 137931);
}

TEST(LedgerTest, PartsOfARefundSumToTheWhole) {
  std::mt19937 engine(5);
  for (int round = 0; round < 500; ++round) {
    MoneyShares left = Shares(engine() % 100000, engine() % 3000, 1 + engine() % 20000);
    Money rest = *TotalOf(left);
    while (rest.minor > 0) {
      const Money part = Mxn(1 + static_cast<int64_t>(engine() % rest.minor));
      const StatusOr<MoneyShares> taken = TakeShares(left, part);
      ASSERT_TRUE(taken.ok());
      ASSERT_EQ(*TotalOf(*taken), part);
      left = SubtractShares(left, *taken);  // asserts that nothing goes below zero
      rest.minor -= part.minor;
    }
    EXPECT_EQ(left, Shares(0, 0, 0));
    EXPECT_FALSE(TakeShares(left, Mxn(1)).ok());
  }
}

TEST(LedgerTest, MoreThanIsLeftCannotBeTaken) {
  const MoneyShares left = Shares(100, 10, 16);
  EXPECT_FALSE(TakeShares(left, Mxn(127)).ok());
  EXPECT_FALSE(TakeShares(left, Mxn(0)).ok());
  EXPECT_FALSE(TakeShares(left, Mxn(-1)).ok());
  EXPECT_FALSE(TakeShares(left, Money{1, *Currency::Parse("USD")}).ok());
}

// A box office and a gateway at work: sales, refunds, repeats, drops and counts in any order. The
// books must balance after every step, repeats must have no effect, and at the end each account
// must say what an independent tally says.
class RandomBusiness {
 public:
  explicit RandomBusiness(uint32_t seed) : engine_(seed) {
    shift_ = *OpenCashShift(ShiftId{9}, "acc", Mxn(50000), now_);
    Book(FloatEntry(NextHead(), shift_.id, shift_.opening));
  }

  void Step() {
    now_ = now_ + Duration::Seconds(1);
    switch (engine_() % 5) {
      case 0:
        return Sell(PaymentMethod::kCard);
      case 1:
        return Sell(PaymentMethod::kCash);
      case 2:
        return Refund();
      case 3:
        return Drop();
      default:
        if (!ledger.entries().empty()) {
          EXPECT_TRUE(ledger.Post(ledger.entries()[engine_() % ledger.entries().size()]).ok());
        }
    }
  }

  void CloseDrawer() {
    const Money expected = ExpectedCash(shift_);
    const Money counted = Mxn(expected.minor + static_cast<int64_t>(engine_() % 200));
    ASSERT_TRUE(CloseCashShift(shift_, "acc", counted, now_).ok());
    Book(CloseEntry(NextHead(), shift_.id, expected, counted));
  }

  int64_t Balance(AccountName account) const {
    return ledger.TotalsOf(account, Currency::Mxn()).Balance();
  }

  Ledger ledger;
  int64_t card_taken = 0;  // tally beside the books
  int64_t sold_gross = 0;  // of everything
  int64_t refunded = 0;

 private:
  EntryHead NextHead() { return {EntryId{++last_id_}, now_, "pay_1"}; }

  void Book(const StatusOr<JournalEntry>& entry) {
    ASSERT_TRUE(entry.ok()) << entry.status();
    ASSERT_TRUE(ledger.Post(*entry).ok());
  }

  void Sell(PaymentMethod method) {
    const int64_t tax = engine_() % 3000, fees = engine_() % 500;
    Payment payment{.id = PaymentId{++last_id_}, .order = OrderId{1}, .method = method};
    payment.shares = Shares(1 + engine_() % 20000, fees, tax);
    payment.amount = payment.tendered = *TotalOf(payment.shares);
    payment.token = "pm_card_visa";
    if (method == PaymentMethod::kCash) {
      payment.shift = shift_.id;
      ASSERT_TRUE(RecordCashSale(shift_, payment.amount).ok());
      ASSERT_TRUE(ApplyCash(payment, now_).ok());
    } else {
      const GatewayResult approved{.outcome = GatewayOutcome::kApproved, .amount = payment.amount};
      ASSERT_TRUE(*ApplyGatewayResult(payment, approved, now_));
      card_taken += payment.amount.minor;
    }
    ASSERT_TRUE(ValidatePayment(payment).ok());
    Book(SaleEntry(NextHead(), TenderOf(payment), payment.shares));
    sold_gross += payment.amount.minor;
    payments_.push_back(payment);
  }

  void Refund() {
    if (payments_.empty()) return;
    Payment& payment = payments_[engine_() % payments_.size()];
    const Money amount = Mxn(1 + static_cast<int64_t>(engine_() % 9000));
    const Payment before = payment;
    const StatusOr<MoneyShares> shares = ApplyRefund(payment, amount, now_);
    if (!shares.ok()) {
      EXPECT_EQ(payment, before);
      return;
    }
    if (payment.method == PaymentMethod::kCash) {
      if (!RecordCashRefund(shift_, amount).ok()) return UndoRefund(payment, *shares, now_);
    } else {
      card_taken -= amount.minor;
    }
    Book(RefundEntry(NextHead(), TenderOf(payment), *shares));
    refunded += amount.minor;
  }

  void Drop() {
    const Money amount = Mxn(1 + static_cast<int64_t>(engine_() % 30000));
    if (!RecordCashDrop(shift_, amount).ok()) return;
    Book(DropEntry(NextHead(), shift_.id, amount));
  }

  std::mt19937 engine_;
  Timestamp now_ = Timestamp::FromSeconds(1000);
  CashShift shift_;
  std::vector<Payment> payments_;
  uint64_t last_id_ = 0;
};

TEST(LedgerTest, BooksBalanceWhateverHappens) {
  for (uint32_t seed = 0; seed < 40; ++seed) {
    RandomBusiness business(seed);
    for (int step = 0; step < 200; ++step) {
      business.Step();
      ASSERT_TRUE(business.ledger.Audit().ok()) << "seed " << seed << " step " << step;
    }
    business.CloseDrawer();
    ASSERT_TRUE(business.ledger.Audit().ok());
    EXPECT_EQ(business.Balance({AccountKind::kGatewayClearing}), business.card_taken);
    EXPECT_EQ(business.Balance({AccountKind::kCashDrawer, ShiftId{9}}), 0);
    const int64_t earned = business.Balance({AccountKind::kOrganizerPayable}) +
                           business.Balance({AccountKind::kRefunds}) +
                           business.Balance({AccountKind::kFeesIncome}) +
                           business.Balance({AccountKind::kTaxPayable});
    EXPECT_EQ(earned, business.refunded - business.sold_gross);
  }
}

}  // namespace
}  // namespace ticketing
