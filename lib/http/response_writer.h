// Responses as bytes.
#ifndef TICKETING_LIB_HTTP_RESPONSE_WRITER_H_
#define TICKETING_LIB_HTTP_RESPONSE_WRITER_H_

#include <string>
#include <string_view>

#include "ticketing/base/error_code.h"
#include "ticketing/env/http.h"

namespace ticketing::http {

struct WireFormat {
  std::string_view method;  // of the request: HEAD gets no body
  bool keep_alive = true;
  bool http_1_0 = false;
};

// Appends the response to `out`. Framing is ours: Content-Length, Transfer-Encoding and Connection
// of the response are replaced (a HEAD's own Content-Length is kept), and a field that would break
// the lines is left out.
void AppendResponse(std::string& out, const HttpResponse& response, const WireFormat& format);

// A problem document with no more than the error's own row in the table.
HttpResponse ProblemOf(ErrorCode code);

}  // namespace ticketing::http

#endif  // TICKETING_LIB_HTTP_RESPONSE_WRITER_H_
