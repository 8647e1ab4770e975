// Bugs planted on purpose, at the seams between the product's parts: in what a disk promises, in
// what a database port does, in messages on their way. None needs a line in the product. A test
// shows that the auditor catches each of them.
#ifndef TICKETING_TESTS_SIM_PLANTS_H_
#define TICKETING_TESTS_SIM_PLANTS_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/faults.h"
#include "tests/sim/venue.h"

namespace ticketing::sim {

struct Plant {
  std::string name;
  std::string what;
  std::string rule;  // of the auditor: what it must be caught by
  int seeds = 1;     // within how many seeds, from 1 on
};
// A venue in which the bug can show.
void PrepareFor(const std::string& plant, Options& options);
const std::vector<Plant>& AllPlants();

// Plants the bug `name` in a venue that is not prepared yet; an empty name plants nothing. Lives as
// long as the venue.
class Planted {
 public:
  Planted(Venue& venue, std::string name);
  ~Planted();

  // The disturbances without which the bug would not show.
  void Provoke(Faults& faults, Duration from, Duration to);

 private:
  class Factory;
  class Tables;
  void OnRequests();
  void OnResponses();
  bool Now(uint64_t one_in) { return ++count_ % one_in == 0; }
  HttpRequest Resigned(const HttpRequest& request, NodeId from) const;

  Venue& venue_;
  const std::string name_;
  uint64_t count_ = 0;
  std::map<int64_t, int64_t> issues_;  // last seen, by ticket
};

}  // namespace ticketing::sim

#endif  // TICKETING_TESTS_SIM_PLANTS_H_
