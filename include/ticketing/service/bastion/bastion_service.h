// The bastion: the venue's own server. It decides scans for the handhelds on the LAN, keeps copies
// of their logs, hands them event copies and each other's scans, and keeps all of it in step with
// the cloud when there is one. It is the one writer of its venue: of N concurrent scans of a ticket
// exactly one is admitted.
//
//   POST /v1/gate/enrolments            a handheld joins with the pairing code
//   POST /v1/gate/scans                 decide a scan
//   POST /v1/gate/log-entries           entries of any devices, acknowledged one by one
//   GET  /v1/gate/changes               what came in since a cursor
//   GET  /v1/gate/event-copies/{number} an event copy or a delta
//   GET  /v1/status                     for staff: events, devices, how far each log is here and in
//   the cloud GET  /                              the same as a page
//
// Requests of devices are signed with their keys (sync/device_auth.h). A bastion that starts with
// nothing accepts every device that the cloud knows; losing a bastion loses no scan, because
// handhelds keep what the cloud has not acknowledged.
//
// Threads: api() answers many requests at once. Tick may run beside them, one at a time. There is
// no thread of its own.
#ifndef TICKETING_SERVICE_BASTION_BASTION_SERVICE_H_
#define TICKETING_SERVICE_BASTION_BASTION_SERVICE_H_

#include <memory>
#include <string>

#include "ticketing/base/id.h"
#include "ticketing/base/limits.h"
#include "ticketing/base/status.h"
#include "ticketing/crypto/signature.h"
#include "ticketing/env/database.h"
#include "ticketing/env/env.h"
#include "ticketing/env/http.h"

namespace ticketing {

struct BastionOptions {
  std::string name = "Bastion";
  Duration sync_interval = Duration::Millis(500);
  Duration sync_interval_max = Duration::Seconds(5);  // while the cloud is out of reach
  Duration pairing_life = limits::kPairingCodeLife;
  int pairing_attempts_max = 20;  // wrong codes, then the code is replaced
};

struct BastionPorts {
  Env env;
  DatabaseFactory& databases;
  DeviceId device;
  const std::string& key_seed;  // 32 bytes; copied
  HttpClient* cloud;            // carries the bastion's session; null: there is none
};

class BastionService {
 public:
  // Opens or makes the databases. Errors: kConflict when they belong to another device, and those
  // of the database.
  static StatusOr<std::unique_ptr<BastionService>> Open(const BastionPorts& ports,
                                                        BastionOptions options = {});

  // No request may be running, and none may come after.
  ~BastionService();
  BastionService(const BastionService&) = delete;
  BastionService& operator=(const BastionService&) = delete;

  HttpHandler& api();

  // Syncs with the cloud when it is time, and tells it of newly enrolled handhelds. It may wait for
  // the cloud. Errors are those of the way or the database; it goes on at the next call.
  Status Tick();
  // One whole round now. Errors likewise.
  Status SyncNow();

  // The code that handhelds enrol with now, for the console. It changes when its life ends or when
  // somebody guesses.
  std::string PairingCode();

  // How many tickets of how many events are here.
  struct Holdings {
    size_t events = 0;
    size_t tickets = 0;
  };
  StatusOr<Holdings> Held();

 private:
  struct Parts;
  explicit BastionService(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace ticketing

#endif  // TICKETING_SERVICE_BASTION_BASTION_SERVICE_H_
