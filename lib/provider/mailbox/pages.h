// What the mailbox shows over HTTP.
#ifndef TICKETING_LIB_PROVIDER_MAILBOX_PAGES_H_
#define TICKETING_LIB_PROVIDER_MAILBOX_PAGES_H_

#include "lib/provider/mailbox/store.h"
#include "ticketing/env/http.h"

namespace ticketing::mailbox {

// Answers the paths that mailbox.h lists, and /mailbox/{id} as a page for one message.
HttpResponse AnswerPage(Store& store, const HttpRequest& request);

}  // namespace ticketing::mailbox

#endif  // TICKETING_LIB_PROVIDER_MAILBOX_PAGES_H_
