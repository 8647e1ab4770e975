// A spare bastion's side towards the first one: keeps itself filled from it, and passes on to it
// what devices ask, so that there is one writer as long as the two are in contact.
#ifndef TICKETING_LIB_SERVICE_BASTION_FOLLOWER_H_
#define TICKETING_LIB_SERVICE_BASTION_FOLLOWER_H_

#include <atomic>
#include <mutex>
#include <optional>
#include <string>

#include "ticketing/env/env.h"
#include "ticketing/env/http.h"
#include "ticketing/gate/engine.h"
#include "ticketing/gate/link.h"
#include "ticketing/gate/mode.h"
#include "ticketing/gate/own_log.h"
#include "ticketing/gate/sync_agent.h"
#include "ticketing/wire/bastion_codec.h"

namespace ticketing {

// On every request that a spare passes on, with the spare's own proof of the request in it, in the
// form of an Authorization header. Whoever gets one from a bastion that he knows answers it
// himself: two bastions that follow each other must not pass a request back and forth.
inline constexpr std::string_view kPassedHeader = "Ticketing-Passed";

// Thread-safe but for Step, one at a time. What it refers to must outlive it.
class Follower {
 public:
  // Opens with what staff last decided. Errors: the database's.
  Follower(GateEngine& engine, HttpClient& first);
  Status Load();

  // Whether the first bastion decides: it answers, as far as is known, and staff have not put this
  // one in its place.
  bool follows() const;
  bool promoted() const { return promoted_; }
  // Staff's word, kept over restarts.
  Status SetPromoted(bool promoted);

  // The first's answer, whatever its status; nullopt when it gives none, and then this bastion has
  // to answer. Only for requests of devices that proved who they are: how long the first takes over
  // them says whether it is up.
  std::optional<HttpResponse> Pass(const HttpRequest& request, Duration timeout);

  // A round: tells the first who we are and which devices we know, when it has not heard, pulls all
  // that is new there and gives it our own log. Errors of the way or the database.
  Status Step(const BastionCard& card, SyncReport& report);

 private:
  void Note(bool ok);
  bool WasPassedOn(const HttpRequest& request) const;
  Status Report(const BastionCard& card);
  Status GiveBack(const OwnLogEnd& asked);

  GateEngine& engine_;
  HttpClient& first_;
  SyncLink link_;
  SyncAgent agent_;
  std::atomic<bool> promoted_ = false;
  std::string told_;                    // the report that the first has had
  std::optional<uint64_t> given_back_;  // up to this number: the end of the first one's log here
  mutable std::mutex mutex_;
  RouteHealth health_;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_SERVICE_BASTION_FOLLOWER_H_
