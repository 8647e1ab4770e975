#include "ticketing/token/handover.h"

#include <gtest/gtest.h>

#include <string>

#include "ticketing/base/bytes.h"
#include "ticketing/token/ticket_code.h"

namespace ticketing {
namespace {

constexpr Timestamp kNow = Timestamp::FromSeconds(1'795'375'800);
constexpr Timestamp kEnd = kNow + Duration::Hours(1);
constexpr AccountId kAccount{42};

SigningKey KeyOf(char seed) {
  return SigningKey::FromSeed(std::string(32, seed)).value();
}

class HandoverTest : public ::testing::Test {
 protected:
  HandoverTest() {
    const TicketClaims claims{
        .key_id = 7, .event_number = 4021, .ticket = TicketId{0x1122334455667788}, .issue = 3};
    ticket_ = IssueRotatingTicket(claims, old_.public_key(), KeyOf('i')).value();
    text_ = MakeHandover(ticket_, old_, new_.public_key(), kEnd).value();
  }
  ErrorCode Verify(std::string_view text, Timestamp now = kNow) const {
    return CodeOf(VerifyHandover(text, old_.public_key(), now).status());
  }
  const SigningKey old_ = KeyOf('o');
  const SigningKey new_ = KeyOf('n');
  std::string ticket_;
  std::string text_;
};

TEST_F(HandoverTest, SaysWhichTicketGoesToWhichPhoneUntilWhen) {
  const StatusOr<Handover> handover = VerifyHandover(text_, old_.public_key(), kNow);
  ASSERT_TRUE(handover.ok()) << handover.status();
  EXPECT_EQ(*handover, (Handover{4021, TicketId{0x1122334455667788}, 3, new_.public_key(), kEnd}));
  EXPECT_EQ(ParseHandover(text_).value(), *handover);
  EXPECT_EQ(text_.size(), kHandoverChars);
}

TEST_F(HandoverTest, HasAnEnd) {
  EXPECT_EQ(Verify(text_, kEnd - Duration::Micros(1)), ErrorCode::kOk);
  EXPECT_EQ(Verify(text_, kEnd), ErrorCode::kTokenExpired);
  EXPECT_EQ(Verify(text_, kEnd - kHandoverLifeMax), ErrorCode::kOk);
  EXPECT_EQ(Verify(text_, kEnd - kHandoverLifeMax - Duration::Micros(1)),
            ErrorCode::kCodeMalformed);
}

TEST_F(HandoverTest, EveryChangedBitTruncationAndExtensionIsRefused) {
  const std::string bytes = Base32Decode(text_).value();
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (0x80 >> (bit % 8)));
    EXPECT_NE(Verify(Base32Encode(changed)), ErrorCode::kOk) << bit;
  }
  for (size_t size = 0; size < text_.size(); ++size) {
    EXPECT_EQ(Verify(text_.substr(0, size)), ErrorCode::kCodeMalformed);
  }
  EXPECT_EQ(Verify(text_ + "0"), ErrorCode::kCodeMalformed);
}

TEST_F(HandoverTest, OnlyTheBoundPhoneGivesAway) {
  EXPECT_EQ(CodeOf(MakeHandover(ticket_, new_, KeyOf('x').public_key(), kEnd).status()),
            ErrorCode::kUnknownKey);
  EXPECT_EQ(CodeOf(MakeHandover(ticket_, old_, old_.public_key(), kEnd).status()),
            ErrorCode::kInvalidField);
  EXPECT_EQ(CodeOf(MakeHandover(ticket_, old_, std::string(32, '\0'), kEnd).status()),
            ErrorCode::kInvalidField);
  EXPECT_EQ(CodeOf(MakeHandover(ticket_, old_, new_.public_key(), Timestamp{-1'000'000}).status()),
            ErrorCode::kInvalidField);
  EXPECT_EQ(CodeOf(MakeHandover(text_, old_, new_.public_key(), kEnd).status()),
            ErrorCode::kCodeMalformed);
  EXPECT_EQ(CodeOf(VerifyHandover(text_, KeyOf('x').public_key(), kNow).status()),
            ErrorCode::kCodeForged);
}

TEST_F(HandoverTest, OnlyTheNamedPhoneTakesItAndForOneAccount) {
  const std::string proof = AcceptHandover(text_, new_, kAccount).value();
  EXPECT_TRUE(IsHandoverAccepted(text_, kAccount, proof));
  EXPECT_FALSE(IsHandoverAccepted(text_, AccountId{43}, proof));
  EXPECT_FALSE(IsHandoverAccepted(text_, kAccount, ""));
  EXPECT_FALSE(IsHandoverAccepted("", kAccount, proof));
  EXPECT_EQ(CodeOf(AcceptHandover(text_, KeyOf('x'), kAccount).status()), ErrorCode::kUnknownKey);
  const std::string other =
      MakeHandover(ticket_, old_, new_.public_key(), kEnd + Duration::Seconds(1)).value();
  EXPECT_FALSE(IsHandoverAccepted(other, kAccount, proof));
}

// A phone signs windows and handovers with one key: neither passes for the other, and none of them
// is a code.
TEST_F(HandoverTest, IsNoCodeAndNoCodeIsOne) {
  KeyRing ring;
  ASSERT_TRUE(ring.Add(7, {KeyOf('i').public_key()}).ok());
  EXPECT_EQ(CodeOf(VerifyTicketCode(text_, ring, kNow).status()), ErrorCode::kCodeMalformed);
  EXPECT_EQ(Verify(MakeRotatingCode(ticket_, old_, kNow).value()), ErrorCode::kCodeMalformed);
  EXPECT_EQ(Verify(ticket_), ErrorCode::kCodeMalformed);
}

TEST_F(HandoverTest, DeviceCodesAreReadBackOrRefused) {
  const std::string text = MakeDeviceCode(new_.public_key()).value();
  EXPECT_EQ(text.size(), kDeviceCodeChars);
  EXPECT_EQ(ParseDeviceCode(text).value(), new_.public_key());
  for (size_t i = 0; i < text.size(); ++i) {
    for (const char c : {'0', '1', 'Y', 'Z', 'W', 'Q', 'A', 'a', ' '}) {
      std::string changed = text;
      changed[i] = c;
      if (changed != text) EXPECT_FALSE(ParseDeviceCode(changed).ok()) << i << c;
    }
  }
  EXPECT_FALSE(ParseDeviceCode(text + "0").ok());
  EXPECT_EQ(CodeOf(MakeDeviceCode(std::string(32, '\0')).status()), ErrorCode::kInvalidField);
}

}  // namespace
}  // namespace ticketing
