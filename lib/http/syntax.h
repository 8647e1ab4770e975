// The small words of HTTP's grammar (RFC 9110 section 5).
#ifndef TICKETING_LIB_HTTP_SYNTAX_H_
#define TICKETING_LIB_HTTP_SYNTAX_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "ticketing/env/http.h"

namespace ticketing::http {

char Lower(char c);
// Without regard to case.
bool SameText(std::string_view a, std::string_view b);
// Without spaces and tabs at both ends.
std::string_view Trim(std::string_view text);

// Whether `text` is a method or a field name: one or more token characters.
bool IsToken(std::string_view text);
// Whether `text` may be a field value: no control characters but the tab.
bool IsFieldValue(std::string_view text);
// Whether every character is printable ASCII and no space.
bool IsVisible(std::string_view text);

// Whether a list such as "keep-alive, upgrade" holds `item`.
bool ListHolds(std::string_view list, std::string_view item);
// How many fields have that name.
size_t CountFields(const HttpHeaders& headers, std::string_view name);
// "Name: value" without its line end, added to `headers`. False when it is not one.
bool AddField(std::string_view line, HttpHeaders& headers);
// Decimal digits and nothing else; nullopt above `max` too, and then `too_large` is set.
std::optional<uint64_t> ParseLength(std::string_view text, uint64_t max, bool& too_large);

}  // namespace ticketing::http

#endif  // TICKETING_LIB_HTTP_SYNTAX_H_
