// Events and objects in the shapes of that API.
#ifndef TICKETING_LIB_SERVICE_SEATSIO_SHAPES_H_
#define TICKETING_LIB_SERVICE_SEATSIO_SHAPES_H_

#include <exception>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "lib/service/seatsio/event_store.h"

namespace ticketing::seatsio {

// --- Names. A token is the 10 digits, base 62, of its hold's id. A custom status that is called as
// one of the engine's goes by another name there.

std::string TokenOf(HoldId hold);
std::optional<HoldId> HoldOfToken(std::string_view token);
HoldId NewHold(Random& random);

std::string StatusName(seat::SeatStatus status, std::string_view custom);
struct EngineStatus {
  seat::SeatStatus status = seat::SeatStatus::kFree;
  std::string custom;
  // As allowed_before and rejected_before name it.
  std::string name() const;
};
EngineStatus StatusOfName(std::string_view name);

// --- Events.

// What every answer about an event shows; `season` details are added by those who know them.
Json ShowEvent(const EventRow& event, const Json& summary);

// --- Objects.

// All that it takes to describe objects of an event in a moment. References must outlive it.
struct Scene {
  Scene(const KnownEvent& known, const seat::EventSet& set)
      : event(known), view(*known.view), seats(set), slot(known.row.slot) {}

  const KnownEvent& event;
  const ChartView& view;
  const seat::EventSet& seats;
  const uint32_t slot;
  std::map<uint32_t, std::string> listings;  // by object
  bool propagated = true;  // bookings of seasons show on their events, and the other way

  const seat::Inventory& inventory() const { return seats.at(slot); }
};

// JSON.
std::string DescribeObject(const Scene& scene, uint32_t object);

// Runs what describes things on a lane. The JSON library reports a wrong type by throwing, and
// nothing may be thrown through a lane: it becomes kInternal.
template <typename Describe>
auto Safely(const Describe& describe) -> StatusOr<decltype(describe())> {
  try {
    return describe();
  } catch (const std::exception& error) {
    return MakeError(ErrorCode::kInternal, error.what());
  }
}

// The listings of what is up for resale in an event, by object.
StatusOr<std::map<uint32_t, std::string>> ResaleListings(Database& database, const EventRow& event);

}  // namespace ticketing::seatsio

#endif  // TICKETING_LIB_SERVICE_SEATSIO_SHAPES_H_
