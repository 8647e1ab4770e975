// From a request for a message to the bytes of a mail.
#ifndef TICKETING_LIB_SERVICE_NOTIFICATIONS_COMPOSE_H_
#define TICKETING_LIB_SERVICE_NOTIFICATIONS_COMPOSE_H_

#include <string>

#include "ticketing/base/id.h"
#include "ticketing/base/status.h"
#include "ticketing/notification/document.h"
#include "ticketing/notification/mail_sender.h"
#include "ticketing/service/notifications/notifications_service.h"

namespace ticketing::v1 {
class CreateMessageRequest;
class TicketPage;
}  // namespace ticketing::v1

namespace ticketing {

struct ComposedMail {
  notification::Envelope envelope;
  std::string bytes;
};

// Renders the texts and a PDF for each ticket. The same message gives the same bytes at every
// attempt. Errors: kInvalidField for what can never be sent, kUnavailable when a document could not
// be made this time.
StatusOr<ComposedMail> ComposeMail(const v1::CreateMessageRequest& request, MessageId id,
                                   Timestamp created_at, const NotificationsOptions& options,
                                   notification::TicketDocument& documents);

// What is printed of a ticket. Errors: kInvalidField for a malformed price.
StatusOr<notification::TicketPage> PageOf(const v1::TicketPage& ticket,
                                          notification::Language language);

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_NOTIFICATIONS_COMPOSE_H_
