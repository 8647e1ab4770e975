// Which characters a TrueType font has. libharu draws an empty box for the others and reports
// nothing.
#ifndef TICKETING_LIB_PROVIDER_PDF_FONT_COVER_H_
#define TICKETING_LIB_PROVIDER_PDF_FONT_COVER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/status.h"

namespace ticketing::pdf {

// The characters of the basic plane that the font maps to a glyph (cmap format 4, which is also all
// that libharu reads; OpenType specification, "cmap").
class FontCover {
 public:
  // Errors: kUnavailable when the bytes are not a TrueType font with such a table.
  static StatusOr<FontCover> Read(std::string_view font);

  bool Has(uint32_t character) const { return character < covered_.size() && covered_[character]; }

 private:
  std::vector<bool> covered_;
};

// The text with every character that `cover` lacks, and every control character, replaced by '?': a
// visible sign instead of an empty box. `text` is valid UTF-8.
std::string Printable(std::string_view text, const FontCover& cover);

// The next character of valid UTF-8 at `position`, which moves behind it.
uint32_t NextCharacter(std::string_view text, size_t& position);

}  // namespace ticketing::pdf

#endif  // TICKETING_LIB_PROVIDER_PDF_FONT_COVER_H_
