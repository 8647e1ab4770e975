// Short messages to everybody on the networks that this machine is on: UDP over IPv4, to a
// multicast group and, for networks that carry none, to the broadcast address of each. They reach
// no further than the network itself, and nothing says that they arrive.
#ifndef TICKETING_SYSTEM_MULTICAST_H_
#define TICKETING_SYSTEM_MULTICAST_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "ticketing/base/status.h"
#include "ticketing/base/time.h"

namespace ticketing {

inline constexpr size_t kDatagramBytesMax = 1200;

struct Datagram {
  std::string bytes;
  uint32_t from = 0;  // IPv4 address of the sender; 10.0.0.1 is 0x0a000001
};

// Send from one thread, Receive from the same or another one.
class MulticastSocket {
 public:
  // `group` is an IPv4 multicast address, "239.255.84.75". Several programs of a machine may have
  // the same group and port; each hears all. Errors: kInvalidField for another address,
  // kUnavailable when the system gives no such socket.
  static StatusOr<std::unique_ptr<MulticastSocket>> Open(const std::string& group, uint16_t port);
  ~MulticastSocket();
  MulticastSocket(const MulticastSocket&) = delete;
  MulticastSocket& operator=(const MulticastSocket&) = delete;

  // Sends what `make` gives for this machine's address on it to each network that is up now, and
  // listens there from now on; gives to how many it was handed. At most kDatagramBytesMax each.
  size_t Send(const std::function<std::string(uint32_t own_address)>& make);

  // Sends to one machine what `make` gives for the address that ours has on the way there: for
  // networks that carry no multicast. `host` is an IPv4 address.
  bool SendTo(const std::string& host, uint16_t port,
              const std::function<std::string(uint32_t own_address)>& make);

  // The next datagram, our own included; nullopt when none came for so long. Longer ones are cut.
  std::optional<Datagram> Receive(Duration wait);

 private:
  MulticastSocket(int descriptor, uint32_t group, uint16_t port)
      : descriptor_(descriptor), group_(group), port_(port) {}

  const int descriptor_;
  const uint32_t group_;
  const uint16_t port_;
};

}  // namespace ticketing

#endif  // TICKETING_SYSTEM_MULTICAST_H_
