#include "lib/provider/pdf/font_cover.h"

#include <optional>

#include "ticketing/base/bytes.h"

namespace ticketing::pdf {
namespace {

// The one letter that Liberation Sans builds from a composite of a composite; libharu would drop a
// part of it.
constexpr uint32_t kNestedComposite = 0x0400;

Status NoFont(std::string_view why) {
  return MakeError(ErrorCode::kUnavailable, std::string("The font cannot be used: ").append(why));
}

std::optional<uint64_t> Number(std::string_view bytes, size_t offset, size_t width) {
  if (offset > bytes.size() || bytes.size() - offset < width) return std::nullopt;
  return ReadBigEndian(bytes, offset, width);
}

std::string_view Table(std::string_view font, std::string_view tag) {
  const uint64_t tables = Number(font, 4, 2).value_or(0);
  for (uint64_t i = 0; i < tables; ++i) {
    const size_t row = 12 + 16 * i;
    const auto offset = Number(font, row + 8, 4);
    const auto length = Number(font, row + 12, 4);
    if (!offset || !length) return {};
    if (font.substr(row, 4) != tag || *offset > font.size()) continue;
    return font.substr(*offset, *length);
  }
  return {};
}

// The Windows Unicode subtable of format 4.
std::string_view UnicodeMap(std::string_view cmap) {
  const uint64_t subtables = Number(cmap, 2, 2).value_or(0);
  for (uint64_t i = 0; i < subtables; ++i) {
    const size_t row = 4 + 8 * i;
    const bool unicode = Number(cmap, row, 2) == 3u && Number(cmap, row + 2, 2) == 1u;
    const uint64_t offset = Number(cmap, row + 4, 4).value_or(cmap.size());
    if (unicode && offset < cmap.size() && Number(cmap, offset, 2) == 4u)
      return cmap.substr(offset);
  }
  return {};
}

}  // namespace

StatusOr<FontCover> FontCover::Read(std::string_view font) {
  const std::string_view map = UnicodeMap(Table(font, "cmap"));
  const auto twice_segments = Number(map, 6, 2);
  if (!twice_segments) return NoFont("it has no Unicode character map");
  const size_t size = *twice_segments;
  const size_t ends = 14;
  const size_t starts = ends + size + 2;
  const size_t deltas = starts + size;
  const size_t offsets = deltas + size;

  FontCover cover;
  cover.covered_.resize(0x10000);
  for (size_t i = 0; i < size; i += 2) {
    const auto end = Number(map, ends + i, 2);
    const auto start = Number(map, starts + i, 2);
    const auto delta = Number(map, deltas + i, 2);
    const auto offset = Number(map, offsets + i, 2);
    if (!end || !start || !delta || !offset) return NoFont("its character map is cut off");
    for (uint64_t c = *start; c <= *end && c < 0xffff; ++c) {
      uint64_t glyph = c;
      if (*offset != 0) {
        glyph = Number(map, offsets + i + *offset + 2 * (c - *start), 2).value_or(0);
        if (glyph == 0) continue;
      }
      cover.covered_[c] = ((glyph + *delta) & 0xffff) != 0;
    }
  }
  cover.covered_[kNestedComposite] = false;
  return cover;
}

uint32_t NextCharacter(std::string_view text, size_t& position) {
  const auto lead = static_cast<uint8_t>(text[position++]);
  if (lead < 0x80) return lead;
  const int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
  uint32_t character = lead & (0x3fu >> more);
  for (int i = 0; i < more; ++i) {
    character = character << 6 | (static_cast<uint8_t>(text[position++]) & 0x3fu);
  }
  return character;
}

std::string Printable(std::string_view text, const FontCover& cover) {
  std::string out;
  for (size_t position = 0; position < text.size();) {
    const size_t begin = position;
    const uint32_t character = NextCharacter(text, position);
    if (character >= 0x20 && cover.Has(character)) {
      out.append(text.substr(begin, position - begin));
    } else {
      out.push_back('?');
    }
  }
  return out;
}

}  // namespace ticketing::pdf
