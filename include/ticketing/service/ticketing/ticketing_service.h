// The ticketing domain API: venues, charts, events, availability, holds, orders, tickets, and the
// gates' side of it: event copies, device logs and scans.
//
// Sales of one event go through its lane (one writer, batches in one transaction that compares and
// swaps the lane's version), so no seat is ever sold twice, whatever crashes and however many
// processes serve the same database. Payments and messages go to their own services: each step is
// stored before it is asked for, with the key it is asked with, so a process that ends anywhere
// goes on where it was.
//
//   pending order -> the attempt is stored as started -> payments is asked -> its answer is stored:
//     approved   the seats are booked, tickets issued and the mail queued, in one transaction
//     declined   the order is pending again and keeps its seats
//     no answer  the order stays `paying`; Tick asks again with the same key until it knows
//
// Threads: api() answers many requests at once. Tick may run beside them, one at a time. There is
// no thread of its own.
#ifndef TICKETING_SERVICE_TICKETING_TICKETING_SERVICE_H_
#define TICKETING_SERVICE_TICKETING_TICKETING_SERVICE_H_

#include <memory>
#include <string>

#include "ticketing/base/limits.h"
#include "ticketing/base/status.h"
#include "ticketing/env/database.h"
#include "ticketing/env/env.h"
#include "ticketing/env/http.h"
#include "ticketing/service/common/service_client.h"
#include "ticketing/service/common/token_verifier.h"

namespace ticketing {

struct TicketingOptions {
  std::string database = "ticketing";  // its name at the factory
  Duration hold = limits::kHoldDefault;
  // What a payment that runs is given at least: the hold is extended so that it cannot run out
  // while the gateway thinks, up to limits::kHoldMax after it was made.
  Duration payment_time = Duration::Minutes(5);
  // How long the other services may take to answer.
  Duration payment_timeout = Duration::Seconds(20);
  Duration call_timeout = Duration::Seconds(10);
};

// What the service is made of. Everything must outlive it.
struct TicketingPorts {
  Env env;
  DatabaseFactory& databases;
  TokenVerifier& verifier;
  HttpClient& payments;
  HttpClient& notifications;
  HttpClient& identity;  // for the list of devices and for what an account says of its owner
  ServiceToken& token;
};

class TicketingService {
 public:
  // Opens or makes the database, and the key that signs tickets if there is none yet. Errors: those
  // of the database.
  static StatusOr<std::unique_ptr<TicketingService>> Open(TicketingPorts ports,
                                                          TicketingOptions options = {});

  // No request may be running, and none may come after.
  ~TicketingService();
  TicketingService(const TicketingService&) = delete;
  TicketingService& operator=(const TicketingService&) = delete;

  HttpHandler& api();

  // What time brings: lets expired holds and orders go, asks payments again about orders that are
  // in between, delivers messages, forgets old idempotency keys. Called every 100 to 250 ms. It may
  // wait for the other services. Errors are those of the database; it goes on at the next call.
  Status Tick();

 private:
  struct Parts;
  explicit TicketingService(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace ticketing

#endif  // TICKETING_SERVICE_TICKETING_TICKETING_SERVICE_H_
