// What devices ask a bastion, and the proof that they are who they say.
#ifndef TICKETING_LIB_SERVICE_BASTION_GATE_ROUTES_H_
#define TICKETING_LIB_SERVICE_BASTION_GATE_ROUTES_H_

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "lib/service/bastion/follower.h"
#include "lib/service/bastion/news.h"
#include "lib/service/bastion/own_past.h"
#include "lib/service/bastion/pairing.h"
#include "lib/service/bastion/venue_store.h"
#include "ticketing/gate/engine.h"
#include "ticketing/service/common/api.h"
#include "ticketing/sync/device_auth.h"
#include "ticketing/wire/sync_codec.h"

namespace ticketing {

// When a device was last heard of here, and its battery when it says.
struct DevicePresence {
  Timestamp at;
  int battery = -1;  // percent; -1: it does not say
  bool disk_low = false;
};

// Thread-safe. What it refers to must outlive it.
class GateRoutes {
 public:
  // `enrolled` is told of each new handheld, before it is answered.
  using Enrolled = std::function<Status(const CopyDevice&)>;

  // What a bastion has beside its engine. `follower` may be null: this bastion is the first.
  struct Venue {
    BastionPairing& pairing;
    News& news;
    VenueStore& store;
    Follower* follower;
    OwnPast& past;
    // Why nothing is decided here now; null when it is.
    std::function<const char*()> silent;
    HttpClient* cloud = nullptr;  // null: there is none
  };

  GateRoutes(GateEngine& engine, const Venue& venue, Enrolled enrolled)
      : engine_(engine), venue_(venue), enrolled_(std::move(enrolled)) {}
  // For a place where nobody enrols: LogRoutes only.
  explicit GateRoutes(GateEngine& engine) : engine_(engine) {}

  std::vector<Route> Routes();
  // The part of them that carries logs.
  std::vector<Route> LogRoutes();
  std::map<DeviceId, DevicePresence> Presence() const;

 private:
  using Answer = StatusOr<HttpResponse> (GateRoutes::*)(Call&);
  Route PassedOn(Route route, Answer answer, Duration patience);
  void Announce();
  // Whose request it is, proven by the signature alone; CallerOf also takes it once only.
  Status CheckFresh(const DeviceCredential& signer) const;
  StatusOr<DeviceCredential> SignerOf(const Call& call) const;
  const char* Silent() const;
  void SayWhetherDeciding(HttpResponse& response);
  StatusOr<DeviceId> CallerOf(const Call& call);
  StatusOr<HttpResponse> Enrol(Call& call);
  StatusOr<HttpResponse> Decide(Call& call);
  StatusOr<HttpResponse> Upload(Call& call);
  StatusOr<HttpResponse> ListChanges(Call& call);
  StatusOr<HttpResponse> ShowCopy(Call& call);
  StatusOr<HttpResponse> TellNews(Call& call);
  StatusOr<HttpResponse> TakeReport(Call& call);
  StatusOr<HttpResponse> Search(Call& call);

  GateEngine& engine_;
  const std::optional<Venue> venue_;
  const Enrolled enrolled_;
  mutable std::mutex mutex_;
  NonceWindow nonces_;
  std::map<DeviceId, DevicePresence> presence_;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_BASTION_GATE_ROUTES_H_
