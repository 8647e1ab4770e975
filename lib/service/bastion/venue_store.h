// What a bastion keeps beside the gate's own tables: handhelds and revocations that the cloud has
// to be told of, and the cards of the venue's bastions.
#ifndef TICKETING_LIB_SERVICE_BASTION_VENUE_STORE_H_
#define TICKETING_LIB_SERVICE_BASTION_VENUE_STORE_H_

#include <vector>

#include "ticketing/base/status.h"
#include "ticketing/env/database.h"
#include "ticketing/env/http.h"
#include "ticketing/sync/bastion_card.h"
#include "ticketing/sync/event_copy.h"

namespace ticketing {

const std::vector<Migration>& VenueSchema();

// How far ahead a bastion's clock may be.
inline constexpr Duration kCardAheadMax = Duration::Minutes(5);

// Thread-safe; the database must outlive it. Errors are the database's.
class VenueStore {
 public:
  explicit VenueStore(Database& database) : database_(database) {}

  // A handheld that joined here, or that staff shut out here.
  Status AddRelay(const CopyDevice& device);
  Status AddRevocation(DeviceId device);
  // Tells the cloud of all that it was not told of: revocations of known devices need their device
  // to be there first. Errors also of the way; what was told stays told.
  Status TellCloud(HttpClient& cloud);

  // Keeps the later of two cards of one bastion, but one that a wrong clock dated far ahead of
  // `now` gives way to any other. At most kVenueBastionsMax bastions are kept. Gives whether
  // something changed.
  StatusOr<bool> PutCard(const BastionCard& card, Timestamp now);
  // Of bastions that were shut out, so that they keep nobody's place.
  Status DropCards(const std::vector<DeviceId>& devices);
  StatusOr<std::vector<BastionCard>> Cards();

  // Where this data was when its log was known to be whole; empty when that was never told.
  StatusOr<std::string> Place();
  Status SetPlace(const std::string& place);

 private:
  Database& database_;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_BASTION_VENUE_STORE_H_
