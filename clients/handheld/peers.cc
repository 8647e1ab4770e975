#include "clients/handheld/peers.h"

#include <sstream>
#include <vector>

#include "clients/common/tls_files.h"
#include "ticketing/base/bytes.h"
#include "ticketing/gate/peers.h"
#include "ticketing/http/http_client.h"
#include "ticketing/http/http_server.h"
#include "ticketing/service/bastion/peer_service.h"
#include "ticketing/system/multicast.h"
#include "ticketing/system/program.h"

namespace ticketing {
namespace {

// A few at a time, so that one who does not answer holds up nobody else.
constexpr int kTalkers = 3;
constexpr Duration kTalkInterval = Duration::Millis(20);
constexpr Duration kListenWait = Duration::Millis(200);
constexpr int kHeardAtOnceMax = 500;
constexpr size_t kBodyBytesMax = 256 << 10;  // a full batch of entries is 90 KB

StatusOr<std::shared_ptr<HttpClient>> ConnectTo(const PeerAnnouncement& peer) {
  HttpClientOptions options;
  options.base_url = "https://" + HostPort{FormatPeerAddress(peer.address), peer.port}.ToString();
  options.pinned_keys = {HexEncode(peer.pin)};
  options.connect_timeout = PeerConfig().timeout;
  options.idle_connections_max = 1;
  options.response_bytes_max = 1 << 20;
  TICKETING_ASSIGN_OR_RETURN(std::shared_ptr<SocketHttpClient> client,
                             SocketHttpClient::Create(options));
  return std::shared_ptr<HttpClient>(std::move(client));
}

StatusOr<std::vector<HostPort>> ReadList(const std::string& text) {
  std::vector<HostPort> listed;
  std::istringstream list(text);
  for (std::string one; std::getline(list, one, ',');) {
    const std::optional<HostPort> at = HostPort::Parse(one);
    if (!at || at->port == 0 || listed.size() == kPeersMax) {
      return InvalidField("--peer", "is not ADDRESS:PORT,ADDRESS:PORT of at most 64 handhelds");
    }
    listed.push_back(*at);
  }
  return listed;
}

HttpServerOptions ServerOptions(const HostPort& listen, const TlsFile& tls) {
  HttpServerOptions options;
  options.host = listen.host;
  options.port = listen.port;
  options.tls_certificate = tls.path;
  options.tls_key = tls.path;
  options.threads = 4;
  // A handshake costs more than an entry: connections are kept, and there is room for more than
  // peers need, so that idle strangers do not fill it at once.
  options.connections_max = 8 * kPeersMax;
  options.body_bytes_max = kBodyBytesMax;
  options.buffered_bytes_max = 8 << 20;
  options.idle_timeout = Duration::Minutes(2);
  options.head_timeout = Duration::Seconds(3);
  options.body_timeout = Duration::Seconds(5);
  options.write_timeout = Duration::Seconds(5);
  options.drain_timeout = Duration::Seconds(1);
  return options;
}

}  // namespace

struct Peers::Parts {
  Parts(GateEngine& engine, const PeerOptions& options, const TlsFile& tls)
      : clock(engine.env().clock),
        pin(HexDecode(tls.pin).value_or("")),
        service(engine.env(), engine),
        server(ServerOptions(options.listen, tls)),
        exchange(engine, ConnectTo) {}

  void Listen() {
    if (const Duration now = clock.Monotonic(); now >= next_announcement) {
      next_announcement = now + kPeerAnnounceInterval;
      const auto say = [this](uint32_t own) {
        return exchange.Announcement(own, server.port(), pin);
      };
      (void)socket->Send(say);
      for (const HostPort& one : listed) (void)socket->SendTo(one.host, one.port, say);
    }
    for (int i = 0; i < kHeardAtOnceMax; ++i) {
      const std::optional<Datagram> heard = socket->Receive(i == 0 ? kListenWait : Duration{});
      if (!heard) return;
      (void)exchange.Hear(heard->bytes, heard->from);
    }
  }

  Clock& clock;
  const std::string pin;
  std::function<bool()> alone;
  std::vector<HostPort> listed;
  PeerService service;
  HttpServer server;
  PeerExchange exchange;
  std::unique_ptr<MulticastSocket> socket;  // null: this network has no announcements
  Duration next_announcement{};
  std::vector<std::unique_ptr<Ticker>> threads;
};

Peers::Peers(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Peers::~Peers() {
  parts_->threads.clear();
  parts_->server.Stop();
}

StatusOr<std::unique_ptr<Peers>> Peers::Start(GateEngine& engine, std::function<bool()> alone,
                                              const std::string& folder,
                                              const PeerOptions& options) {
  const Env& env = engine.env();
  TICKETING_ASSIGN_OR_RETURN(const TlsFile tls,
                             OpenTlsFile(folder, engine.device().ToString(), env.clock));
  auto parts = std::make_unique<Parts>(engine, options, tls);
  parts->alone = std::move(alone);
  TICKETING_ASSIGN_OR_RETURN(parts->listed, ReadList(options.listed));
  TICKETING_RETURN_IF_ERROR(parts->server.Start(parts->service.api()));
  auto socket = MulticastSocket::Open(options.group.host, options.group.port);
  if (socket.ok()) {
    parts->socket = *std::move(socket);
  } else {
    env.log.Warning("Other handhelds are not listened for.",
                    {{"cause", std::string(MessageOf(socket.status()))}});
  }
  std::unique_ptr<Peers> peers(new Peers(std::move(parts)));
  Parts* p = peers->parts_.get();
  if (p->socket != nullptr) {
    p->threads.push_back(std::make_unique<Ticker>(Duration{}, [p] { p->Listen(); }));
  }
  for (int i = 0; i < kTalkers; ++i) {
    p->threads.push_back(std::make_unique<Ticker>(kTalkInterval, [p] {
      p->exchange.SetAlone(p->alone());
      while (p->exchange.Step()) {
      }
    }));
  }
  return peers;
}

void Peers::Decided() {
  parts_->exchange.Decided();
}

size_t Peers::hearing() const {
  return parts_->exchange.hearing();
}

void PeerOptions::Declare(Flags& flags) {
  flags.Add(
      "peers", &enabled,
      "Whether it exchanges its log with other handhelds on the LAN while no bastion answers.");
  flags.Add("peer_listen", &listen,
            "Where other handhelds reach this one. Port 0 takes a free one, which it announces.");
  flags.Add("peer_group", &group,
            "The multicast group and UDP port on which handhelds announce themselves.");
  flags.Add(
      "peer", &listed,
      "ADDRESS:PORT of other handhelds, with commas between them, which are told directly where "
      "this one is: for networks that carry no multicast. The port is that of --peer_group.");
}

}  // namespace ticketing
