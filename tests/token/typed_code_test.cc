// What keyboard-wedge scanners type. The layouts that this test types with come from
// tests/golden/token/typed_codes.json, which was made from xkeyboard-config, not from the library's
// own tables.
#include "ticketing/token/typed_code.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <utility>

#include "ticketing/token/ticket_code.h"

namespace ticketing {
namespace {

using nlohmann::json;

constexpr Timestamp kNow = Timestamp::FromSeconds(1'795'375'800);

json Load(const std::string& name) {
  std::ifstream file(TICKETING_SOURCE_DIR "/tests/golden/token/" + name);
  return json::parse(file);
}

struct Key {
  std::string plain;
  std::string shifted;
  bool is_letter = false;
};
using Keyboard = std::map<std::string, Key>;

// The characters that arrive; empty when a dead key or a missing character is in the way.
std::string Type(const std::string& text, const Keyboard& scanner, const Keyboard& host,
                 const std::string& caps) {
  std::string typed;
  for (const char c : text) {
    bool found = false;
    for (const auto& [name, key] : scanner) {
      const bool plain = key.plain == std::string(1, c);
      if (!plain && key.shifted != std::string(1, c)) continue;
      const Key& at_host = host.at(name);
      const bool turned = caps == "all" || (caps == "letters" && at_host.is_letter);
      const std::string& out = plain != turned ? at_host.plain : at_host.shifted;
      if (out.empty()) return {};
      typed += out;
      found = true;
      break;
    }
    if (!found) return {};
  }
  return typed;
}

class TypedCodeTest : public ::testing::Test {
 protected:
  TypedCodeTest() {
    for (const auto& [name, keys] : golden_.at("keyboards").items()) {
      for (const auto& [key, characters] : keys.items()) {
        Key& made = keyboards_[name][key];
        made.plain = characters.at(0).get<std::string>();
        made.shifted = characters.at(1).get<std::string>();
        const char first = made.plain.size() == 1 ? made.plain[0] : ' ';
        made.is_letter = (first >= 'a' && first <= 'z') || made.plain == "ñ" || made.plain == "ö";
      }
    }
    EXPECT_TRUE(issuers_.Add(1, {issuer_.public_key()}).ok());
  }

  // The readings of `typed` that a gate believes.
  std::vector<std::string> Believed(const std::string& typed, const KeyRing& issuers) const {
    std::vector<std::string> believed;
    const std::vector<std::string> readings = ReadingsOfTypedCode(typed);
    EXPECT_LE(readings.size(), kTypedReadingsMax);
    for (const std::string& reading : readings) {
      if (VerifyTicketCode(reading, issuers, kNow).ok()) believed.push_back(reading);
    }
    return believed;
  }

  const json golden_ = Load("typed_codes.json");
  std::map<std::string, Keyboard> keyboards_;
  const SigningKey issuer_ = SigningKey::FromSeed(std::string(32, 'i')).value();
  const SigningKey device_ = SigningKey::FromSeed(std::string(32, 'd')).value();
  KeyRing issuers_;
};

KeyRing GoldenRing() {
  KeyRing ring;
  const json keys = Load("ticket_codes.json").at("issuer_keys");
  for (const json& key : keys) {
    const std::string seed = key.at("seed").get<std::string>();
    std::string bytes;
    for (size_t i = 0; i < seed.size(); i += 2) {
      bytes.push_back(static_cast<char>(std::stoi(seed.substr(i, 2), nullptr, 16)));
    }
    EXPECT_TRUE(ring.Add(key.at("key_id").get<uint8_t>(),
                         {SigningKey::FromSeed(bytes).value().public_key()})
                    .ok());
  }
  return ring;
}

TEST_F(TypedCodeTest, TheGoldenTextsAreReadOrRefused) {
  const KeyRing ring = GoldenRing();
  ASSERT_GE(golden_.at("cases").size(), 60u);
  for (const json& entry : golden_.at("cases")) {
    const std::string code = entry.at("code").get<std::string>();
    EXPECT_EQ(Believed(entry.at("typed").get<std::string>(), ring),
              std::vector<std::string>({code}))
        << entry;
  }
  ASSERT_GE(golden_.at("refused").size(), 10u);
  for (const json& entry : golden_.at("refused")) {
    EXPECT_TRUE(Believed(entry.at("typed").get<std::string>(), ring).empty()) << entry;
  }
}

// Every pair of layouts, every state of Caps Lock, both forms, with and without what scanners add:
// the code comes out, and nothing else does.
TEST_F(TypedCodeTest, EveryPairOfLayoutsGivesTheCodeAndNothingElse) {
  std::mt19937_64 random(20261122);
  size_t typed_in = 0;
  size_t most = 0;
  for (int round = 0; round < 6; ++round) {
    const TicketClaims claims{.key_id = 1,
                              .event_number = static_cast<uint32_t>(random() | 1),
                              .ticket = TicketId::FromEntropy(random()),
                              .ordinal = static_cast<uint32_t>(random() % 25'000)};
    const std::string ticket = IssueRotatingTicket(claims, device_.public_key(), issuer_).value();
    for (const std::string& code :
         {IssueTicketCode(claims, issuer_), MakeRotatingCode(ticket, device_, kNow).value()}) {
      for (const auto& [scanner, keys] : keyboards_) {
        for (const auto& [host, others] : keyboards_) {
          for (const std::string caps : {"off", "letters", "all"}) {
            for (const std::string prefix : {"", "]Q1"}) {
              const std::string typed = Type(prefix + code, keys, others, caps);
              if (typed.empty()) continue;  // "]" cannot be typed without AltGr
              ++typed_in;
              most = std::max(most, ReadingsOfTypedCode(typed).size());
              EXPECT_EQ(Believed(typed + "\r", issuers_), std::vector<std::string>({code}))
                  << scanner << " -> " << host << ", caps lock " << caps << ": " << typed;
            }
          }
        }
      }
    }
  }
  EXPECT_GE(typed_in, 6u * 2 * 48);
  EXPECT_LE(most, kTypedReadingsMax);
  RecordProperty("most_readings", static_cast<int>(most));
}

TEST_F(TypedCodeTest, ThePlainReadingComesFirstAndIsAlwaysThere) {
  EXPECT_EQ(ReadingsOfTypedCode(""), std::vector<std::string>({""}));
  EXPECT_EQ(ReadingsOfTypedCode(" hello\r\n"), std::vector<std::string>({"HELLO"}));
  EXPECT_EQ(ReadingsOfTypedCode(std::string(100'000, 'A')).size(), 1u);
  EXPECT_EQ(ReadingsOfTypedCode("\xff\xfe").size(), 1u);
  const std::string code = IssueTicketCode(
      {.key_id = 1, .event_number = 5, .ticket = TicketId{77}, .ordinal = 1}, issuer_);
  EXPECT_EQ(ReadingsOfTypedCode("]Q1" + code + "\r").front(), code);
}

TEST_F(TypedCodeTest, ForgedTextsHaveFewReadings) {
  constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::mt19937_64 random(7);
  for (int round = 0; round < 300; ++round) {
    std::string text = "04";
    while (text.size() < kStaticCodeChars - 1) text.push_back(kDigits[random() % 32]);
    text.push_back('0');
    for (const auto& [scanner, keys] : keyboards_) {
      const std::string typed = Type(text, keyboards_.at("us"), keys, round % 2 ? "all" : "off");
      EXPECT_LE(ReadingsOfTypedCode(typed).size(), kTypedReadingsMax);
      EXPECT_TRUE(Believed(typed, issuers_).empty());
    }
  }
}

TEST(TypedLinesTest, ControlCharactersEndALine) {
  TypedLines lines(400);
  const Duration now = Duration::Seconds(10);
  lines.Type(
      "ONE\r\nTWO\t\tTHREE\x1d\x02"
      "FOUR\x03\r",
      now);
  for (const char* line : {"ONE", "TWO", "THREE", "FOUR"}) EXPECT_EQ(lines.Take(now), line);
  EXPECT_EQ(lines.Take(now), std::nullopt);
  lines.Type("FI", now);
  EXPECT_EQ(lines.Take(now), std::nullopt);
  lines.Type("VE\n", now + Duration::Millis(40));
  EXPECT_EQ(lines.Take(now), "FIVE");
}

TEST(TypedLinesTest, AHalfTypedCodeDoesNotSpoilTheNextOne) {
  TypedLines lines(400);
  const Duration start = Duration::Seconds(10);
  lines.Type("HALF", start);
  lines.Type("WHOLE\r", start + kTypingGap);
  EXPECT_EQ(lines.Take(start + kTypingGap), "HALF");
  EXPECT_EQ(lines.Take(start + kTypingGap), "WHOLE");
  // A slow scanner is not cut.
  lines.Type("SL", start + Duration::Seconds(2));
  lines.Type("OW\r", start + Duration::Seconds(2) + kTypingGap - Duration::Micros(1));
  EXPECT_EQ(lines.Take(start + Duration::Seconds(4)), "SLOW");
}

TEST(TypedLinesTest, AScannerWithoutASuffixIsHeardAfterAPause) {
  TypedLines lines(400);
  const Duration start = Duration::Seconds(10);
  lines.Type("CODE", start);
  EXPECT_EQ(lines.Take(start + kTypingGap - Duration::Micros(1)), std::nullopt);
  EXPECT_EQ(lines.Take(start + kTypingGap), "CODE");
  lines.Type("LAST", start + Duration::Seconds(1));
  lines.End();
  EXPECT_EQ(lines.Take(start + Duration::Seconds(1)), "LAST");
}

TEST(TypedLinesTest, LongLinesAreCutAndTheNextOneIsWhole) {
  TypedLines lines(8);
  lines.Type(std::string(1 << 20, 'A') + "\rNEXT\r", Duration{});
  EXPECT_EQ(lines.Take(Duration{}), std::string(8, 'A'));
  EXPECT_EQ(lines.Take(Duration{}), "NEXT");
}

}  // namespace
}  // namespace ticketing
