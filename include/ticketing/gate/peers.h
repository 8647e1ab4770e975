// Handhelds that hear each other while nobody else answers. Each takes the others' logs and gives
// them its own, so that a ticket that went in at one gate is refused at the next; entries travel on
// from hand to hand, so it is enough that every two of them are joined by somebody.
//
// Who is there comes from announcements (sync/peer_announcement.h), which the program carries. What
// is exchanged goes over the routes of a bastion's logs (kLogPath, kChangesPath), signed like every
// request of a device, over TLS to the key that was announced. A peer is believed less than a
// bastion: only entries are taken from it, each by its own signature and only of devices that are
// not shut out. Devices, event copies and what the cloud has are never learned from peers.
//
// When a peer is heard for the first time, or again, both sides' logs are fetched at once; after
// that a decision is sent to every peer as it is made, and one peer after the other is asked for
// what was missed. Each call to a peer is bounded in time; one that fails is left alone for a
// while, longer each time.
//
// Hostile input: announcements of strangers and of devices that are shut out, forged ones, repeated
// ones and those from another address change nothing. Signatures are checked for known devices
// only, and only so many in a second, from one address fewer still; the table is bounded.
#ifndef TICKETING_GATE_PEERS_H_
#define TICKETING_GATE_PEERS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/id.h"
#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/env/http.h"
#include "ticketing/gate/engine.h"
#include "ticketing/sync/peer_announcement.h"

namespace ticketing {

inline constexpr size_t kPeersMax = 64;
inline constexpr Duration kPeerAnnounceInterval = Duration::Seconds(1);
// A peer that was not heard for so long is not there; the announcements between may have been lost.
inline constexpr Duration kPeerSilence = Duration::Millis(3500);
inline constexpr Duration kPeerForgotten = Duration::Minutes(2);
inline constexpr int kPeerChecksPerSecond = 200;  // signatures of announcements, altogether
inline constexpr Duration kPeerCheckInterval = Duration::Millis(100);  // from one address

struct PeerConfig {
  Duration timeout = Duration::Millis(1500);  // of one request, its connection included
  Duration pull_interval = Duration::Seconds(1);
  Duration retry_min = Duration::Millis(500);
  Duration retry_max = Duration::Seconds(8);
};

// A client for who has announced this: it speaks to the key of the pin only. It may not wait.
using PeerConnector =
    std::function<StatusOr<std::shared_ptr<HttpClient>>(const PeerAnnouncement& peer)>;

// Thread-safe; the engine must outlive it. It has no thread: Step from as many as peers shall be
// served at a time. Nothing but Step waits for a peer.
class PeerExchange {
 public:
  PeerExchange(GateEngine& engine, PeerConnector connect, PeerConfig config = {});
  ~PeerExchange();
  PeerExchange(const PeerExchange&) = delete;
  PeerExchange& operator=(const PeerExchange&) = delete;

  // What to tell everybody on the network where this device has `address`.
  std::string Announcement(uint32_t address, uint16_t port, std::string_view pin);
  // Takes a datagram that came from `from`. Whether it was believed and new.
  bool Hear(std::string_view datagram, uint32_t from);

  // Whether this device decides alone. Peers are asked and told only while it does; those who are
  // alone ask and tell us.
  void SetAlone(bool alone);
  // There is a new entry in our log. Returns at once.
  void Decided();

  // One exchange with a peer whose turn it is; false when it is nobody's. Waits for the peer, no
  // longer than PeerConfig::timeout for each of at most two requests.
  bool Step();

  // Peers that are there and answered the last time; 0 while this device is not alone.
  size_t hearing() const;
  // All in the table.
  size_t known() const;

 private:
  struct Peer;
  std::shared_ptr<Peer> NextPeer(Duration now, bool& pull);
  bool MayCheck(uint32_t from, Duration now);
  bool Enter(const PeerAnnouncement& said, Duration now);
  void Finish(Peer& peer, bool pulled, bool more, const Status& status);

  GateEngine& engine_;
  const PeerConnector connect_;
  const PeerConfig config_;

  mutable std::mutex mutex_;  // guards what follows and the state of every peer
  std::vector<std::shared_ptr<Peer>> peers_;
  std::map<DeviceId, Timestamp> last_said_;    // of devices we know: bounded by their number
  std::map<uint32_t, Duration> last_checked_;  // by address; bounded
  Duration second_began_{};
  int checks_ = 0;  // since then
  Duration next_pull_{};
  Timestamp last_announced_{};
  bool alone_ = false;
};

}  // namespace ticketing

#endif  // TICKETING_GATE_PEERS_H_
