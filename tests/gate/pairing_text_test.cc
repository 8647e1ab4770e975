// Goal: what a screen shows is what the handheld understands, and nothing else. Method: there and
// back, every single misread letter, and every cut.
#include "ticketing/gate/pairing_text.h"

#include <gtest/gtest.h>

#include "ticketing/testing/matchers.h"

namespace ticketing {
namespace {

const PairingText kPairing{"192.168.10.20", 7500, std::string(60, 'a') + "0129", "4F7K2M9Q"};

TEST(PairingTextTest, SaysWhereWhoAndTheCode) {
  ASSERT_OK_AND_ASSIGN(const std::string text, MakePairingText(kPairing));
  EXPECT_EQ(text.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"), std::string::npos);
  ASSERT_OK_AND_ASSIGN(const PairingText read, ParsePairingText(text));
  EXPECT_EQ(read, kPairing);
  EXPECT_EQ(read.Url(), "https://192.168.10.20:7500");
  std::string spoken;
  for (const char c : text) spoken += {static_cast<char>(std::tolower(c)), ' ', '-'};
  EXPECT_EQ(*ParsePairingText(spoken), kPairing);
  const PairingText ipv6{"fe80::1", 1, kPairing.pin, ""};
  ASSERT_OK_AND_ASSIGN(const std::string bare, MakePairingText(ipv6));
  EXPECT_EQ(*ParsePairingText(bare), ipv6);
  EXPECT_EQ(ipv6.Url(), "https://[fe80::1]:1");
}

TEST(PairingTextTest, AMisreadOrCutTextIsNone) {
  ASSERT_OK_AND_ASSIGN(const std::string text, MakePairingText(kPairing));
  const std::string digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  for (size_t i = 0; i < text.size(); ++i) {
    EXPECT_FALSE(ParsePairingText(text.substr(0, i)).ok()) << i;
    for (const char digit : digits) {
      if (digit == text[i]) continue;
      std::string wrong = text;
      wrong[i] = digit;
      EXPECT_FALSE(ParsePairingText(wrong).ok()) << wrong;
    }
  }
  EXPECT_FALSE(ParsePairingText(text + "0").ok());
  EXPECT_FALSE(ParsePairingText(std::string(1 << 20, 'T')).ok());
}

TEST(PairingTextTest, WhatCannotBeShownIsRefused) {
  EXPECT_THAT(MakePairingText({"", 1, kPairing.pin, ""}), HasCode(ErrorCode::kInvalidField));
  EXPECT_THAT(MakePairingText({"a b", 1, kPairing.pin, ""}), HasCode(ErrorCode::kInvalidField));
  EXPECT_THAT(MakePairingText({"a", 0, kPairing.pin, ""}), HasCode(ErrorCode::kInvalidField));
  EXPECT_THAT(MakePairingText({"a", 1, "12", ""}), HasCode(ErrorCode::kInvalidField));
  EXPECT_THAT(MakePairingText({"a", 1, kPairing.pin, std::string(33, 'x')}),
              HasCode(ErrorCode::kInvalidField));
}

}  // namespace
}  // namespace ticketing
