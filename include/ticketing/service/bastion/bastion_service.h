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
//   GET  /v1/gate/news                  waits until there is something to pull
//   POST /v1/gate/ticket-searches       a supervisor looks for a name; the cloud is asked
//   POST /v1/gate/venue-reports         another bastion of the venue says where it answers
//   GET  /v1/status                     scans by gate, people by zone, devices, logs, conflicts
//   GET  /                              the same as a page
//   GET  /console                       staff, with the PIN: pair, shut out, put a spare in charge
//
// Requests of devices are signed with their keys (sync/device_auth.h). A bastion that starts with
// nothing accepts every device that the cloud knows; losing a bastion loses no scan, because
// handhelds keep what the cloud has not acknowledged.
//
// Two bastions. A spare follows the first one: it pulls all that the first holds (event copies,
// devices, logs) and passes every request of a device on to it, so that there is one writer however
// many bastions are asked. When the first does not answer (RouteHealth of gate/mode.h: twice in a
// row), the spare decides by itself; when the first has answered steadily again, it decides, after
// the spare has given it its own log. Staff can put the spare in the first one's place for good.
// Nobody can know whether a bastion that is out of reach goes on deciding: while the two cannot
// hear each other both may admit the same ticket, and each such pair becomes a conflict when they
// meet.
//
// When it does not decide. On a full disk every write is refused whole, so nothing is lost; from
// the first refusal on it decides no scan, says so, and decides again by itself when there is room.
// Data that was copied from elsewhere (BastionPorts::place) may lack the end of this bastion's own
// log; it decides when the cloud and the venue's other bastions have given back what they have of
// it, or when staff says at the console that nobody has more. Meanwhile handhelds decide by
// themselves, and a spare in the place of this one (gate/own_log.h).
//
// Threads: api() answers many requests at once. Tick may run beside them, one at a time. There is
// no thread of its own.
#ifndef TICKETING_SERVICE_BASTION_BASTION_SERVICE_H_
#define TICKETING_SERVICE_BASTION_BASTION_SERVICE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "ticketing/base/id.h"
#include "ticketing/base/limits.h"
#include "ticketing/base/status.h"
#include "ticketing/crypto/signature.h"
#include "ticketing/env/database.h"
#include "ticketing/env/env.h"
#include "ticketing/env/http.h"

namespace ticketing {

class GateEngine;

struct BastionOptions {
  std::string name = "Bastion";
  Duration sync_interval = Duration::Millis(500);
  Duration sync_interval_max = Duration::Seconds(5);  // while the cloud is out of reach
  Duration pairing_life = limits::kPairingCodeLife;
  int pairing_attempts_max = 20;  // wrong codes of an address, then it waits for a minute
  std::string staff_pin;          // opens the console; empty: nothing does
  // Less room than this on the disk is told on the status page, in the log and in the metrics.
  uint64_t disk_warning_bytes = 500 << 20;
  bool restored = false;          // staff says that the data is an old copy
  size_t news_waiters_max = 128;  // devices that wait for news; one more is answered at once
};

struct BastionPorts {
  Env env;
  DatabaseFactory& databases;
  DeviceId device;
  const std::string& key_seed;  // 32 bytes; copied
  HttpClient* cloud;            // carries the bastion's session; null: there is none
  HttpClient* first = nullptr;  // the bastion that this one follows, if it is a spare
  // What the console shows to whoever pairs a handheld, as HTML; may be empty.
  std::function<StatusOr<std::string>()> pairing_symbol = nullptr;
  // Room on the disk of the databases, in bytes; may be null, or give nothing.
  std::function<std::optional<uint64_t>()> free_bytes = nullptr;
  // Tells the place of the data from that of any copy of it, the same at each start; null or empty:
  // nobody can tell.
  std::function<std::string()> place = nullptr;
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

  // Looks after the disk and the own log. It may wait for the disk: call it every 250 ms or so,
  // beside all else. Errors: the database's; it goes on at the next call.
  Status Watch();

  // Lets devices go that wait for news, when there is some or their time is over. Call it every 50
  // ms; it never waits itself.
  void Pulse();
  // A spare's round with the first bastion; nothing to do for others. It may wait for the network:
  // call it every 250 ms or so, on a thread of its own. Errors as of Tick.
  Status FollowTick();
  // Lets all devices go that wait, before the server stops.
  void StopWaiting();

  // Where handhelds reach this bastion and which TLS key they find there; told to them and to the
  // first bastion. Errors: the database's.
  Status SetAddress(const std::string& url, const std::string& pin);

  // Shuts a handheld out, here at once and in the cloud as soon as it is in reach. Errors:
  // kNotFound for a device that is not known here, kConflict for a bastion, and the database's.
  Status RevokeDevice(DeviceId device);

  // For what is done with all that a bastion holds (gate/gate_transfer.h).
  GateEngine& engine();

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
