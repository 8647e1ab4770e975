// The test cards: what a token or a number stands for and what the pretended bank says to it.
#ifndef TICKETING_LIB_PROVIDER_SANDBOX_CARDS_H_
#define TICKETING_LIB_PROVIDER_SANDBOX_CARDS_H_

#include <string_view>

namespace ticketing::sandbox {

struct TestCard {
  std::string_view token;   // "pm_card_visa"
  std::string_view number;  // digits only
  std::string_view brand;
  std::string_view code;  // of the card_error; empty when the bank approves
  std::string_view decline_code;
  std::string_view message;
  bool asks_bank = false;  // the bank wants to see the payer first (3-D Secure)

  std::string_view last4() const { return number.substr(number.size() - 4); }
};

// nullptr when no test card has it.
const TestCard* FindCardByToken(std::string_view token);
const TestCard* FindCardByNumber(std::string_view digits);

// Whether the check digit of a card number holds (ISO/IEC 7812-1, Luhn) and it has 12 to 19 digits.
bool IsCardNumber(std::string_view digits);

}  // namespace ticketing::sandbox

#endif  // TICKETING_LIB_PROVIDER_SANDBOX_CARDS_H_
