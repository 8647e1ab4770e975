#include "ticketing/admission/rules.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ticketing/admission/explain.h"
#include "ticketing/base/limits.h"

namespace ticketing {
namespace {

constexpr int32_t kMexico = -360;  // minutes from UTC

// A time of the venue's own day, 2026-11-22, which is a Sunday.
Timestamp At(std::string_view hours_minutes, int day = 22) {
  const std::string text =
      "2026-11-" + std::to_string(day) + "T" + std::string(hours_minutes) + ":00-06:00";
  return *ParseTimestamp(text);
}

RuleVocabulary Match() {
  const auto number = [](std::string_view known, uint16_t value) {
    return [=](std::string_view id) {
      return id == known ? std::optional<uint16_t>(value) : std::nullopt;
    };
  };
  RuleVocabulary vocabulary{.product = number("member", 4),
                            .gate = number("north", 7),
                            .zone = number("vip", 9),
                            .doors_open_at = At("17:00"),
                            .starts_at = At("19:00"),
                            .ends_at = At("21:00"),
                            .utc_offset_minutes = kMexico};
  return vocabulary;
}

GateRules Rules(const std::string& rule) {
  StatusOr<GateRules> rules = GateRules::Parse("{\"rule\": " + rule + "}", Match());
  if (rules.ok()) return *std::move(rules);
  ADD_FAILURE() << rules.status() << " of " << rule;
  return *GateRules::Parse(R"({"rule": {"<": [0, 1]}})", Match());
}

std::vector<Passage> Entries(const std::vector<Timestamp>& times) {
  std::vector<Passage> history;
  for (const Timestamp time : times)
    history.push_back({.scan = ScanId{history.size() + 1}, .at = time});
  return history;
}

struct Moment {
  Timestamp now = At("18:00");
  std::vector<Passage> history;
  uint16_t ticket_type = 4;
  uint16_t zone = 9;
  uint16_t gate = 7;
};

bool LetsIn(const std::string& rule, const Moment& moment) {
  const RuleSubject subject{moment.ticket_type, moment.zone, moment.gate, moment.now};
  return !Rules(rule).Check(subject, moment.history);
}

TEST(GateRules, CompareTheTime) {
  const std::string from_doors =
      R"({"isAfter": [{"var": "now"}, {"buildTime": ["date_admission"]}, 30]})";
  EXPECT_FALSE(LetsIn(from_doors, {.now = At("16:30")})) << "the tolerance itself is too early";
  EXPECT_TRUE(LetsIn(from_doors, {.now = At("16:31")}));
  const std::string until_end = R"({"isBefore": [{"var": "now"}, {"buildTime": ["date_to"]}]})";
  EXPECT_TRUE(LetsIn(until_end, {.now = At("20:59")}));
  EXPECT_FALSE(LetsIn(until_end, {.now = At("21:00")}));
  const std::string turned = R"({"isBefore": [{"buildTime": ["date_from"]}, {"var": "now"}]})";
  EXPECT_FALSE(LetsIn(turned, {.now = At("19:00")}));
  EXPECT_TRUE(LetsIn(turned, {.now = At("19:01")}));
  const std::string fixed =
      R"({"isAfter": [{"var": "now"}, {"buildTime": ["custom", "2026-11-22T18:00:00-06:00"]}]})";
  EXPECT_FALSE(LetsIn(fixed, {.now = At("18:00")}));
  EXPECT_TRUE(LetsIn(fixed, {.now = At("18:01")}));
}

TEST(GateRules, TimesOfDayAndWeekdaysAreThoseOfTheVenue) {
  const std::string evening =
      R"({"isAfter": [{"var": "now"}, {"buildTime": ["customtime", "18:30"]}]})";
  EXPECT_FALSE(LetsIn(evening, {.now = At("18:29")})) << "in UTC it is past midnight already";
  EXPECT_TRUE(LetsIn(evening, {.now = At("18:31")}));
  EXPECT_FALSE(LetsIn(evening, {.now = At("00:10", 23)})) << "a new day begins at midnight";
  const std::string sunday = R"({"==": [{"var": "now_isoweekday"}, 7]})";
  EXPECT_TRUE(LetsIn(sunday, {.now = At("23:59")}));
  EXPECT_FALSE(LetsIn(sunday, {.now = At("00:00", 23)}));
  EXPECT_TRUE(LetsIn(R"({"==": [{"var": "now_isoweekday"}, 1]})", {.now = At("00:00", 23)}));
}

TEST(GateRules, CountEntriesAndTheirDays) {
  const std::vector<Passage> history =
      Entries({At("18:00", 20), At("23:59", 21), At("00:00", 22), At("17:00", 22)});
  const Moment moment{.now = At("18:00"), .history = history};
  EXPECT_TRUE(LetsIn(R"({"==": [{"var": "entries_number"}, 4]})", moment));
  EXPECT_TRUE(LetsIn(R"({"==": [{"var": "entries_today"}, 2]})", moment));
  EXPECT_TRUE(LetsIn(R"({"==": [3, {"var": "entries_days"}]})", moment));
  const std::string midnight = R"([{"buildTime": ["customtime", "00:00"]}])";
  EXPECT_TRUE(LetsIn(R"({"==": [{"entries_since": )" + midnight + "}, 2]}", moment));
  EXPECT_TRUE(LetsIn(R"({"==": [{"entries_before": )" + midnight + "}, 2]}", moment));
  EXPECT_TRUE(LetsIn(R"({"==": [{"entries_days_since": )" + midnight + "}, 1]}", moment));
  EXPECT_TRUE(LetsIn(R"({"==": [{"entries_days_before": )" + midnight + "}, 2]}", moment));
}

TEST(GateRules, CountMinutesAndKnowWhoIsInside) {
  Moment moment{.now = At("18:00"), .history = Entries({At("17:00"), At("17:40")})};
  EXPECT_TRUE(LetsIn(R"({">=": [{"var": "minutes_since_last_entry"}, 20]})", moment));
  EXPECT_FALSE(LetsIn(R"({">": [{"var": "minutes_since_last_entry"}, 20]})", moment));
  EXPECT_TRUE(LetsIn(R"({"==": [{"var": "minutes_since_first_entry"}, 60]})", moment));
  EXPECT_TRUE(LetsIn(R"({"==": [{"var": "entry_status"}, "present"]})", moment));
  moment.history.push_back({.scan = ScanId{9}, .at = At("17:50"), .direction = Direction::kExit});
  EXPECT_TRUE(LetsIn(R"({"==": ["absent", {"var": "entry_status"}]})", moment));
  EXPECT_TRUE(LetsIn(R"({"!=": [{"var": "entry_status"}, "present"]})", moment));
  EXPECT_TRUE(LetsIn(R"({"==": [{"var": "entries_number"}, 2]})", moment)) << "exits do not count";
  EXPECT_TRUE(LetsIn(R"({"==": [{"var": "minutes_since_last_entry"}, -1]})", {}));
}

TEST(GateRules, KnowProductsGatesAndZones) {
  const std::string member =
      R"({"inList": [{"var": "product"}, {"objectList": [{"lookup": ["product", "member", "Socio"]}]}]})";
  EXPECT_TRUE(LetsIn(member, {.ticket_type = 4}));
  EXPECT_FALSE(LetsIn(member, {.ticket_type = 5}));
  const std::string north =
      R"({"inList": [{"var": "gate"}, {"objectList": [{"lookup": ["gate", "north"]}]}]})";
  EXPECT_TRUE(LetsIn(north, {.gate = 7}));
  EXPECT_FALSE(LetsIn(north, {.gate = 8}));
  const std::string vip =
      R"({"inList": [{"var": "zone"}, {"objectList": [{"lookup": ["zone", "vip"]}]}]})";
  EXPECT_TRUE(LetsIn(vip, {.zone = 9}));
  EXPECT_FALSE(LetsIn(vip, {.zone = 4})) << "the number of a product is not that of a zone";
}

TEST(GateRules, CompareEveryWay) {
  struct Row {
    const char* comparison;
    bool less, equal, more;
  };
  for (const Row& row : {Row{"<", true, false, false}, Row{"<=", true, true, false},
                         Row{">", false, false, true}, Row{">=", false, true, true},
                         Row{"==", false, true, false}, Row{"!=", true, false, true}}) {
    for (const bool turned : {false, true}) {
      for (const size_t entries : {size_t{0}, size_t{1}, size_t{2}}) {
        const std::string number = R"({"var": "entries_number"})";
        const std::string operands = turned ? "[1, " + number + "]" : "[" + number + ", 1]";
        const std::string rule = std::string("{\"") + row.comparison + "\": " + operands + "}";
        const bool less = turned ? row.more : row.less;
        const bool more = turned ? row.less : row.more;
        const bool expected = entries == 0 ? less : entries == 1 ? row.equal : more;
        const std::vector<Timestamp> times(entries, At("17:00"));
        EXPECT_EQ(LetsIn(rule, {.history = Entries(times)}), expected) << rule << " " << entries;
      }
    }
  }
}

// Members at any time, others from 19:00, and nobody more than twice.
constexpr const char* kMembersFirst = R"({"and": [
    {"<": [{"var": "entries_number"}, 2]},
    {"or": [
      {"inList": [{"var": "product"}, {"objectList": [{"lookup": ["product", "member"]}]}]},
      {"isAfter": [{"var": "now"}, {"buildTime": ["date_from"]}]}]}]})";

std::string Told(const GateRules& rules, const Moment& moment, GateLanguage language) {
  const RuleSubject subject{moment.ticket_type, moment.zone, moment.gate, moment.now};
  const auto refusal = rules.Check(subject, moment.history);
  if (!refusal) return "";
  Decision decision;
  decision.reason = Reason::kRule;
  decision.rule_text = refusal->text;
  decision.rule_hints = refusal->hints;
  return Explain(decision,
                 {.language = language, .utc_offset_minutes = kMexico, .now = moment.now});
}

TEST(GateRules, TellTheNearestWayIn) {
  const GateRules rules = Rules(kMembersFirst);
  EXPECT_EQ(Told(rules, {.ticket_type = 4}, GateLanguage::kSpanish), "");
  EXPECT_EQ(Told(rules, {.ticket_type = 5}, GateLanguage::kSpanish),
            "No cumple una regla: desde 19:00");
  const Moment often{.history = Entries({At("17:00"), At("17:10")}), .ticket_type = 5};
  EXPECT_EQ(Told(rules, often, GateLanguage::kEnglish),
            "A rule refuses it: entries allowed: 1, from 19:00");
}

TEST(GateRules, TellHowLongToWait) {
  const GateRules rules = Rules(R"({"or": [
      {"==": [{"var": "entries_number"}, 0]},
      {">=": [{"var": "minutes_since_last_entry"}, 30]}]})");
  EXPECT_EQ(Told(rules, {}, GateLanguage::kEnglish), "");
  const Moment moment{.now = At("18:00"), .history = Entries({At("17:48")})};
  EXPECT_EQ(Told(rules, moment, GateLanguage::kEnglish), "A rule refuses it: wait 18 min");
  EXPECT_EQ(Told(rules, moment, GateLanguage::kSpanish), "No cumple una regla: espere 18 min");
}

TEST(GateRules, NobodyWaitsForAnEntryThatNeverWas) {
  const GateRules rules = Rules(R"({">=": [{"var": "minutes_since_last_entry"}, 30]})");
  EXPECT_EQ(Told(rules, {}, GateLanguage::kEnglish), "A rule refuses it");
}

TEST(GateRules, TheAuthorsWordsGoFirst) {
  const auto rules = GateRules::Parse(R"({"text": "Solo socios", "rule": {"<": [1, 0]}})", Match());
  ASSERT_TRUE(rules.ok()) << rules.status();
  EXPECT_EQ(Told(*rules, {}, GateLanguage::kEnglish), "Solo socios");
}

TEST(GateRules, RefuseAtTheUploadAndNameThePlace) {
  struct Row {
    const char* document;
    const char* field;
  };
  for (
      const Row& row : std::vector<Row>{
          {R"()", "rule"},
          {R"([])", "rule"},
          {R"({"rule": {"<": [1, 2]})", "rule"},
          {R"({})", "rule"},
          {R"({"rule": {"<": [1, 2]}, "rule": {"<": [2, 1]}})", "rule"},
          {R"({"rule": {"<": [1, 2], "<": [2, 1]}})", "rule"},
          {R"({"rule": {"<": [1, 2]}, "note": 1})", "note"},
          {R"({"rule": {"<": [1, 2]}, "text": 1})", "text"},
          {R"({"rule": {}})", "rule"},
          {R"({"rule": {"<": [1, 2], ">": [1, 2]}})", "rule"},
          {R"({"rule": {"or": []}})", "rule.or"},
          {R"({"rule": {"or": {"<": [1, 2]}}})", "rule.or"},
          {R"({"rule": {"+": [1, 2]}})", "rule.+"},
          {R"({"rule": {"and": [{"<": [1, 2]}, {"!": [1]}]}})", "rule.and[1].!"},
          {R"({"rule": {"<": [1]}})", "rule.<"},
          {R"({"rule": {"<": [1, 2.5]}})", "rule.<[1]"},
          {R"({"rule": {"<": [1, 10000000000]}})", "rule.<[1]"},
          {R"({"rule": {"<": [1, 18446744073709551615]}})", "rule.<[1]"},
          {R"({"rule": {"<": [{"var": "now"}, 5]}})", "rule.<[0]"},
          {R"({"rule": {"<": [{"var": "secret"}, 5]}})", "rule.<[0]"},
          {R"({"rule": {"<": [{"entries_since": []}, 5]}})", "rule.<[0].entries_since"},
          {R"({"rule": {"<": [{"entries_since": [7]}, 5]}})", "rule.<[0].entries_since[0]"},
          {R"({"rule": {"==": [{"var": "entry_status"}, 1]}})", "rule.=="},
          {R"({"rule": {"==": [{"var": "entries_number"}, "present"]}})", "rule.=="},
          {R"({"rule": {"<": [{"var": "entry_status"}, "present"]}})", "rule.<"},
          {R"({"rule": {"isAfter": [{"var": "now"}]}})", "rule.isAfter"},
          {R"({"rule": {"isAfter": [{"var": "now"}, 7]}})", "rule.isAfter[1]"},
          {R"({"rule": {"isAfter": [{"var": "now"}, {"buildTime": ["easter"]}]}})",
           "rule.isAfter[1].buildTime"},
          {R"({"rule": {"isAfter": [{"var": "now"}, {"buildTime": ["custom", "22/11"]}]}})",
           "rule.isAfter[1].buildTime"},
          {R"({"rule": {"isAfter": [{"var": "now"}, {"buildTime": ["customtime", "25:00"]}]}})",
           "rule.isAfter[1].buildTime"},
          {R"({"rule": {"isAfter": [{"var": "now"}, {"buildTime": ["date_to"]}, -1]}})",
           "rule.isAfter[2]"},
          {R"({"rule": {"inList": [{"var": "product"}, {"objectList": []}]}})",
           "rule.inList[1].objectList"},
          {R"({"rule": {"inList": [{"var": "now"}, {"objectList": [1]}]}})", "rule.inList[0].var"},
          {R"({"rule": {"inList": [{"var": "gate"}, {"objectList": [{"lookup": ["gate", "x"]}]}]}})",
           "rule.inList[1].objectList[0]"},
          {R"({"rule": {"inList": [{"var": "gate"}, {"objectList": [{"lookup": ["zone", "vip"]}]}]}})",
           "rule.inList[1].objectList[0]"}}) {
    const StatusOr<GateRules> rules = GateRules::Parse(row.document, Match());
    ASSERT_FALSE(rules.ok()) << row.document;
    EXPECT_EQ(CodeOf(rules.status()), ErrorCode::kInvalidField) << row.document;
    const ErrorDetails details = DetailsOf(rules.status());
    ASSERT_EQ(details.fields.size(), 1u) << row.document;
    EXPECT_EQ(details.fields[0].field, row.field) << row.document;
  }
}

TEST(GateRules, BoundWhatIsUploaded) {
  std::string deep = R"({"<": [1, 2]})";
  for (int i = 0; i < 9; ++i) deep = "{\"and\": [" + deep + "]}";
  EXPECT_TRUE(GateRules::Parse("{\"rule\": " + deep + "}", Match()).ok());
  for (int i = 0; i < 4; ++i) deep = "{\"and\": [" + deep + "]}";
  EXPECT_FALSE(GateRules::Parse("{\"rule\": " + deep + "}", Match()).ok());
  std::string wide;
  for (size_t i = 0; i < limits::kRuleNodesMax; ++i) wide += R"({"<": [1, 2]},)";
  EXPECT_FALSE(
      GateRules::Parse(R"({"rule": {"and": [)" + wide + R"({"<": [1, 2]}]}})", Match()).ok());
  const std::string padded = R"({"rule": {"<": [1, 2]}})" + std::string(limits::kRuleBytesMax, ' ');
  EXPECT_FALSE(GateRules::Parse(padded, Match()).ok());
  const std::string bytes = std::string(10'000, '[');
  EXPECT_FALSE(GateRules::Parse("{\"rule\":" + bytes, Match()).ok()) << "the stack holds";
}

}  // namespace
}  // namespace ticketing
