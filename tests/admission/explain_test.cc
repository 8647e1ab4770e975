#include "ticketing/admission/explain.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "ticketing/base/bytes.h"

namespace ticketing {
namespace {

// 2026-11-22T00:42:00Z, which is 18:42 of the day before in Mexico.
const Timestamp kTime = *ParseTimestamp("2026-11-22T00:42:00Z");

ExplainContext Mexico(GateLanguage language) {
  ExplainContext context;
  context.language = language;
  context.utc_offset_minutes = -360;
  context.now = kTime + Duration::Minutes(30);
  context.gate_name = [](uint16_t gate) { return gate == 3 ? std::string("Puerta 3") : ""; };
  return context;
}

Decision Used() {
  Decision decision;
  decision.reason = Reason::kAlreadyUsed;
  decision.first = Passage{ScanId{1}, kTime, 3, DeviceId{1}, Direction::kEntry, 0};
  return decision;
}

TEST(Explain, AlreadyUsedSaysWhenAndWhere) {
  EXPECT_EQ(Explain(Used(), Mexico(GateLanguage::kSpanish)), "Ya se usó a las 18:42 en Puerta 3");
  EXPECT_EQ(Explain(Used(), Mexico(GateLanguage::kEnglish)), "Already used at 18:42, Puerta 3");
  Decision unnamed = Used();
  unnamed.first->gate = 8;
  EXPECT_EQ(Explain(unnamed, Mexico(GateLanguage::kEnglish)), "Already used at 18:42, gate 8");
}

TEST(Explain, AnotherDayIsShownWithItsDate) {
  ExplainContext context = Mexico(GateLanguage::kSpanish);
  context.now = kTime + Duration::Hours(10);  // 04:42 of the 22nd over there
  EXPECT_EQ(Explain(Used(), context), "Ya se usó a las 21/11 18:42 en Puerta 3");
}

TEST(Explain, SaysWhatToDo) {
  Decision decision;
  decision.reason = Reason::kWrongGate;
  decision.right_gates = {3, 5};
  EXPECT_EQ(Explain(decision, Mexico(GateLanguage::kSpanish)),
            "Puerta equivocada: vaya a Puerta 3, Puerta 5");
  decision.reason = Reason::kNotYet;
  decision.opens_at = kTime + Duration::Hours(1);
  EXPECT_EQ(Explain(decision, Mexico(GateLanguage::kEnglish)), "Not open yet: opens 19:42");
  decision.reason = Reason::kRule;
  decision.rule_text = "Solo socios";
  EXPECT_EQ(Explain(decision, Mexico(GateLanguage::kEnglish)), "Solo socios");
}

TEST(Explain, AnAddOnIsSentToItsPoint) {
  Decision decision;
  decision.reason = Reason::kWrongProduct;
  decision.right_gates = {3};
  EXPECT_EQ(Explain(decision, Mexico(GateLanguage::kSpanish)),
            "Este tipo de boleto no entra aquí: vaya a Puerta 3");
}

TEST(Explain, WhoIsRefusedForTheTicketHearsWhatToDo) {
  for (const Reason reason :
       {Reason::kForged, Reason::kUnknownTicket, Reason::kSuperseded, Reason::kRevoked,
        Reason::kBlocked, Reason::kCancelled, Reason::kUnpaid, Reason::kSuspended,
        Reason::kTransferred, Reason::kAreaFull, Reason::kNotInside, Reason::kAbandoned}) {
    Decision decision;
    decision.reason = reason;
    for (const GateLanguage language : {GateLanguage::kSpanish, GateLanguage::kEnglish}) {
      const std::string text = Explain(decision, Mexico(language));
      EXPECT_NE(text.find_first_of(":.,"), text.npos) << text;
    }
  }
}

TEST(Explain, EveryReasonHasItsOwnSentenceInBothLanguages) {
  for (const GateLanguage language : {GateLanguage::kSpanish, GateLanguage::kEnglish}) {
    std::set<std::string> seen;
    for (const Reason reason : AllReasons()) {
      Decision decision;
      decision.reason = reason;
      const std::string text = Explain(decision, Mexico(language));
      EXPECT_TRUE(IsValidUtf8(text));
      EXPECT_TRUE(seen.insert(text).second) << ReasonName(reason) << ": " << text;
    }
  }
}

TEST(Explain, Languages) {
  EXPECT_EQ(GateLanguageOf("es-MX"), GateLanguage::kSpanish);
  EXPECT_EQ(GateLanguageOf("en"), GateLanguage::kEnglish);
  EXPECT_FALSE(GateLanguageOf("fr").has_value());
  EXPECT_EQ(Headline(Outcome::kRefused, GateLanguage::kSpanish), "NO PASA");
}

}  // namespace
}  // namespace ticketing
