#include "ticketing/gate/peers.h"

#include <algorithm>
#include <utility>

#include "lib/gate/peer_agent.h"
#include "ticketing/gate/link.h"
#include "ticketing/sync/device_auth.h"
#include "ticketing/sync/peer_announcement.h"

namespace ticketing {
namespace {

constexpr size_t kAddressesMax = 256;

}  // namespace

struct PeerExchange::Peer {
  Peer(GateEngine& engine, std::shared_ptr<HttpClient> to, PeerAnnouncement announced)
      : said(std::move(announced)),
        client(std::move(to)),
        link(engine.env(), *client, engine.device(), engine.key()),
        agent(engine, link, said.device) {}

  const PeerAnnouncement said;
  const std::shared_ptr<HttpClient> client;
  SyncLink link;  // this and the agent are of whoever set `busy`
  gate::PeerAgent agent;

  Duration heard{};
  Duration last_try{};
  Duration next_try{};
  Duration retry{};
  bool busy = false;
  bool behind = true;  // something may have been missed: a pull is due
  bool push = false;
  bool answers = false;

  bool IsThere(Duration now) const { return now - heard <= kPeerSilence; }
};

PeerExchange::PeerExchange(GateEngine& engine, PeerConnector connect, PeerConfig config)
    : engine_(engine), connect_(std::move(connect)), config_(config) {}

PeerExchange::~PeerExchange() = default;

std::string PeerExchange::Announcement(uint32_t address, uint16_t port, std::string_view pin) {
  PeerAnnouncement announcement{engine_.device(), engine_.env().clock.Now(), address, port,
                                std::string(pin)};
  {
    // A clock that is set back must not make us silent until it has caught up.
    const std::lock_guard lock(mutex_);
    announcement.at = std::max(announcement.at, last_announced_ + Duration{1});
    last_announced_ = announcement.at;
  }
  return SealPeerAnnouncement(announcement, engine_.key());
}

bool PeerExchange::Hear(std::string_view datagram, uint32_t from) {
  const StatusOr<PeerAnnouncement> said = DecodePeerAnnouncement(datagram);
  if (!said.ok() || said->address != from || said->device == engine_.device()) return false;
  const std::optional<CopyDevice> device = engine_.FindDevice(said->device);
  if (!device || device->revoked) return false;
  const Duration off = said->at - engine_.env().clock.Now();
  if (off > kDeviceRequestSkew || off < Duration{} - kDeviceRequestSkew) return false;
  const Duration now = engine_.env().clock.Monotonic();
  {
    const std::lock_guard lock(mutex_);
    const auto last = last_said_.find(said->device);
    if (last != last_said_.end() && said->at <= last->second) return false;
    if (!MayCheck(from, now)) return false;
  }
  if (!IsPeerAnnouncementGenuine(datagram, device->public_key)) return false;
  const std::lock_guard lock(mutex_);
  Timestamp& last = last_said_[said->device];
  if (said->at <= last) return false;  // another thread took the same one
  last = said->at;
  return Enter(*said, now);
}

// A signature costs a hundred times what the rest of an announcement does.
bool PeerExchange::MayCheck(uint32_t from, Duration now) {
  if (now - second_began_ >= Duration::Seconds(1)) {
    second_began_ = now;
    checks_ = 0;
  }
  if (checks_ >= kPeerChecksPerSecond) return false;
  const auto last = last_checked_.find(from);
  if (last != last_checked_.end() && now - last->second < kPeerCheckInterval) return false;
  if (last == last_checked_.end() && last_checked_.size() >= kAddressesMax) {
    std::erase_if(last_checked_,
                  [&](const auto& entry) { return now - entry.second >= kPeerCheckInterval; });
    if (last_checked_.size() >= kAddressesMax) return false;
  }
  last_checked_[from] = now;
  ++checks_;
  return true;
}

bool PeerExchange::Enter(const PeerAnnouncement& said, Duration now) {
  const auto known = std::ranges::find_if(
      peers_, [&](const auto& peer) { return peer->said.device == said.device; });
  if (known != peers_.end()) {
    Peer& peer = **known;
    if (peer.said.address == said.address && peer.said.port == said.port &&
        peer.said.pin == said.pin) {
      if (!peer.IsThere(now)) {
        peer.behind = true;
        peer.next_try = {};
      }
      peer.heard = now;
      return true;
    }
    peers_.erase(known);  // it moved; an exchange that runs ends with the old one
  }
  std::erase_if(peers_, [&](const auto& peer) { return now - peer->heard > kPeerForgotten; });
  if (peers_.size() >= kPeersMax) return false;
  StatusOr<std::shared_ptr<HttpClient>> client = connect_(said);
  if (!client.ok()) return false;
  auto peer = std::make_shared<Peer>(engine_, *std::move(client), said);
  peer->heard = now;
  peers_.push_back(std::move(peer));
  return true;
}

void PeerExchange::SetAlone(bool alone) {
  const std::lock_guard lock(mutex_);
  if (alone && !alone_) {
    // What was decided meanwhile was told to nobody here.
    for (const auto& peer : peers_) {
      peer->behind = true;
      peer->answers = false;
    }
  }
  alone_ = alone;
}

void PeerExchange::Decided() {
  const std::lock_guard lock(mutex_);
  for (const auto& peer : peers_) peer->push = true;
}

// Whoever is behind or waits for an entry, and once an interval anybody; of those the one that was
// not spoken to for longest, so that a peer without end in its log holds up nobody.
std::shared_ptr<PeerExchange::Peer> PeerExchange::NextPeer(Duration now, bool& pull) {
  std::shared_ptr<Peer> best;
  const auto eager = [](const Peer& peer) { return peer.behind || peer.push; };
  for (const auto& peer : peers_) {
    if (peer->busy || now < peer->next_try || !peer->IsThere(now)) continue;
    if (!eager(*peer) && now < next_pull_) continue;
    if (best == nullptr || eager(*peer) > eager(*best) ||
        (eager(*peer) == eager(*best) && peer->last_try < best->last_try)) {
      best = peer;
    }
  }
  if (best == nullptr) return nullptr;
  if (!eager(*best)) next_pull_ = now + config_.pull_interval;
  pull = best->behind || !best->push;
  best->busy = true;
  best->behind = false;
  best->push = false;
  best->last_try = now;
  return best;
}

bool PeerExchange::Step() {
  std::shared_ptr<Peer> peer;
  bool pull = false;
  {
    const std::lock_guard lock(mutex_);
    if (!alone_) return false;
    peer = NextPeer(engine_.env().clock.Monotonic(), pull);
  }
  if (peer == nullptr) return false;
  const std::optional<CopyDevice> device = engine_.FindDevice(peer->said.device);
  if (!device || device->revoked) {
    const std::lock_guard lock(mutex_);
    std::erase(peers_, peer);  // staff shut it out after it was heard
    return true;
  }
  bool more = false;
  Status status = OkStatus();
  if (pull) status = peer->agent.Pull(config_.timeout, more);
  bool more_up = false;
  if (status.ok()) status = peer->agent.Push(config_.timeout, more_up);
  const std::lock_guard lock(mutex_);
  if (more_up) peer->push = true;
  Finish(*peer, pull, more, status);
  return true;
}

void PeerExchange::Finish(Peer& peer, bool pulled, bool more, const Status& status) {
  const Duration now = engine_.env().clock.Monotonic();
  peer.busy = false;
  peer.answers = status.ok();
  if (status.ok()) {
    peer.retry = {};
    if (pulled && more) peer.behind = true;
    return;
  }
  peer.behind = true;
  peer.retry =
      peer.retry.micros == 0 ? config_.retry_min : std::min(peer.retry * 2, config_.retry_max);
  peer.next_try = now + peer.retry;
}

size_t PeerExchange::hearing() const {
  const std::lock_guard lock(mutex_);
  if (!alone_) return 0;
  const Duration now = engine_.env().clock.Monotonic();
  return static_cast<size_t>(std::ranges::count_if(
      peers_, [&](const auto& peer) { return peer->answers && peer->IsThere(now); }));
}

size_t PeerExchange::known() const {
  const std::lock_guard lock(mutex_);
  return peers_.size();
}

}  // namespace ticketing
