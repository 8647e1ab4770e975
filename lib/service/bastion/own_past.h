// Whether a bastion's own log is whole. Data that was copied to another place, restored from a
// backup or begun anew under an old identity may lack the end of the log, and whoever writes on
// from there gives numbers twice (gate/own_log.h). Such a bastion does not decide until those who
// could know more of its log have been asked, or staff says that nobody does.
#ifndef TICKETING_LIB_SERVICE_BASTION_OWN_PAST_H_
#define TICKETING_LIB_SERVICE_BASTION_OWN_PAST_H_

#include <atomic>
#include <mutex>
#include <set>
#include <string>

#include "lib/service/bastion/venue_store.h"
#include "ticketing/env/env.h"

namespace ticketing {

// How long the venue's other bastions are waited for when the cloud has answered already.
inline constexpr Duration kOtherBastionsPatience = Duration::Seconds(15);

// Thread-safe. What it refers to must outlive it.
class OwnPast {
 public:
  OwnPast(const Env& env, VenueStore& store, DeviceId self)
      : env_(env), store_(store), self_(self) {}

  // `place` tells one copy of the data from another; empty: nobody can tell, and the log counts as
  // whole. `restored`: staff says that this is an old copy. Errors: the database's.
  Status Open(const std::string& place, bool restored);

  bool whole() const { return whole_; }
  // Whom we sync with, the cloud or a spare's first bastion, holds nothing of our log that we have
  // not; or another bastion of the venue does not.
  void SourceHasNoMore();
  void BastionHasNoMore(DeviceId device);
  // Counts the log as whole when enough of them have said so. Errors: the database's.
  Status Settle();
  // Staff's word that nobody holds more. Errors: the database's.
  Status Release();

 private:
  Status Finish(const char* why);

  const Env env_;
  VenueStore& store_;
  const DeviceId self_;
  std::string place_;
  Duration since_{};
  std::atomic<bool> whole_ = true;
  std::mutex mutex_;  // guards what follows
  bool source_ = false;
  std::set<DeviceId> bastions_;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_BASTION_OWN_PAST_H_
