// Pages of tables: newest first, with numbers of rows as cursors.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_PAGES_H_
#define TICKETING_LIB_SERVICE_SEATSIO_PAGES_H_

#include <functional>
#include <string>

#include "lib/service/seatsio/call.h"
#include "ticketing/env/database.h"

namespace ticketing::seatsio {

struct PageQuery {
  std::string columns;  // "SELECT ... FROM table "
  std::string where;
  SqlArgs args;
  std::string id = "id";
  bool oldest_first = false;
};

// Reads one row more than the page has, in the order of reading (which is backwards for a page that
// ends before an id), and says whether rows stand before the page. `again` runs before each
// attempt.
StatusOr<bool> ReadPage(Database& database, const PageQuery& query, const PageRequest& page,
                        const std::function<void()>& again,
                        const std::function<void(const SqlRow&)>& use);

// A pattern for LIKE ... ESCAPE '\' that finds `text` anywhere.
std::string LikePattern(const std::string& text);

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_PAGES_H_
