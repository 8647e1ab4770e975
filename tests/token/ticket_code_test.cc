#include "ticketing/token/ticket_code.h"

#include <gtest/gtest.h>
#include <qrencode.h>

#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <regex>
#include <string>
#include <vector>

#include "ticketing/base/bytes.h"
#include "ticketing/token/handover.h"

namespace ticketing {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr Timestamp kNow = Timestamp::FromSeconds(1'795'375'800);

SigningKey KeyOf(char seed) {
  return SigningKey::FromSeed(std::string(32, seed)).value();
}

class TicketCodeTest : public ::testing::Test {
 protected:
  TicketCodeTest() {
    EXPECT_TRUE(issuers_.Add(7, {issuer_.public_key()}).ok());
    static_code_ = IssueTicketCode(claims_, issuer_);
    ticket_ = IssueRotatingTicket(claims_, device_.public_key(), issuer_).value();
    rotating_code_ = MakeRotatingCode(ticket_, device_, kNow).value();
  }

  ErrorCode Verify(std::string_view text, Timestamp now = kNow) const {
    return CodeOf(VerifyTicketCode(text, issuers_, now).status());
  }

  // A text of exactly these bytes with the issuer's signature after them.
  std::string SignedText(std::string bytes) const {
    return Base32Encode(bytes + issuer_.Sign(bytes));
  }
  std::string Body() const { return Base32Decode(static_code_)->substr(0, kTicketBodyBytes); }

  const SigningKey issuer_ = KeyOf('i');
  const SigningKey device_ = KeyOf('d');
  KeyRing issuers_;
  const TicketClaims claims_{.key_id = 7,
                             .event_number = 4021,
                             .ticket = TicketId{0x1122334455667788},
                             .ordinal = 24'999,
                             .issue = 3,
                             .zone = 12,
                             .ticket_type = 5};
  std::string static_code_;
  std::string ticket_;
  std::string rotating_code_;
};

TEST_F(TicketCodeTest, AStaticCodeIsBelieved) {
  const StatusOr<VerifiedTicket> verified = VerifyTicketCode(static_code_, issuers_, kNow);
  ASSERT_TRUE(verified.ok()) << verified.status();
  EXPECT_EQ(verified->claims, claims_);
  EXPECT_EQ(verified->device_key, "");
  EXPECT_EQ(ParseTicketCode(static_code_).value(), claims_);
}

TEST_F(TicketCodeTest, TheLayoutIsTheDocumentedOne) {
  const std::string bytes = Base32Decode(static_code_).value();
  ASSERT_EQ(bytes.size(), kStaticCodeBytes);
  EXPECT_EQ(HexEncode(bytes.substr(0, kTicketBodyBytes)),
            "01"
            "07"
            "00000fb5"
            "1122334455667788"
            "000061a7"
            "0003"
            "000c"
            "0005");
  EXPECT_TRUE(VerifySignature(issuer_.public_key(), bytes.substr(0, 24), bytes.substr(24)));
}

TEST_F(TicketCodeTest, ARotatingCodeIsBelieved) {
  const StatusOr<VerifiedTicket> verified = VerifyTicketCode(rotating_code_, issuers_, kNow);
  ASSERT_TRUE(verified.ok()) << verified.status();
  TicketClaims claims = claims_;
  claims.form = TicketForm::kRotating;
  EXPECT_EQ(verified->claims, claims);
  EXPECT_EQ(verified->device_key, device_.public_key());
  EXPECT_EQ(verified->window, kNow.seconds() / 15);
  EXPECT_EQ(ParseTicketCode(rotating_code_).value(), claims);
}

// The table of the specification against the encoder, with texts of every form.
TEST_F(TicketCodeTest, SizesAreTheDocumentedOnes) {
  const std::string handover =
      MakeHandover(ticket_, device_, KeyOf('n').public_key(), kNow).value();
  const std::map<std::string, std::string> forms = {
      {"static code", static_code_},
      {"rotating code", rotating_code_},
      {"handover", handover},
      {"device code", MakeDeviceCode(device_.public_key()).value()}};
  std::ifstream specification(TICKETING_SOURCE_DIR "/include/ticketing/token/CODE.md");
  const std::regex row(
      R"(\| ([a-z ]+) \| (\d+) \| v(\d+)/(\d+) \| v(\d+)/(\d+) \| v(\d+)/(\d+) \| v(\d+)/(\d+) \|)");
  size_t rows = 0;
  for (std::string line; std::getline(specification, line);) {
    std::smatch cells;
    if (!std::regex_match(line, cells, row)) continue;
    ++rows;
    ASSERT_TRUE(forms.contains(cells[1])) << line;
    const std::string& text = forms.at(cells[1]);
    EXPECT_EQ(text.size(), std::stoul(cells[2]));
    EXPECT_EQ(text.find_first_not_of(kDigits), std::string::npos);
    for (int level = 0; level < 4; ++level) {
      const std::unique_ptr<QRcode, decltype(&QRcode_free)> symbol(
          QRcode_encodeString(text.c_str(), 0, static_cast<QRecLevel>(level), QR_MODE_8, 1),
          &QRcode_free);
      ASSERT_NE(symbol, nullptr);
      EXPECT_EQ(symbol->version, std::stoi(cells[3 + 2 * level])) << line;
      EXPECT_EQ(symbol->width, std::stoi(cells[4 + 2 * level])) << line;
    }
  }
  EXPECT_EQ(rows, forms.size());
  EXPECT_EQ(ticket_.size(), kRotatingTicketChars);
}

TEST_F(TicketCodeTest, EveryChangedBitIsRefused) {
  for (const std::string& text : {static_code_, rotating_code_}) {
    const std::string bytes = Base32Decode(text).value();
    for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      std::string changed = bytes;
      changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (0x80 >> (bit % 8)));
      const ErrorCode code = Verify(Base32Encode(changed));
      ErrorCode expected = ErrorCode::kCodeForged;
      if (bit < 8) expected = ErrorCode::kCodeMalformed;            // the form
      if (bit >= 8 && bit < 16) expected = ErrorCode::kUnknownKey;  // the key id
      if (bit == 48) expected = ErrorCode::kCodeMalformed;          // the 64th bit of the ticket id
      EXPECT_EQ(code, expected) << "bit " << bit << " of " << bytes.size() << " bytes";
    }
  }
}

// Every other byte at every place of the text, single bits of its characters among them: no second
// text means this ticket, and none means another one.
TEST_F(TicketCodeTest, EveryChangedCharacterIsRefused) {
  for (const std::string& text : {static_code_, rotating_code_}) {
    for (size_t i = 0; i < text.size(); ++i) {
      std::string changed = text;
      for (int byte = 0; byte < 256; ++byte) {
        changed[i] = static_cast<char>(byte);
        if (changed == text) continue;
        const ErrorCode code = Verify(changed);
        ASSERT_NE(code, ErrorCode::kOk) << i << " " << byte;
        if (kDigits.find(changed[i]) == std::string::npos) {
          ASSERT_EQ(code, ErrorCode::kCodeMalformed) << i << " " << byte;
        }
      }
    }
  }
}

TEST_F(TicketCodeTest, EveryLostDoubledOrExchangedCharacterIsRefused) {
  for (const std::string& text : {static_code_, rotating_code_}) {
    for (size_t i = 0; i < text.size(); ++i) {
      std::string lost = text;
      EXPECT_EQ(Verify(lost.erase(i, 1)), ErrorCode::kCodeMalformed) << i;
      for (const char c : kDigits) {
        std::string added = text;
        EXPECT_EQ(Verify(added.insert(i, 1, c)), ErrorCode::kCodeMalformed) << i;
      }
      std::string exchanged = text;
      if (i + 1 == text.size() || text[i] == text[i + 1]) continue;
      std::swap(exchanged[i], exchanged[i + 1]);
      EXPECT_NE(Verify(exchanged), ErrorCode::kOk) << i;
    }
  }
}

TEST_F(TicketCodeTest, EveryTruncationAndExtensionIsMalformed) {
  for (const std::string& text : {static_code_, rotating_code_}) {
    for (size_t size = 0; size < text.size(); ++size) {
      // The first 141 characters of a rotating code have the right length, but they are of the
      // rotating form.
      EXPECT_EQ(Verify(text.substr(0, size)), ErrorCode::kCodeMalformed) << size;
      EXPECT_EQ(Verify(text.substr(text.size() - size)), ErrorCode::kCodeMalformed) << size;
    }
    for (size_t extra = 1; extra <= 200; ++extra) {
      EXPECT_EQ(Verify(text + std::string(extra, '0')), ErrorCode::kCodeMalformed) << extra;
    }
    for (const char c : kDigits) {
      EXPECT_EQ(Verify(text + c), ErrorCode::kCodeMalformed);
      EXPECT_EQ(Verify(c + text), ErrorCode::kCodeMalformed);
    }
  }
  EXPECT_EQ(Verify(static_code_ + static_code_), ErrorCode::kCodeMalformed);
  EXPECT_EQ(Verify(std::string(1 << 20, '0')), ErrorCode::kCodeMalformed);
}

TEST_F(TicketCodeTest, SpareBitsAndLowerCaseAreMalformed) {
  for (std::string text : {static_code_, rotating_code_}) {
    std::string lower = text;
    for (char& c : lower) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    EXPECT_EQ(Verify(lower), ErrorCode::kCodeMalformed);
    const size_t last = kDigits.find(text.back());
    ASSERT_EQ(last % 2, 0u);
    text.back() = kDigits[last + 1];
    EXPECT_EQ(Verify(text), ErrorCode::kCodeMalformed);
    EXPECT_EQ(CodeOf(ParseTicketCode(text).status()), ErrorCode::kCodeMalformed);
  }
}

// A signature does not excuse a body out of bounds: the issuer's own mistakes stop here too.
TEST_F(TicketCodeTest, SignedBodiesOutOfBoundsAreMalformed) {
  ASSERT_EQ(Verify(SignedText(Body())), ErrorCode::kOk);
  const struct {
    std::string_view what;
    size_t offset;
    std::string bytes;
  } kCases[] = {
      {"form 0", 0, std::string(1, '\0')},
      {"form 2 in a static code", 0, "\x02"},
      {"form 3", 0, "\x03"},
      {"key id 0", 1, std::string(1, '\0')},
      {"event 0", 2, std::string(4, '\0')},
      {"ticket 0", 6, std::string(8, '\0')},
      {"ticket of 64 bits", 6, std::string(1, '\x80')},
  };
  for (const auto& c : kCases) {
    const std::string text = SignedText(Body().replace(c.offset, c.bytes.size(), c.bytes));
    EXPECT_EQ(Verify(text), ErrorCode::kCodeMalformed) << c.what;
    EXPECT_EQ(CodeOf(ParseTicketCode(text).status()), ErrorCode::kCodeMalformed) << c.what;
  }
}

TEST_F(TicketCodeTest, AStaticBodyIsNoRotatingTicket) {
  std::string bytes = Body() + device_.public_key();
  bytes += issuer_.Sign(bytes);
  EXPECT_EQ(CodeOf(VerifyRotatingTicket(Base32Encode(bytes), issuers_, kNow).status()),
            ErrorCode::kCodeMalformed);
  AppendBigEndian(bytes, *RotatingWindowAt(kNow), 4);
  bytes += device_.Sign(bytes);
  EXPECT_EQ(Verify(Base32Encode(bytes)), ErrorCode::kCodeMalformed);
}

TEST_F(TicketCodeTest, OnlyTrustedKeysCount) {
  EXPECT_EQ(CodeOf(VerifyTicketCode(static_code_, KeyRing(), kNow).status()),
            ErrorCode::kUnknownKey);
  KeyRing other;
  ASSERT_TRUE(other.Add(7, {KeyOf('o').public_key()}).ok());
  EXPECT_EQ(CodeOf(VerifyTicketCode(static_code_, other, kNow).status()), ErrorCode::kCodeForged);
  EXPECT_EQ(CodeOf(VerifyTicketCode(rotating_code_, other, kNow).status()), ErrorCode::kCodeForged);
  KeyRing retired;
  ASSERT_TRUE(retired.Add(7, {issuer_.public_key(), Timestamp{}, kNow}).ok());
  EXPECT_EQ(CodeOf(VerifyTicketCode(static_code_, retired, kNow).status()), ErrorCode::kUnknownKey);
  EXPECT_TRUE(VerifyTicketCode(static_code_, retired, kNow - Duration::Micros(1)).ok());
}

TEST_F(TicketCodeTest, ARotatingCodeLivesForItsWindowAndTheSkew) {
  const Timestamp start = RotatingWindowStart(*RotatingWindowAt(kNow));
  ASSERT_EQ(start, kNow);  // kNow is the start of a window
  const Duration tick = Duration::Micros(1);
  EXPECT_EQ(Verify(rotating_code_, start - kRotatingWindow - tick), ErrorCode::kTokenExpired);
  EXPECT_EQ(Verify(rotating_code_, start - kRotatingWindow), ErrorCode::kOk);
  EXPECT_EQ(Verify(rotating_code_, start + kRotatingWindow * 2 - tick), ErrorCode::kOk);
  EXPECT_EQ(Verify(rotating_code_, start + kRotatingWindow * 2), ErrorCode::kTokenExpired);
  const auto with_skew = [&](Timestamp now, uint32_t skew) {
    return CodeOf(VerifyTicketCode(rotating_code_, issuers_, now, skew).status());
  };
  EXPECT_EQ(with_skew(start - tick, 0), ErrorCode::kTokenExpired);
  EXPECT_EQ(with_skew(start + kRotatingWindow - tick, 0), ErrorCode::kOk);
  EXPECT_EQ(with_skew(start + kRotatingWindow, 0), ErrorCode::kTokenExpired);
  EXPECT_EQ(with_skew(start + kRotatingWindow * 4 - tick, 3), ErrorCode::kOk);
  EXPECT_EQ(with_skew(start + kRotatingWindow * 4, 3), ErrorCode::kTokenExpired);
  EXPECT_EQ(with_skew(Timestamp{-1}, 4'294'967'295), ErrorCode::kTokenExpired);
}

TEST_F(TicketCodeTest, OnlyTheBoundDeviceMakesCodes) {
  EXPECT_EQ(CodeOf(MakeRotatingCode(ticket_, KeyOf('x'), kNow).status()), ErrorCode::kUnknownKey);
  EXPECT_EQ(CodeOf(MakeRotatingCode(static_code_, device_, kNow).status()),
            ErrorCode::kCodeMalformed);
  EXPECT_EQ(CodeOf(MakeRotatingCode(rotating_code_, device_, kNow).status()),
            ErrorCode::kCodeMalformed);
  EXPECT_EQ(CodeOf(MakeRotatingCode(ticket_, device_, Timestamp{-1}).status()),
            ErrorCode::kInvalidField);
  // A thief with the ticket alone signs with a key of his own, or moves the window of a code he
  // saw.
  std::string bytes = Base32Decode(ticket_).value();
  AppendBigEndian(bytes, *RotatingWindowAt(kNow), 4);
  bytes += KeyOf('x').Sign(bytes);
  EXPECT_EQ(Verify(Base32Encode(bytes)), ErrorCode::kCodeForged);
  // The issuer's signature binds the device's key.
  bytes = Base32Decode(ticket_)->replace(kTicketBodyBytes, 32, KeyOf('x').public_key());
  AppendBigEndian(bytes, *RotatingWindowAt(kNow), 4);
  bytes += KeyOf('x').Sign(bytes);
  EXPECT_EQ(Verify(Base32Encode(bytes)), ErrorCode::kCodeForged);
}

TEST_F(TicketCodeTest, DeviceKeysFromOutsideAreChecked) {
  for (const std::string& key :
       {std::string(), std::string(31, 'k'), std::string(32, '\0'), std::string(32, '\xff')}) {
    EXPECT_EQ(CodeOf(IssueRotatingTicket(claims_, key, issuer_).status()),
              ErrorCode::kInvalidField);
  }
}

TEST_F(TicketCodeTest, ThePhoneChecksWhatItReceives) {
  const StatusOr<VerifiedTicket> verified = VerifyRotatingTicket(ticket_, issuers_, kNow);
  ASSERT_TRUE(verified.ok()) << verified.status();
  EXPECT_EQ(verified->claims.ticket, claims_.ticket);
  EXPECT_EQ(verified->device_key, device_.public_key());
  EXPECT_EQ(CodeOf(VerifyRotatingTicket(ticket_, KeyRing(), kNow).status()),
            ErrorCode::kUnknownKey);
  std::string changed = ticket_;
  changed[30] = changed[30] == 'A' ? 'B' : 'A';
  EXPECT_EQ(CodeOf(VerifyRotatingTicket(changed, issuers_, kNow).status()), ErrorCode::kCodeForged);
  EXPECT_EQ(CodeOf(VerifyRotatingTicket(rotating_code_, issuers_, kNow).status()),
            ErrorCode::kCodeMalformed);
  // What the server sends is not what a gate takes.
  EXPECT_EQ(Verify(ticket_), ErrorCode::kCodeMalformed);
}

TEST_F(TicketCodeTest, WindowsHaveBounds) {
  EXPECT_EQ(RotatingWindowAt(Timestamp{}), 0u);
  EXPECT_EQ(RotatingWindowAt(Timestamp{14'999'999}), 0u);
  EXPECT_EQ(RotatingWindowAt(Timestamp{15'000'000}), 1u);
  EXPECT_EQ(RotatingWindowAt(Timestamp{-1}), std::nullopt);
  const Timestamp last = RotatingWindowStart(4'294'967'295);
  EXPECT_EQ(RotatingWindowAt(last), 4'294'967'295u);
  EXPECT_EQ(RotatingWindowAt(last + kRotatingWindow), std::nullopt);
}

TEST_F(TicketCodeTest, AnyClaimsComeBackAndEncodeCanonically) {
  std::mt19937_64 random(20261122);
  for (int round = 0; round < 200; ++round) {
    TicketClaims claims{.key_id = 7,
                        .event_number = static_cast<uint32_t>(random() | 1),
                        .ticket = TicketId::FromEntropy(random()),
                        .ordinal = static_cast<uint32_t>(random()),
                        .issue = static_cast<uint16_t>(random()),
                        .zone = static_cast<uint16_t>(random()),
                        .ticket_type = static_cast<uint16_t>(random())};
    const std::string code = IssueTicketCode(claims, issuer_);
    EXPECT_EQ(ParseTicketCode(code).value(), claims);
    EXPECT_EQ(VerifyTicketCode(code, issuers_, kNow)->claims, claims);
    EXPECT_EQ(IssueTicketCode(*ParseTicketCode(code), issuer_), code);

    const std::string ticket = IssueRotatingTicket(claims, device_.public_key(), issuer_).value();
    const Timestamp now = RotatingWindowStart(static_cast<uint32_t>(random()));
    const std::string rotating = MakeRotatingCode(ticket, device_, now).value();
    claims.form = TicketForm::kRotating;
    EXPECT_EQ(VerifyTicketCode(rotating, issuers_, now, 0)->claims, claims);
    EXPECT_EQ(MakeRotatingCode(ticket, device_, now).value(), rotating);
  }
}

TEST_F(TicketCodeTest, RandomTextsAreNeverBelieved) {
  std::mt19937_64 random(4);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    const size_t size = random() % 2 == 0 ? kStaticCodeChars : random() % 400;
    for (size_t i = 0; i < size; ++i) text.push_back(kDigits[random() % 32]);
    if (size > 3) text.replace(0, 4, static_code_.substr(0, 4));
    EXPECT_NE(Verify(text), ErrorCode::kOk) << text;
  }
}

TEST_F(TicketCodeTest, ClaimsOutOfBoundsAreBugs) {
  TicketClaims claims = claims_;
  claims.key_id = 0;
  EXPECT_DEATH((void)IssueTicketCode(claims, issuer_), "AreInBounds");
  claims = claims_;
  claims.ticket.value = uint64_t{1} << 63;
  EXPECT_DEATH((void)IssueTicketCode(claims, issuer_), "AreInBounds");
}

TEST(NormalizeScannedTextTest, TakesAwayWhatScannersAdd) {
  const std::pair<std::string_view, std::string_view> kCases[] = {
      {"", ""},
      {" \t\r\n", ""},
      {"\x02]Q1ABC\x1d\x03\r", "ABC"},
      {"ABC", "ABC"},
      {"abc012\r\n", "ABC012"},
      {"\t abc \r", "ABC"},
      {"]Q1ABC\r\n", "ABC"},
      {"]Q3abc", "ABC"},
      {"]d2abc", "ABC"},
      {" ]Q1ABC", "ABC"},
      {"]Q1", ""},
      {"]Q", "]Q"},
      {"]", "]"},
      {"]11ABC", "]11ABC"},
      {"]Q-ABC", "]Q-ABC"},
      {"]Q1]Q1ABC", "]Q1ABC"},
      {"A B", "A B"},
      {"A\nB", "A\nB"},
      {"AB]Q1", "AB]Q1"},
      {"ñ", "ñ"},
      {"o-l", "O-L"},  // letters that Crockford's digits lack are not repaired
  };
  for (const auto& [typed, code] : kCases) EXPECT_EQ(NormalizeScannedText(typed), code) << typed;
}

}  // namespace
}  // namespace ticketing
