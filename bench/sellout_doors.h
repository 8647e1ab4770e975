// The doors through which the sell-out benchmark buys, each with real server processes behind it on
// SQLite files with synchronous=FULL. What "hold, then book" is at each of them:
//
//   seats.io  ticketing-api --seatsio_listen, and the requests that the published clients of that
//             service send: POST /events/groups/actions/change-object-status?expand=objects to
//             "reservedByToken" with the buyer's hold token, then to "booked" with the token and an
//             order id. Every buyer has a token of his own, made before the clock runs, as the map
//             makes it when it is opened. Each answer describes the seats as they are then.
//   /v1       ticketing-api as it stands behind the gateways. POST /v1/events/{id}/holds, then
//             POST /v1/orders. The event is free of charge, so the order books its seats at once:
//             seats, order, tickets and the mail in the outbox in one commit. What an order that
//             costs money adds is the payment (platform_bench).
//   client    the same two requests, the way a customer's browser comes: through client-api.
//
// Customers are accounts at identity-api, one for each connection, with their own access tokens.
// Mails stay in the outbox: no notifications-api runs.
#ifndef TICKETING_BENCH_SELLOUT_DOORS_H_
#define TICKETING_BENCH_SELLOUT_DOORS_H_

#include <memory>
#include <string>
#include <vector>

#include "bench/programs.h"
#include "bench/sellout_load.h"
#include "ticketing/env/database.h"
#include "ticketing/lane/event_lane.h"

namespace ticketing {

inline constexpr uint32_t kHouseSeats = 25'000;
inline constexpr uint32_t kHousePairs = kHouseSeats / 2;

class Door : public Buyers {
 public:
  // Starts the servers on files below `folder` and puts an event on sale. `pairs` says which pair
  // of neighbours each sale asks for.
  virtual bool Open(const std::string& folder, uint32_t connections,
                    std::vector<uint32_t> pairs) = 0;
  virtual uint16_t port() const = 0;
  // The order that a sale was told it has, by the name that the seats' history has it under.
  virtual std::string OrderOf(uint32_t sale) const = 0;
  // What the running server says, by its own report: places that are booked.
  virtual uint64_t ReportedBooked() = 0;
  // Stops the servers; whether all of them ended well.
  virtual bool Close() = 0;
  // The database and the lane of the event, once the servers have ended.
  virtual StatusOr<std::unique_ptr<Database>> Reopen() = 0;
  virtual StatusOr<LaneId> Lane(Database& database) = 0;
};

std::unique_ptr<Door> SeatsioDoorOfApi();
std::unique_ptr<Door> TicketingDoor(bool through_client_api);

}  // namespace ticketing

#endif  // TICKETING_BENCH_SELLOUT_DOORS_H_
