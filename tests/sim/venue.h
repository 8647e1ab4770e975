// The simulated venue: the cloud, bastions and handhelds, the roads between them and the tickets
// that were sold before the day.
#ifndef TICKETING_TESTS_SIM_VENUE_H_
#define TICKETING_TESTS_SIM_VENUE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/cloud.h"
#include "tests/sim/gates.h"

namespace ticketing::sim {

inline constexpr int kGates = 8;
inline constexpr int kZones = 4;

struct Options {
  uint64_t seed = 1;
  int minutes = 5;  // in which people arrive
  int handhelds = 8;
  int bastions = 2;
  int people = 260;
  bool faults = true;
  int storm = 1;      // so many times as many faults; from 2 on roads stay cut for minutes
  std::string plant;  // a bug to plant; empty: none
  Duration sync_interval = Duration::Seconds(2);
  int cloud_percent = 50;  // of the handhelds have a road of their own to the cloud
  int phone_percent = 25;  // of honest people show a phone; some of them lend a screenshot
  bool spare = false;      // the last bastion follows the first one
  bool peers = false;      // handhelds hear each other while they are alone
  bool reentry = false;    // who went out may come back
  int area_max = 0;        // people that zone 4 takes, twice as many later; 0: no limit
};

// Whether a gate leads to a zone, as cloud.cc draws the venue.
bool Leads(uint16_t gate, uint16_t zone);
std::vector<uint16_t> GatesOf(uint16_t zone);

class Venue {
 public:
  explicit Venue(const Options& options);
  ~Venue();

  // Opens the cloud, sells the tickets, fills the bastions and the handhelds over the network, and
  // starts everything. Run from outside of any task.
  Status Prepare(size_t tickets);

  // Ends all programs and what they wait for. Before anything goes that they may call.
  void Stop();

  // A new bastion in the place of one that is lost: another device, an empty disk.
  Bastion& ReplaceBastion(size_t index);
  Handheld* HandheldAt(NodeId node);
  // The bastion that follows another one, if there is one.
  Bastion* Spare() const;

  const Options options;
  Loop loop;
  Network network;
  Setting setting;
  SeededRandom random;
  std::unique_ptr<Cloud> cloud;
  std::vector<std::unique_ptr<Bastion>> bastions;  // in use, by place
  std::vector<std::unique_ptr<Bastion>> lost_bastions;
  std::vector<std::unique_ptr<Handheld>> handhelds;
  std::vector<SoldTicket> tickets;

 private:
  Status PrepareInside(size_t count);
  Status FillHandhelds();
  void MakeMachines();
  uint64_t Seed() { return random.Next64(); }

  uint64_t next_device_ = 1000;
  bool stopped_ = false;
};

}  // namespace ticketing::sim

#endif  // TICKETING_TESTS_SIM_VENUE_H_
