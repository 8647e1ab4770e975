// What devices ask a bastion, and the proof that they are who they say.
#ifndef TICKETING_LIB_SERVICE_BASTION_GATE_ROUTES_H_
#define TICKETING_LIB_SERVICE_BASTION_GATE_ROUTES_H_

#include <functional>
#include <mutex>
#include <vector>

#include "lib/service/bastion/pairing.h"
#include "ticketing/gate/engine.h"
#include "ticketing/service/common/api.h"
#include "ticketing/sync/device_auth.h"
#include "ticketing/wire/sync_codec.h"

namespace ticketing {

// Thread-safe. What it refers to must outlive it.
class GateRoutes {
 public:
  // `enrolled` is told of each new handheld, before it is answered.
  using Enrolled = std::function<Status(const CopyDevice&)>;

  GateRoutes(GateEngine& engine, BastionPairing& pairing, Enrolled enrolled)
      : engine_(engine), pairing_(&pairing), enrolled_(std::move(enrolled)) {}
  // For a place where nobody enrols: LogRoutes only.
  explicit GateRoutes(GateEngine& engine) : engine_(engine) {}

  std::vector<Route> Routes();
  // The part of them that carries logs.
  std::vector<Route> LogRoutes();

 private:
  StatusOr<DeviceId> CallerOf(const Call& call);
  StatusOr<HttpResponse> Enrol(Call& call);
  StatusOr<HttpResponse> Decide(Call& call);
  StatusOr<HttpResponse> Upload(Call& call);
  StatusOr<HttpResponse> ListChanges(Call& call);
  StatusOr<HttpResponse> ShowCopy(Call& call);

  GateEngine& engine_;
  BastionPairing* const pairing_ = nullptr;
  const Enrolled enrolled_;
  std::mutex mutex_;
  NonceWindow nonces_;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_BASTION_GATE_ROUTES_H_
