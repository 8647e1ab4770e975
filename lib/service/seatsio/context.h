// What the rooms of this API share.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_CONTEXT_H_
#define TICKETING_LIB_SERVICE_SEATSIO_CONTEXT_H_

#include "lib/service/seatsio/call.h"
#include "lib/service/seatsio/memo.h"
#include "ticketing/env/database.h"
#include "ticketing/service/seatsio/seatsio_service.h"

namespace ticketing::seatsio {

struct Context {
  Env env;
  Database& database;
  SeatsioOptions options;
  Setup& setup;
};

// The handler of a route out of a method of a room.
template <typename Room>
auto Bind(Room* room, StatusOr<Reply> (Room::*method)(Call&)) {
  return [room, method](Call& call) { return (room->*method)(call); };
}

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_CONTEXT_H_
