// What the parts of the ticketing service share.
#ifndef TICKETING_LIB_SERVICE_TICKETING_CONTEXT_H_
#define TICKETING_LIB_SERVICE_TICKETING_CONTEXT_H_

#include "ticketing/env/database.h"
#include "ticketing/service/ticketing/ticketing_service.h"

namespace ticketing {

struct Context {
  Env env;
  Database& database;
  HttpClient& payments;
  HttpClient& notifications;
  HttpClient& identity;
  ServiceToken& token;
  TicketingOptions options;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_CONTEXT_H_
