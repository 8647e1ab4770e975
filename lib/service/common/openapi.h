// The OpenAPI 3.1 document of a table of routes.
#ifndef TICKETING_LIB_SERVICE_COMMON_OPENAPI_H_
#define TICKETING_LIB_SERVICE_COMMON_OPENAPI_H_

#include <string>
#include <vector>

#include "ticketing/service/common/api.h"

namespace ticketing {

struct OpenApiInfo {
  std::string title;
  std::string about;
};

// JSON. Every message that a route names is described under components/schemas.
std::string OpenApiDocument(const OpenApiInfo& info, const std::vector<Route>& routes);

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_COMMON_OPENAPI_H_
