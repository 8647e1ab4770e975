#include "ticketing/pricing/price_list.h"

#include <set>

#include "ticketing/base/bytes.h"
#include "ticketing/base/limits.h"

namespace ticketing {
namespace {

// Collects what is wrong, so that staff see every mistake of a form at once.
class Faults {
 public:
  void Add(const std::string& field, std::string_view detail) {
    details_.fields.push_back({field, std::string(detail)});
  }
  Status ToStatus(std::string_view message) const {
    if (details_.fields.empty()) return OkStatus();
    return MakeError(ErrorCode::kInvalidField, message, details_);
  }

 private:
  ErrorDetails details_;
};

std::string Place(std::string_view list, size_t index, std::string_view field) {
  return std::string(list) + "[" + std::to_string(index) + "]." + std::string(field);
}

void CheckName(const std::string& field, std::string_view name, bool may_be_empty, Faults& faults) {
  if (name.empty() && !may_be_empty) {
    faults.Add(field, "must not be empty");
  } else if (name.size() > limits::kLabelBytesMax) {
    faults.Add(field, "is too long");
  } else if (!IsValidUtf8(name)) {
    faults.Add(field, "must be UTF-8");
  }
}

void CheckAmount(const std::string& field, Money amount, Currency currency, Faults& faults) {
  if (amount.currency != currency) {
    faults.Add(field, "must be in the currency of the price list");
  } else if (amount.minor < 0) {
    faults.Add(field, "must not be negative");
  } else if (amount.minor > limits::kAmountMinorMax) {
    faults.Add(field, "is too large");
  }
}

void CheckRate(const std::string& field, int64_t basis_points, Faults& faults) {
  if (basis_points < 0 || basis_points > limits::kBasisPointsMax) {
    faults.Add(field, "must be from 0 to 10000 basis points");
  }
}

void CheckPrices(const PriceList& list, Faults& faults) {
  // Every category may have a handful of ticket types.
  constexpr size_t kPricesMax = limits::kCategoriesPerChartMax * 20;
  if (list.prices.empty()) faults.Add("prices", "must name at least one price");
  if (list.prices.size() > kPricesMax) {
    faults.Add("prices", "has too many entries");
    return;
  }
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (size_t i = 0; i < list.prices.size(); ++i) {
    const CategoryPrice& price = list.prices[i];
    CheckName(Place("prices", i, "category"), price.category, false, faults);
    CheckName(Place("prices", i, "ticket_type"), price.ticket_type, true, faults);
    CheckAmount(Place("prices", i, "price"), price.price, list.currency, faults);
    if (!seen.emplace(price.category, price.ticket_type).second) {
      faults.Add(Place("prices", i, "category"), "has a price for this ticket type already");
    }
  }
}

void CheckFees(const PriceList& list, Faults& faults) {
  if (list.fees.size() > limits::kFeeRulesMax) {
    faults.Add("fees", "has too many entries");
    return;
  }
  std::set<std::string_view> seen;
  for (size_t i = 0; i < list.fees.size(); ++i) {
    const FeeRule& fee = list.fees[i];
    CheckName(Place("fees", i, "code"), fee.code, false, faults);
    if (!seen.insert(fee.code).second) faults.Add(Place("fees", i, "code"), "is used twice");
    if (fee.basis == FeeBasis::kPercentage) {
      CheckRate(Place("fees", i, "basis_points"), fee.basis_points, faults);
    } else {
      CheckAmount(Place("fees", i, "amount"), fee.amount, list.currency, faults);
    }
  }
}

void CheckTaxes(const PriceList& list, Faults& faults) {
  if (list.taxes.size() > limits::kTaxRulesMax) {
    faults.Add("taxes", "has too many entries");
    return;
  }
  std::set<std::string_view> seen;
  for (size_t i = 0; i < list.taxes.size(); ++i) {
    const TaxRule& tax = list.taxes[i];
    CheckName(Place("taxes", i, "code"), tax.code, false, faults);
    if (!seen.insert(tax.code).second) faults.Add(Place("taxes", i, "code"), "is used twice");
    CheckRate(Place("taxes", i, "basis_points"), tax.basis_points, faults);
  }
}

}  // namespace

TaxRule MexicanVat() {
  return {.code = "iva", .basis_points = 1600};
}

Status ValidatePriceList(const PriceList& list) {
  Faults faults;
  if (list.currency == Currency()) faults.Add("currency", "must be a currency code of ISO 4217");
  CheckPrices(list, faults);
  CheckFees(list, faults);
  CheckTaxes(list, faults);
  return faults.ToStatus("The price list has errors.");
}

const CategoryPrice* FindPrice(const PriceList& list, std::string_view category,
                               std::string_view ticket_type) {
  for (const CategoryPrice& price : list.prices) {
    if (price.category == category && price.ticket_type == ticket_type) return &price;
  }
  return nullptr;
}

}  // namespace ticketing
