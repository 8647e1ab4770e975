#include "lib/service/seatsio/pages.h"

#include <charconv>
#include <optional>

#include "lib/service/seatsio/schema.h"

namespace ticketing::seatsio {
namespace {

StatusOr<int64_t> CursorOf(const std::string& text) {
  int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size())
    return Refuse("GENERAL_ERROR", "Not an id: " + text.substr(0, 40));
  return id;
}

}  // namespace

StatusOr<bool> ReadPage(Database& database, const PageQuery& query, const PageRequest& page,
                        const std::function<void()>& again,
                        const std::function<void(const SqlRow&)>& use) {
  // Reading goes down the ids, or up: for old rows first and for pages that end somewhere.
  const bool up = query.oldest_first != page.before.has_value();
  const std::optional<std::string>& cursor = page.before ? page.before : page.after;
  SqlArgs args = query.args;
  std::string sql = query.columns + "WHERE (" + query.where + ")";
  int64_t at = 0;
  if (cursor) {
    TICKETING_ASSIGN_OR_RETURN(at, CursorOf(*cursor));
    sql += " AND " + query.id + (up ? " > ?" : " < ?");
    args.emplace_back(at);
  }
  sql += " ORDER BY " + query.id + (up ? "" : " DESC") + " LIMIT ?";
  args.emplace_back(static_cast<int64_t>(page.limit + 1));
  TICKETING_RETURN_IF_ERROR(database.Read([&](SqlTransaction& tx) {
    again();
    return tx.Query(sql, args, [&](const SqlRow& row) {
      use(row);
      return OkStatus();
    });
  }));
  return page.after.has_value();
}

std::string LikePattern(const std::string& text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern.push_back('\\');
    pattern.push_back(c);
  }
  return pattern + "%";
}

}  // namespace ticketing::seatsio
