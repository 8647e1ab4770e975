#include "tests/sim/match.h"

#include "tests/sim/faults.h"
#include "tests/sim/plants.h"
#include "ticketing/base/assert.h"

namespace ticketing::sim {
namespace {

constexpr Duration kWarmUp = Duration::Seconds(30);
constexpr Duration kHealPatience = Duration::Minutes(20);
constexpr Duration kPlantedPatience = Duration::Minutes(3);  // some bugs never let it heal

size_t Count(Database* tables, const char* sql) {
  size_t count = 0;
  if (tables == nullptr) return 0;
  (void)tables->Read([&](SqlTransaction& tx) {
    return tx.Query(sql, {}, [&](const SqlRow& row) {
      count = static_cast<size_t>(row.Int(0));
      return OkStatus();
    });
  });
  return count;
}

std::vector<GateMachine*> Places(Venue& venue) {
  std::vector<GateMachine*> places;
  for (auto& bastion : venue.bastions) places.push_back(bastion.get());
  for (auto& handheld : venue.handhelds) {
    if (!handheld->stolen) places.push_back(handheld.get());
  }
  return places;
}

// Who still has something to tell or to hear; empty when nobody has.
std::string Unsettled(Venue& venue) {
  const size_t all =
      Count(&venue.cloud->Tables("ticketing-gates"), "SELECT COUNT(*) FROM log_entries");
  const size_t passages =
      Count(&venue.cloud->Tables("ticketing-gates"), "SELECT COUNT(*) FROM scans WHERE counts = 1");
  for (GateMachine* place : Places(venue)) {
    if (!place->running() || place->tables() == nullptr) return place->name() + " does not run";
    const Handheld* handheld = venue.HandheldAt(place->node());
    const size_t mine = handheld != nullptr
                            ? handheld->PassagesKnown()
                            : Count(place->tables(), "SELECT COUNT(*) FROM log_entries");
    const size_t wanted = handheld != nullptr ? passages : all;
    if (mine < wanted) {
      return place->name() + " has " + std::to_string(mine) + " of " + std::to_string(wanted);
    }
    if (Count(place->tables(),
              "SELECT COUNT(*) FROM log_entries WHERE upload = 0 AND device = (SELECT device FROM "
              "own_log)") > 0) {
      return place->name() + " does not know its own log to be in the cloud";
    }
    // A scan that failed and was never repeated is closed after a while.
    if (Count(place->tables(), "SELECT COUNT(*) FROM intents WHERE decided = 0") > 0) {
      return place->name() + " has an open scan";
    }
  }
  return "";
}

// Zone 4 takes so many people, and from a time on twice as many.
void LimitArea(Venue& venue, Auditor& auditor, Duration then) {
  constexpr uint16_t kZone = 4;
  auditor.Limited(kZone, venue.options.area_max, Duration{});
  venue.loop.At(then, [&venue, &auditor, then] {
    const int more = 2 * venue.options.area_max;
    TICKETING_ASSERT(venue.cloud->SetPolicy(venue.options.reentry, more).ok());
    auditor.Limited(kZone, more, then);
  });
}

}  // namespace

bool Heal(Venue& venue, Duration patience) {
  const Duration end = venue.loop.now() + patience;
  while (venue.loop.now() < end) {
    venue.loop.RunUntil(venue.loop.now() + Duration::Seconds(5));
    if (Unsettled(venue).empty()) {
      // What is on its way arrives.
      venue.loop.RunUntil(venue.loop.now() + Duration::Seconds(15));
      if (Unsettled(venue).empty()) return true;
    }
  }
  return false;
}

void Judge(Venue& venue, Auditor& auditor) {
  std::vector<Testimony> places;
  Testimony cloud;
  cloud.name = "cloud";
  TICKETING_ASSERT(ReadTestimony(venue.cloud->Tables("ticketing-gates"), true, cloud).ok());
  for (GateMachine* place : Places(venue)) {
    auditor.Enrolled(place->device().value, KeyOf(place->device()).public_key());
    Testimony said;
    said.name = place->name();
    said.in_short = venue.HandheldAt(place->node()) != nullptr;
    if (place->tables() != nullptr) (void)ReadTestimony(*place->tables(), false, said);
    places.push_back(std::move(said));
  }
  auditor.Judge(cloud, std::move(places), venue.cloud->node());
}

Verdict RunMatch(const Options& options) {
  Verdict verdict;
  Venue venue(options);
  AuditOptions audit;
  audit.contact = Duration::Seconds(12) + options.sync_interval * 4;
  Auditor auditor(audit);
  venue.network.on_duplicate = [&](NodeId to, const HttpRequest& request, const HttpResponse& r) {
    if (to != venue.cloud->node()) auditor.Replayed(request.target, r.status);
  };
  Planted plant(venue, options.plant);
  const Status prepared = venue.Prepare(static_cast<size_t>(options.people));
  if (!prepared.ok()) {
    verdict.violations.push_back("setup: " + std::string(MessageOf(prepared)));
    venue.Stop();
    return verdict;
  }
  if (options.reentry) auditor.Reentry();
  if (options.peers) auditor.Peers();
  if (const Bastion* spare = venue.Spare()) {
    auditor.Follows(spare->node(), venue.bastions.front()->node());
  }
  Crowd crowd(venue, auditor);
  const Duration from = venue.loop.now() + kWarmUp;
  const Duration span = Duration::Minutes(options.minutes);
  crowd.Come(from, span);
  if (options.area_max > 0) LimitArea(venue, auditor, from + Duration{span.micros / 2});
  Faults faults(venue, auditor);
  if (options.faults) faults.Draw(from, from + span);
  plant.Provoke(faults, from, from + span);
  venue.loop.RunUntil(from + span);
  while (!crowd.empty()) venue.loop.RunUntil(venue.loop.now() + Duration::Seconds(10));
  faults.HealAll();
  const Duration healing = venue.loop.now();
  verdict.converged = Heal(venue, options.plant.empty() ? kHealPatience : kPlantedPatience);
  verdict.took_to_heal = venue.loop.now() - healing;
  const std::string unsettled = verdict.converged ? "" : Unsettled(venue);
  Judge(venue, auditor);
  crowd.Close();
  venue.Stop();
  verdict.hash = venue.loop.hash();
  verdict.events = venue.loop.events();
  verdict.messages = venue.network.messages();
  verdict.double_entries = auditor.double_entries();
  verdict.crowd = crowd.counts();
  verdict.faults = faults.told();
  for (auto& handheld : venue.handhelds) verdict.crashes += handheld->crashes;
  for (auto& bastion : venue.bastions) verdict.crashes += bastion->crashes;
  verdict.violations = auditor.violations();
  if (!verdict.converged) {
    verdict.violations.push_back("converge: not within the time allowed: " + unsettled);
  }
  return verdict;
}

}  // namespace ticketing::sim
