// What goes wrong in a simulated match: drawn from the seed, struck at drawn moments, healed at the
// end. Each seed leaves some kinds out, so that no kind hides behind another.
#ifndef TICKETING_TESTS_SIM_FAULTS_H_
#define TICKETING_TESTS_SIM_FAULTS_H_

#include <functional>
#include <string>
#include <vector>

#include "tests/sim/auditor.h"
#include "tests/sim/venue.h"

namespace ticketing::sim {

class Faults {
 public:
  Faults(Venue& venue, Auditor& auditor);

  // Draws faults that begin between the two times.
  void Draw(Duration from, Duration to);
  // Single ones, for planted bugs and scripted scenes. Times are from the start.
  void CutFor(NodeId a, NodeId b, bool both_ways, Duration at, Duration span);
  void CrashFor(Machine& machine, bool keeps_some, Duration at, Duration pause);
  void BadWeather(Weather weather, Duration at, Duration span);
  void Replace(size_t bastion, Duration at);
  void Steal(size_t handheld, Duration at);

  // Everything works again. What is lost or stolen stays so.
  void HealAll();

  const std::vector<std::string>& told() const { return told_; }

 private:
  Machine& AnyMachine();
  NodeId AnyPeer(const Machine& machine);
  void DrawCut(Duration at);
  void DrawCrash(Duration at);
  void DrawDisk(Duration at);
  void DrawClock(Duration at);
  void Tell(Duration at, const std::string& what);
  Duration Span(int64_t min_seconds, int64_t max_seconds);
  void At(Duration at, std::function<void()> strike);

  Venue& venue_;
  Auditor& auditor_;
  SeededRandom random_;
  bool over_ = false;
  std::vector<std::string> told_;
};

}  // namespace ticketing::sim

#endif  // TICKETING_TESTS_SIM_FAULTS_H_
