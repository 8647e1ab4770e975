// One sentence for the screen of a handheld: what happened and what to do. Spanish and English.
// Times are shown in the venue's time, given as an offset from UTC.
#ifndef TICKETING_ADMISSION_EXPLAIN_H_
#define TICKETING_ADMISSION_EXPLAIN_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "ticketing/admission/decision.h"

namespace ticketing {

enum class GateLanguage : uint8_t { kSpanish, kEnglish };

// "es" and "en", and their regional forms such as "es-MX"; nullopt for other languages.
std::optional<GateLanguage> GateLanguageOf(std::string_view tag);

struct ExplainContext {
  GateLanguage language = GateLanguage::kSpanish;
  int32_t utc_offset_minutes = 0;
  Timestamp now;  // times of another day are shown with their date
  // The name that signs carry ("Puerta 3"); an empty answer shows the number instead.
  std::function<std::string(uint16_t gate)> gate_name;
};

// "Ya se usó a las 18:42 en Puerta 3", "Already used at 18:42, gate Puerta 3". Plain text, UTF-8.
std::string Explain(const Decision& decision, const ExplainContext& context);

// The large word above it: "ADELANTE", "NO PASA"; "GO AHEAD", "STOP".
std::string_view Headline(Outcome outcome, GateLanguage language);

// "18:42" in the venue's time, or "21/11 18:42" when `time` is on another day than `now`.
std::string VenueTime(Timestamp time, Timestamp now, int32_t utc_offset_minutes);

}  // namespace ticketing

#endif  // TICKETING_ADMISSION_EXPLAIN_H_
