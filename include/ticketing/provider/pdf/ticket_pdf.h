// Printable tickets through libharu: one A5 page each, the QR symbol with its quiet zone, and gate,
// section, row and seat in large letters.
#ifndef TICKETING_PROVIDER_PDF_TICKET_PDF_H_
#define TICKETING_PROVIDER_PDF_TICKET_PDF_H_

#include <memory>
#include <string>

#include "ticketing/base/status.h"
#include "ticketing/notification/document.h"

namespace ticketing::pdf {

// Where the fonts are. Only Liberation Sans and faces like it may stand here: libharu 2.3 drops
// parts of glyphs that are composites of composites, without an error; Liberation Sans has none
// that matters, DejaVu has dozens.
struct TicketPdfOptions {
  std::string font_folder = "/usr/share/fonts/truetype/liberation";
  std::string regular_font = "LiberationSans-Regular.ttf";
  std::string bold_font = "LiberationSans-Bold.ttf";
};

// Checks that both fonts can be read and notes which characters they have. Errors: kUnavailable.
StatusOr<std::unique_ptr<notification::TicketDocument>> NewTicketPdf(
    const TicketPdfOptions& options);

}  // namespace ticketing::pdf

#endif  // TICKETING_PROVIDER_PDF_TICKET_PDF_H_
