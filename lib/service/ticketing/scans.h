// What happened at the gates, as the cloud knows it.
//
// The truth is the logs of the devices, kept by a gate engine with a database of its own: the same
// code that judges entries, merges logs and decides scans in a handheld does so here, where it
// decides for devices that reach the cloud. What staff read is made of it: one row per scan,
// brought up to date after each request and by Tick, in transactions that also move the mark of how
// far the engine's log was read.
#ifndef TICKETING_LIB_SERVICE_TICKETING_SCANS_H_
#define TICKETING_LIB_SERVICE_TICKETING_SCANS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <vector>

#include "lib/service/ticketing/catalog.h"
#include "lib/service/ticketing/context.h"
#include "lib/service/ticketing/devices.h"
#include "lib/service/ticketing/event_copies.h"
#include "ticketing/gate/engine.h"
#include "ticketing/service/common/api.h"

namespace ticketing {

// Thread-safe.
class Scans {
 public:
  Scans(const Context& context, Catalog& catalog, Devices& devices, EventCopies& copies,
        std::unique_ptr<GateEngine> engine)
      : context_(context),
        catalog_(catalog),
        devices_(devices),
        copies_(copies),
        engine_(std::move(engine)) {}

  std::vector<Route> Routes();

  GateEngine& engine() { return *engine_; }

  // Brings the rows up to date and the list of devices.
  Status Tick();

 private:
  StatusOr<HttpResponse> Upload(Call& call);
  StatusOr<HttpResponse> Decide(Call& call);
  StatusOr<HttpResponse> ListChanges(Call& call);
  StatusOr<HttpResponse> List(Call& call);
  StatusOr<HttpResponse> Annul(Call& call);

  StatusOr<DeviceId> CallerOf(const Call& call) const;
  StatusOr<std::vector<LogAck>> Take(DeviceId caller, const std::vector<std::string>& entries);
  Status HaveCopyOf(uint32_t number);
  // Gives who supervises the events that supervisors' entries are of.
  StatusOr<Supervisors> HaveCopiesFor(const std::vector<std::string>& entries);
  Status AddSupervisors(uint32_t event, Supervisors& supervisors);
  StatusOr<std::optional<uint32_t>> Spare(const std::vector<EventVersion>& held);
  std::set<uint32_t> EventsOf(const ScanRequest& request) const;
  StatusOr<ScanResponse> DecideWith(const std::set<uint32_t>& events, DeviceId caller,
                                    const ScanRequest& request, AnswerForm form);
  Status Project();

  const Context& context_;
  Catalog& catalog_;
  Devices& devices_;
  EventCopies& copies_;
  const std::unique_ptr<GateEngine> engine_;
  std::mutex projecting_;
  std::mutex copying_;
  std::shared_mutex evicting_;  // whoever decides shares it: no event goes away meanwhile
  std::atomic<uint64_t> evictions_ = 0;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_SCANS_H_
