// One simulated match from its seed to its verdict.
#ifndef TICKETING_TESTS_SIM_MATCH_H_
#define TICKETING_TESTS_SIM_MATCH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tests/sim/auditor.h"
#include "tests/sim/crowd.h"
#include "tests/sim/venue.h"

namespace ticketing::sim {

struct Verdict {
  uint64_t hash = 0;
  uint64_t events = 0;
  uint64_t messages = 0;
  uint64_t double_entries = 0;
  uint64_t crashes = 0;
  bool converged = false;
  Duration took_to_heal{};
  CrowdCounts crowd;
  std::vector<std::string> violations;
  std::vector<std::string> faults;  // what was drawn, for people
};

// Runs the whole match: people come, faults strike, everything heals, the auditor judges.
Verdict RunMatch(const Options& options);

// Waits until nobody has anything left to tell, at most `patience`; whether it came to that.
bool Heal(Venue& venue, Duration patience);
// Reads what every place knows, and lets the auditor judge.
void Judge(Venue& venue, Auditor& auditor);

}  // namespace ticketing::sim

#endif  // TICKETING_TESTS_SIM_MATCH_H_
