// ticketing-api as a server for clients of seats.io.
#ifndef TICKETING_SERVERS_TICKETING_API_SEATSIO_DOOR_H_
#define TICKETING_SERVERS_TICKETING_API_SEATSIO_DOOR_H_

#include <string>

#include "servers/common/hosting.h"

namespace ticketing {

struct SeatsioDoor {
  HostPort listen;  // port 0 and no host: this door is closed
  std::string public_url;
  bool test_mode = false;

  void Declare(Flags& flags);
  bool open() const { return !listen.host.empty() || listen.port != 0; }
  // Serves until the program is told to stop. The first start writes the keys of the first
  // workspace to DIR/seatsio-keys.txt, readable by its owner only.
  Status Run(Program& program, const StorageOptions& storage) const;
};

}  // namespace ticketing

#endif  // TICKETING_SERVERS_TICKETING_API_SEATSIO_DOOR_H_
