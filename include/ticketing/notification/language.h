// The languages that people are written to in, and dates in them.
#ifndef TICKETING_NOTIFICATION_LANGUAGE_H_
#define TICKETING_NOTIFICATION_LANGUAGE_H_

#include <string>
#include <string_view>

#include "ticketing/base/time.h"

namespace ticketing::notification {

enum class Language { kSpanish, kEnglish };

// The language for a tag: "es" and its regions give Spanish, every other well-formed tag English,
// nothing Spanish.
Language LanguageOf(std::string_view tag);
std::string_view LanguageTag(Language language);  // "es", "en"

// A day and an hour as people write them, in local time at `utc_offset_minutes` from UTC:
// "sábado 28 de noviembre de 2026, 19:00 h" and "Saturday, November 28, 2026, 7:00 PM".
std::string FormatLocalDate(Timestamp time, int utc_offset_minutes, Language language);

}  // namespace ticketing::notification

#endif  // TICKETING_NOTIFICATION_LANGUAGE_H_
