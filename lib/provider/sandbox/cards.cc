#include "lib/provider/sandbox/cards.h"

namespace ticketing::sandbox {
namespace {

constexpr std::string_view kDeclined = "Your card was declined.";

// The published test cards of docs.stripe.com/testing.
constexpr TestCard kCards[] = {
    {"pm_card_visa", "4242424242424242", "visa", "", "", ""},
    {"pm_card_visa_debit", "4000056655665556", "visa", "", "", ""},
    {"pm_card_mastercard", "5555555555554444", "mastercard", "", "", ""},
    {"pm_card_amex", "378282246310005", "amex", "", "", ""},
    {"pm_card_mx", "4000004840008001", "visa", "", "", ""},
    {"pm_card_authenticationRequired", "4000002500003155", "visa", "", "", "", true},
    {"pm_card_chargeDeclined", "4000000000000002", "visa", "card_declined", "generic_decline",
     kDeclined},
    {"pm_card_chargeDeclinedInsufficientFunds", "4000000000009995", "visa", "card_declined",
     "insufficient_funds", "Your card has insufficient funds."},
    {"pm_card_chargeDeclinedLostCard", "4000000000009987", "visa", "card_declined", "lost_card",
     kDeclined},
    {"pm_card_chargeDeclinedStolenCard", "4000000000009979", "visa", "card_declined", "stolen_card",
     kDeclined},
    {"pm_card_chargeDeclinedExpiredCard", "4000000000000069", "visa", "expired_card", "",
     "Your card has expired."},
    {"pm_card_chargeDeclinedIncorrectCvc", "4000000000000127", "visa", "incorrect_cvc", "",
     "Your card's security code is incorrect."},
    {"pm_card_chargeDeclinedProcessingError", "4000000000000119", "visa", "processing_error", "",
     "An error occurred while processing your card. Try again in a little bit."},
};

}  // namespace

const TestCard* FindCardByToken(std::string_view token) {
  for (const TestCard& card : kCards) {
    if (card.token == token) return &card;
  }
  return nullptr;
}

const TestCard* FindCardByNumber(std::string_view digits) {
  for (const TestCard& card : kCards) {
    if (card.number == digits) return &card;
  }
  return nullptr;
}

bool IsCardNumber(std::string_view digits) {
  if (digits.size() < 12 || digits.size() > 19) return false;
  int sum = 0;
  for (size_t i = 0; i < digits.size(); ++i) {
    const char c = digits[digits.size() - 1 - i];
    if (c < '0' || c > '9') return false;
    const int value = (c - '0') * (i % 2 == 0 ? 1 : 2);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 == 0;
}

}  // namespace ticketing::sandbox
