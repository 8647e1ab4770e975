// The talk with one peer: its log and those it holds come in, ours goes out. Like SyncAgent, but a
// peer is no authority: of what it says only signed entries are used.
#ifndef TICKETING_LIB_GATE_PEER_AGENT_H_
#define TICKETING_LIB_GATE_PEER_AGENT_H_

#include <cstdint>
#include <string>

#include "ticketing/gate/engine.h"
#include "ticketing/gate/link.h"

namespace ticketing::gate {

// One call at a time. `peer` is who should answer there.
class PeerAgent {
 public:
  PeerAgent(GateEngine& engine, SyncLink& link, DeviceId peer)
      : engine_(engine), link_(link), peer_(peer), cursor_name_("peer." + peer.ToString()) {}

  // Takes a batch of what came in there since the last time. Errors: those of SyncLink and the
  // engine; kUnauthenticated when somebody else answers.
  Status Pull(Duration timeout, bool& more);
  // Gives a batch of our own log; needs one Pull before, to know what the peer has.
  Status Push(Duration timeout, bool& more);

 private:
  GateEngine& engine_;
  SyncLink& link_;
  const DeviceId peer_;
  const std::string cursor_name_;  // outlives restarts, so that old entries do not come again
  uint64_t next_ = 0;              // of our own log; 0 until the peer says what it has
};

}  // namespace ticketing::gate

#endif  // TICKETING_LIB_GATE_PEER_AGENT_H_
