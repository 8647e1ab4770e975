// A handheld's talk with other handhelds on the LAN: it tells where it answers, listens for others,
// answers them, and speaks to them while it decides alone. On threads of its own.
#ifndef TICKETING_CLIENTS_HANDHELD_PEERS_H_
#define TICKETING_CLIENTS_HANDHELD_PEERS_H_

#include <functional>
#include <memory>
#include <string>

#include "ticketing/base/status.h"
#include "ticketing/gate/engine.h"
#include "ticketing/system/flags.h"

namespace ticketing {

struct PeerOptions {
  bool enabled = true;
  HostPort listen{"0.0.0.0", 0};
  HostPort group{"239.255.84.75", 7502};
  std::string listed;  // "ADDRESS:PORT,ADDRESS:PORT"

  void Declare(Flags& flags);
};

class Peers {
 public:
  // Answers and listens until it is destroyed; the engine must outlive it. `alone` says, from any
  // thread and at once, whether this device decides alone now. `folder` keeps the key
  // of its TLS. A network that carries no announcements is no error: then only those are met that
  // are listed. Errors: kInvalidField for the list, kUnavailable when the port is taken, those of
  // OpenTlsFile.
  static StatusOr<std::unique_ptr<Peers>> Start(GateEngine& engine, std::function<bool()> alone,
                                                const std::string& folder,
                                                const PeerOptions& options);
  ~Peers();
  Peers(const Peers&) = delete;
  Peers& operator=(const Peers&) = delete;

  // What PeerExchange says of the same names; neither waits.
  void Decided();
  size_t hearing() const;

 private:
  struct Parts;
  explicit Peers(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace ticketing

#endif  // TICKETING_CLIENTS_HANDHELD_PEERS_H_
