#include "lib/service/ticketing/cursor.h"

#include "ticketing/base/bytes.h"

namespace ticketing {

std::string EncodeCursor(Cursor cursor) {
  std::string bytes;
  AppendBigEndian(bytes, static_cast<uint64_t>(cursor.first), 8);
  AppendBigEndian(bytes, static_cast<uint64_t>(cursor.second), 8);
  return Base64UrlEncode(bytes);
}

StatusOr<std::optional<Cursor>> QueryCursor(const Call& call, std::string_view name) {
  const std::optional<std::string> text = call.Query(name);
  if (!text || text->empty()) return std::optional<Cursor>();
  const std::optional<std::string> bytes = Base64UrlDecode(*text);
  if (!bytes || bytes->size() != 16) return InvalidField(name, "is not a cursor of this list");
  return std::optional<Cursor>(Cursor{static_cast<int64_t>(ReadBigEndian(*bytes, 0, 8)),
                                      static_cast<int64_t>(ReadBigEndian(*bytes, 8, 8))});
}

}  // namespace ticketing
