// What the pages of a bastion have in common.
#ifndef TICKETING_LIB_SERVICE_BASTION_PAGE_H_
#define TICKETING_LIB_SERVICE_BASTION_PAGE_H_

#include <string>
#include <string_view>

#include "ticketing/env/http.h"

namespace ticketing {

// The beginning of a page up to its body; `refresh` has it ask again every two seconds.
std::string PageHead(std::string_view title, std::string_view language, bool refresh);

// An answer that no page of elsewhere can frame, and in which nothing runs.
HttpResponse PageResponse(std::string_view type, std::string body, int status = 200);

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_BASTION_PAGE_H_
