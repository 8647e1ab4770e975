// The port that turns tickets into pages to print. Text in, bytes of a document out.
#ifndef TICKETING_NOTIFICATION_DOCUMENT_H_
#define TICKETING_NOTIFICATION_DOCUMENT_H_

#include <string>
#include <vector>

#include "ticketing/base/money.h"
#include "ticketing/base/status.h"
#include "ticketing/notification/language.h"

namespace ticketing::notification {

// What stands on the page, already in the reader's language. All texts are UTF-8. For standing
// areas `row` and `seat` are empty. The code text is what the QR symbol holds; it is a secret of
// the holder.
struct TicketPage {
  std::string event_name;
  std::string venue_name;
  std::string date_text;  // local date and hour of the event
  std::string gate;
  std::string section;
  std::string row;
  std::string seat;
  std::string category;
  std::string holder_name;
  std::string order_id;
  std::string ticket_id;
  Money price;
  std::string code_text;
  Language language = Language::kSpanish;
};

class TicketDocument {
 public:
  virtual ~TicketDocument() = default;

  // The tickets as one PDF, a page for each, in their order; at least one. The same pages give the
  // same bytes. Safe from any thread. Characters that the fonts do not have are shown as '?': a
  // name in another script must not keep anybody from getting a ticket. Errors: kInvalidField for
  // text that is not UTF-8 or too long, or a code too long for the symbol; kUnavailable when the
  // fonts cannot be read.
  virtual StatusOr<std::string> RenderPages(const std::vector<TicketPage>& pages) = 0;

  // One ticket by itself.
  StatusOr<std::string> RenderPdf(const TicketPage& page) { return RenderPages({page}); }
};

}  // namespace ticketing::notification

#endif  // TICKETING_NOTIFICATION_DOCUMENT_H_
