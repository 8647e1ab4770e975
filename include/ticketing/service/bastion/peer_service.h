// What a handheld answers to other handhelds of its venue while nobody else does: the logs that it
// holds, and a place to put theirs. The same routes as a bastion's, and the same proofs:
//
//   POST /v1/gate/log-entries   entries of any devices, acknowledged one by one
//   GET  /v1/gate/changes       what came in since a cursor
//
// Only devices that this one knows, from event copies or its bastion, and that are not shut out are
// answered, each request once. It decides nothing and enrols nobody.
#ifndef TICKETING_SERVICE_BASTION_PEER_SERVICE_H_
#define TICKETING_SERVICE_BASTION_PEER_SERVICE_H_

#include <memory>

#include "ticketing/env/env.h"
#include "ticketing/env/http.h"
#include "ticketing/gate/engine.h"

namespace ticketing {

// The engine must outlive it. api() answers many requests at once; there is no thread of its own.
class PeerService {
 public:
  PeerService(const Env& env, GateEngine& engine);
  ~PeerService();
  PeerService(const PeerService&) = delete;
  PeerService& operator=(const PeerService&) = delete;

  HttpHandler& api();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace ticketing

#endif  // TICKETING_SERVICE_BASTION_PEER_SERVICE_H_
