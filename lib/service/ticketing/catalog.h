// Venues, charts and events. None of them changes once it is made, so what was read from the
// database is kept in memory; but for events whose chart is replaced, which is noticed by the lane
// that they had: it is gone.
#ifndef TICKETING_LIB_SERVICE_TICKETING_CATALOG_H_
#define TICKETING_LIB_SERVICE_TICKETING_CATALOG_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "lib/service/ticketing/context.h"
#include "lib/service/ticketing/gate_types.h"
#include "ticketing/lane/event_lane.h"
#include "ticketing/pricing/price_list.h"
#include "ticketing/seat/chart.h"
#include "ticketing/service/common/api.h"
#include "ticketing/v1/ticketing.pb.h"

namespace ticketing {

struct ChartInfo {
  ChartId id;
  std::string hash;  // SHA-256 of json, hexadecimal: its ETag
  std::string json;
  std::shared_ptr<const seat::Chart> chart;
};

// An event with everything that a sale of it needs.
struct EventInfo {
  EventId id;
  uint32_t number = 0;
  v1::Event event;  // as the API shows it
  PriceList prices;
  std::shared_ptr<const seat::Chart> chart;
  std::map<std::string, uint16_t, std::less<>> zone_numbers;  // from 1, in the event's order
  LaneId lane;                                                // its own, or that of its season
  uint32_t slot = 0;                                          // in it
  seat::EventKind kind = seat::EventKind::kEvent;
  EventId season;  // of a match or a partial season
  // What new tickets are, as last heard.
  std::shared_ptr<GateTypes> gate_types = std::make_shared<GateTypes>();

  // Whether it is not gone to itself: tickets of it are for its matches.
  bool IsSeason() const {
    return kind == seat::EventKind::kSeason || kind == seat::EventKind::kPartialSeason;
  }

  Timestamp starts_at() const;
  // 0 for an object without a zone.
  uint16_t ZoneNumberOf(uint32_t object) const;
  // Names for people; empty where the chart has nothing.
  std::string ZoneNameOf(uint32_t object) const;
  std::string GateNameOf(uint32_t object) const;
  // "domingo 22 de noviembre de 2026, 19:30", in the venue's time. Spanish unless `language` is
  // "en".
  std::string StartText(std::string_view language) const;
};

// An event that is to be stored.
struct NewEvent {
  EventId id;
  v1::Event event;
  LaneId lane;
  uint32_t slot = 0;
  seat::EventKind kind = seat::EventKind::kEvent;
  EventId season;
};
// Gives it the next number.
Status InsertEvent(SqlTransaction& tx, const NewEvent& event, Timestamp now);

// The rules that a new event is sold by.
seat::SaleRules DefaultRules();

// Thread-safe.
class Catalog {
 public:
  explicit Catalog(const Context& context) : context_(context) {}

  std::vector<Route> Routes();

  // Errors: kNotFound, those of the database.
  StatusOr<std::shared_ptr<const EventInfo>> Event(EventId id);
  StatusOr<std::shared_ptr<const ChartInfo>> Chart(ChartId id);

  // A complete event, but for what `id` and its lane say. Errors: kInvalidField.
  StatusOr<NewEvent> Draft(const v1::CreateEventRequest& request);

  // Forgets the events if charts were replaced since it was asked last. Whether that was so.
  StatusOr<bool> FollowMoves();
  // How many it knows of.
  int64_t moves();

 private:
  StatusOr<HttpResponse> CreateVenue(Call& call);
  StatusOr<HttpResponse> ListVenues(Call& call);
  StatusOr<HttpResponse> CreateChart(Call& call);
  StatusOr<HttpResponse> ListCharts(Call& call);
  StatusOr<HttpResponse> GetChart(Call& call);
  StatusOr<HttpResponse> CreateEvent(Call& call);
  StatusOr<HttpResponse> ListEvents(Call& call);
  StatusOr<HttpResponse> GetEvent(Call& call);

  StatusOr<v1::Venue> Venue(VenueId id);
  StatusOr<std::shared_ptr<const EventInfo>> LoadEvent(EventId id);

  const Context& context_;
  std::mutex mutex_;
  std::map<EventId, std::shared_ptr<const EventInfo>> events_;
  std::map<ChartId, std::shared_ptr<const ChartInfo>> charts_;
  int64_t moves_ = 0;  // that `events_` are after
};

// The price list of an event, from the prices, fees and tax of its message. Errors: kInvalidField
// naming the places in the message.
StatusOr<PriceList> PriceListOf(const v1::Event& event);

// Makes an event fit another chart: zones and gates that the chart has more are added at the end,
// so that the numbers of the others stay; prices of categories that are gone go. Errors:
// kInvalidField for a category without a price.
Status RefitEvent(const seat::Chart& chart, ChartId chart_id,
                  std::span<const v1::AddedPrices> added, v1::Event& event);

// Takes from an event what the caller may not see: prices for staff only.
void HideStaffPrices(const Principal& caller, v1::Event& event);

// Completes an event from its request and its chart: prices, gates, zones, times. Errors:
// kInvalidField naming every wrong place of the request.
Status FillEvent(const v1::CreateEventRequest& request, const seat::Chart& chart, v1::Event& event);

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_TICKETING_CATALOG_H_
