// Text for HTML and XML: pages, mails and drawings are put together from strings, and everything
// that came from outside passes through here on its way.
#ifndef TICKETING_BASE_HTML_H_
#define TICKETING_BASE_HTML_H_

#include <string>
#include <string_view>

namespace ticketing {

// `text` with & < > " ' as character references: safe as the content of an element and as the value
// of a quoted attribute. Not for URLs, scripts or style sheets.
std::string EscapeHtml(std::string_view text);

}  // namespace ticketing

#endif  // TICKETING_BASE_HTML_H_
