// The API of seats.io over this library's own seat engine: programs written for that service, with
// its published client libraries, sell through it unchanged. Shapes and rules are that API's; what
// is kept, checked and promised is this project's.
//
// Every change of a seat goes through the event lane of its event, or of its top-level season with
// all the events in it. Channels, what is for sale, holds, capacities and double bookings are
// refused there, in the transaction that writes the sale, and never looked up beforehand. A call
// over several events happens whole or not at all. Nothing is kept in memory only.
//
// Who calls: HTTP Basic with a secret key as the user name. The key of a workspace acts in that
// workspace; the key of the company acts in its default workspace, or in the one that the header
// X-Workspace-Key names, and administers.
//
// Threads: api() answers many requests at once. Tick may run beside them, one at a time. There is
// no thread of its own.
#ifndef TICKETING_SERVICE_SEATSIO_SEATSIO_SERVICE_H_
#define TICKETING_SERVICE_SEATSIO_SEATSIO_SERVICE_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "ticketing/base/status.h"
#include "ticketing/env/database.h"
#include "ticketing/env/env.h"
#include "ticketing/env/http.h"

namespace ticketing {

struct SeatsioOptions {
  std::string database = "seatsio";  // its name at the factory

  // Adds the routes that the official test suites set themselves up with:
  // POST /system/private/create-test-company, which needs `system_secret` as the user name, and
  // POST /system/public/charts/{key}, which takes a drawing as that service's designer stores it.
  bool test_mode = false;
  std::string system_secret = "superSecretSystemApi";

  // How many events (seasons with all theirs count as one) and how many charts stay in memory.
  // Others are read again when they are asked for; who sells more at once pays with time, not with
  // mistakes. An event of 25,000 seats takes about half a megabyte, its chart two.
  size_t lanes_max = 256;
  size_t charts_max = 128;

  // Where this API is reached from outside, for the addresses of thumbnails; no slash at the end.
  std::string public_url = "http://127.0.0.1";
};

// What the first start of a database made.
struct SeatsioKeys {
  std::string company_secret_key;
  std::string workspace_key;  // public
  std::string workspace_secret_key;
};

class SeatsioService {
 public:
  // Opens or makes the database. Without test mode the first start makes a company with one
  // workspace. `env` and `databases` must outlive it. Errors: those of the database.
  static StatusOr<std::unique_ptr<SeatsioService>> Open(Env env, DatabaseFactory& databases,
                                                        SeatsioOptions options = {});

  // No request may be running, and none may come after.
  ~SeatsioService();
  SeatsioService(const SeatsioService&) = delete;
  SeatsioService& operator=(const SeatsioService&) = delete;

  HttpHandler& api();

  // The keys of the first company until KeysDelivered has been called: whoever runs the service
  // stores them where its owner finds them. A crash in between only makes them appear again.
  StatusOr<std::optional<SeatsioKeys>> UndeliveredKeys();
  Status KeysDelivered();

  // What time brings: frees what expired holds had, forgets tokens long gone. Called every 100 to
  // 250 ms. Errors are those of the database; it goes on at the next call.
  Status Tick();

  // What is in memory of events and charts (SeatsioOptions).
  struct Loaded {
    size_t lanes = 0;
    size_t charts = 0;
  };
  Loaded InMemory() const;

 private:
  struct Parts;
  explicit SeatsioService(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace ticketing

#endif  // TICKETING_SERVICE_SEATSIO_SEATSIO_SERVICE_H_
