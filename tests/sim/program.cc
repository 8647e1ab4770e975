#include "tests/sim/program.h"

#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <string>

#include "tests/sim/match.h"
#include "tests/sim/plants.h"
#include "tests/sim/scenes.h"
#include "ticketing/system/flags.h"

namespace ticketing::sim {
namespace {

struct Given {
  int64_t seed = 1;
  int64_t seeds = 1;
  int64_t minutes = 5;
  int64_t handhelds = 8;
  int64_t bastions = 2;
  int64_t people = 150;
  Duration sync_interval = Duration::Seconds(2);
  int64_t phones = 25;
  int64_t area = 0;
  int64_t cloud = 50;
  int64_t storm = 1;
  bool spare = false;
  bool peers = false;
  bool reentry = false;
  bool faults = true;
  bool twice = true;
  bool verbose = false;
  bool match = false;
  std::string plant;
  std::string scene;
};

void Declare(Flags& flags, Given& given) {
  flags.Add("seed", &given.seed, "The first seed.", 0, INT64_MAX);
  flags.Add("seeds", &given.seeds, "How many, counted up from the first.", 1, 1'000'000'000);
  flags.Add("minutes", &given.minutes, "In which people arrive.", 1, 600);
  flags.Add("handhelds", &given.handhelds, "How many stand at the 8 gates.", 1, 200);
  flags.Add("bastions", &given.bastions, "How many, each beside its share of the gates.", 0, 8);
  flags.Add("people", &given.people, "How many come.", 1, 200'000);
  flags.Add("sync_interval", &given.sync_interval,
            "Pause between two rounds of a handheld's sync.");
  flags.Add("match", &given.match, "A whole match: 25,000 people, 50 handhelds, two hours.");
  flags.Add("phones", &given.phones, "Percent of honest people who show a phone.", 0, 100);
  flags.Add("cloud", &given.cloud, "Percent of handhelds with a road of their own to the cloud.", 0,
            100);
  flags.Add("area", &given.area, "How many people zone 4 takes; twice as many later; 0: all.", 0,
            100'000);
  flags.Add("spare", &given.spare, "Whether the last bastion follows the first one.");
  flags.Add("peers", &given.peers, "Whether handhelds hear each other while they are alone.");
  flags.Add("reentry", &given.reentry, "Whether people who went out may come back in.");
  flags.Add("faults", &given.faults, "Whether things go wrong.");
  flags.Add("storm", &given.storm, "So many times as many faults, and longer ones.", 1, 100);
  flags.Add("twice", &given.twice, "Play each seed twice and compare.");
  flags.Add("verbose", &given.verbose, "Say more of each seed.");
  flags.Add("plant", &given.plant, "A bug to plant; 'list' names them.");
  flags.Add("scene", &given.scene,
            "A scripted scene, told for people: happy-path, bastion-crash, replay, slow-network.");
}

Options OptionsOf(const Given& given, int64_t seed) {
  Options options;
  options.seed = static_cast<uint64_t>(seed);
  options.minutes = static_cast<int>(given.match ? 120 : given.minutes);
  options.handhelds = static_cast<int>(given.match ? 50 : given.handhelds);
  options.bastions = static_cast<int>(given.bastions);
  options.people = static_cast<int>(given.match ? 25'000 : given.people);
  options.sync_interval = given.match ? Duration::Seconds(30) : given.sync_interval;
  options.phone_percent = static_cast<int>(given.phones);
  options.cloud_percent = static_cast<int>(given.cloud);
  options.area_max = static_cast<int>(given.area);
  options.spare = given.spare;
  options.peers = given.peers;
  options.reentry = given.reentry;
  options.faults = given.faults;
  options.storm = static_cast<int>(given.storm);
  options.plant = given.plant == "none" ? "" : given.plant;
  PrepareFor(options.plant, options);
  return options;
}

void Describe(const Verdict& verdict) {
  std::printf("  scans %" PRIu64 ", admitted %" PRIu64 ", refused %" PRIu64
              ", without an answer %" PRIu64 ", entered twice %" PRIu64 ", crashes %" PRIu64
              ", messages %" PRIu64 ", events %" PRIu64 ", healed in %" PRId64 " s\n",
              verdict.crowd.scans, verdict.crowd.admitted, verdict.crowd.refused,
              verdict.crowd.unanswered, verdict.double_entries, verdict.crashes, verdict.messages,
              verdict.events, verdict.took_to_heal.seconds());
  for (const auto& [by, count] : verdict.crowd.by) {
    std::printf("  decided by %d: %" PRIu64 "\n", by, count);
  }
  for (const auto& [reason, count] : verdict.crowd.reasons) {
    std::printf("  reason %d: %" PRIu64 "\n", reason, count);
  }
  for (const std::string& fault : verdict.faults) std::printf("  %s\n", fault.c_str());
}

int PlayAll(const Given& given) {
  int failed = 0;
  for (int64_t seed = given.seed; seed < given.seed + given.seeds; ++seed) {
    const auto start = std::chrono::steady_clock::now();
    Verdict verdict = RunMatch(OptionsOf(given, seed));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    if (given.twice && RunMatch(OptionsOf(given, seed)).hash != verdict.hash) {
      verdict.violations.push_back("hash: a second run of this seed went another way");
    }
    const bool good = verdict.violations.empty();
    if (!good) ++failed;
    std::printf("seed %" PRId64 ": %016" PRIx64 " %s (%.2f s)\n", seed, verdict.hash,
                good ? "ok" : "VIOLATED", took.count());
    if (given.verbose || !good) Describe(verdict);
    for (const std::string& violation : verdict.violations) {
      std::printf("  VIOLATED %s\n", violation.c_str());
    }
    std::fflush(stdout);
  }
  if (given.seeds > 1) std::printf("%" PRId64 " seeds, %d violated\n", given.seeds, failed);
  return failed;
}

}  // namespace

int RunSimProgram(int argc, char** argv) {
  Given given;
  Flags flags("ticketing_sim", "Plays whole matches on simulated time and judges them.");
  Declare(flags, given);
  if (const auto code = flags.ParseMain(argc, argv)) return *code;
  if (given.plant == "list") {
    for (const Plant& plant : AllPlants()) {
      std::printf("%-20s %s (caught as '%s' within %d seeds)\n", plant.name.c_str(),
                  plant.what.c_str(), plant.rule.c_str(), plant.seeds);
    }
    return 0;
  }
  if (!given.scene.empty()) return PlayScene(given.scene) ? 0 : 1;
  const int failed = PlayAll(given);
  // A planted bug must be caught.
  return (given.plant.empty() ? failed == 0 : failed > 0) ? 0 : 1;
}

}  // namespace ticketing::sim
