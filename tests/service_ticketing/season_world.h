// A world with a season in it, and the checks that only seasons need.
#ifndef TICKETING_TESTS_SERVICE_TICKETING_SEASON_WORLD_H_
#define TICKETING_TESTS_SERVICE_TICKETING_SEASON_WORLD_H_

#include <map>
#include <string>
#include <vector>

#include "tests/service_ticketing/world.h"
#include "ticketing/sync/event_copy.h"

namespace ticketing {

struct SeasonWorld : World {
  explicit SeasonWorld(int matches = 3, uint64_t seed = 1);

  // The body of a match that starts so many days after the first.
  static std::string MatchBody(const std::string& name, int day);

  HttpResponse HoldOf(const std::string& event, const std::vector<std::string>& labels,
                      const std::string& key, int64_t quantity = 1);
  HttpResponse OrderOf(const std::string& hold, const std::string& key,
                       const std::string& token = "");
  v1::Order BuyOf(const std::string& event, const std::vector<std::string>& labels,
                  const std::string& key);
  HttpResponse Post(const std::string& path, const std::string& body, const std::string& key);

  // Starts anew, without the answers that were kept for repeats.
  void ForgetAnswers();

  // What the gates of an event know, by label.
  std::multimap<std::string, uint8_t> Copy(const std::string& event);
  // The free places of an event, areas included.
  int64_t Free(const std::string& event);
  // Ordinals are dense, no valid ticket shares its chair with another, seats have their tickets,
  // and the money that is kept is that of the orders that stand.
  void AuditSeason();

  std::string season;
  std::vector<std::string> matches;
};

}  // namespace ticketing

#endif  // TICKETING_TESTS_SERVICE_TICKETING_SEASON_WORLD_H_
