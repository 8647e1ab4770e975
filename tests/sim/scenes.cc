#include "tests/sim/scenes.h"

#include <algorithm>
#include <cstdio>

#include "tests/sim/crowd.h"
#include "tests/sim/faults.h"
#include "tests/sim/match.h"

namespace ticketing::sim {
namespace {

constexpr Duration kBegin = Duration::Minutes(1);

// What a scene counts.
struct Tally {
  uint64_t people = 0;
  uint64_t admitted = 0;
  uint64_t refused = 0;
  uint64_t cloud = 0, bastion = 0, alone = 0;
  uint64_t twice = 0;
  int64_t slowest_millis = 0;
  int64_t seconds_to_heal = 0;
  bool same_everywhere = false;
};

struct Stage {
  explicit Stage(int cloud_percent)
      : venue(MakeOptions(cloud_percent)),
        auditor({.contact = Duration::Seconds(12)}),
        prepared(venue.Prepare(60)),
        crowd(venue, auditor),
        faults(venue, auditor) {}
  ~Stage() { venue.Stop(); }

  static Options MakeOptions(int cloud_percent) {
    Options options;
    options.seed = 2026;
    options.minutes = 4;
    options.sync_interval = Duration::Seconds(1);
    options.cloud_percent = cloud_percent;
    return options;
  }

  // One person for each ticket, at a gate that leads to its stand, in three minutes.
  void EverybodyComes() {
    for (size_t i = 0; i < venue.tickets.size(); ++i) {
      const SoldTicket& ticket = venue.tickets[i];
      const std::vector<uint16_t> gates = GatesOf(ticket.zone);
      crowd.Send(Intent::kHonest, ticket, gates[i % gates.size()],
                 kBegin + Duration::Seconds(static_cast<int64_t>(3 * i)));
    }
  }

  Tally Finish() {
    venue.loop.RunUntil(kBegin + Duration::Minutes(4));
    while (!crowd.empty()) venue.loop.RunUntil(venue.loop.now() + Duration::Seconds(10));
    faults.HealAll();
    const Duration healing = venue.loop.now();
    Tally tally;
    tally.same_everywhere = Heal(venue, Duration::Minutes(10));
    tally.seconds_to_heal = (venue.loop.now() - healing).seconds();
    Judge(venue, auditor);
    crowd.Close();
    for (const Shown& shown : auditor.shown()) {
      ++tally.people;
      ++(shown.admitted ? tally.admitted : tally.refused);
      ++(shown.by == 3 ? tally.cloud : shown.by == 2 ? tally.bastion : tally.alone);
      tally.slowest_millis = std::max(tally.slowest_millis, shown.micros / 1000);
    }
    tally.twice = auditor.double_entries();
    return tally;
  }

  Venue venue;
  Auditor auditor;
  Status prepared;
  Crowd crowd;
  Faults faults;
};

std::string N(uint64_t n) {
  return std::to_string(n);
}

void Common(const Tally& t, SceneReport& report) {
  report.spanish +=
      "  Respuestas en pantalla: " + N(t.people) + "; pasaron " + N(t.admitted) + ", no pasaron " +
      N(t.refused) + ".\n  Decidió la nube " + N(t.cloud) + ", el bastión " + N(t.bastion) +
      ", el lector solo " + N(t.alone) + " veces.\n  La respuesta más lenta tardó " +
      N(static_cast<uint64_t>(t.slowest_millis)) +
      " ms (límite: 300).\n  Entradas dobles: " + N(t.twice) +
      ". Al final todos los equipos cuentan lo mismo: " + (t.same_everywhere ? "sí" : "NO") + ".\n";
  report.english +=
      "  Answers on screens: " + N(t.people) + "; " + N(t.admitted) + " went in, " + N(t.refused) +
      " did not.\n  The cloud decided " + N(t.cloud) + ", the bastion " + N(t.bastion) +
      ", the handheld alone " + N(t.alone) + " times.\n  The slowest answer took " +
      N(static_cast<uint64_t>(t.slowest_millis)) +
      " ms (limit: 300).\n  Double entries: " + N(t.twice) +
      ". In the end all machines tell the same: " + (t.same_everywhere ? "yes" : "NO") + ".\n";
}

void Expect(bool holds, const char* what, SceneReport& report) {
  if (!holds) report.violations.push_back(what);
}

SceneReport HappyPath() {
  Stage stage(0);
  stage.EverybodyComes();
  const Tally t = stage.Finish();
  SceneReport report;
  report.spanish =
      "UN DÍA NORMAL\n  60 personas llegan con su boleto; hay red, nube y bastiones.\n";
  report.english =
      "A NORMAL DAY\n  60 people come with their tickets; network, cloud and bastions work.\n";
  Common(t, report);
  report.violations = stage.auditor.violations();
  Expect(t.admitted == 60 && t.refused == 0, "everybody goes in", report);
  Expect(t.bastion == 60, "the bastion decides", report);
  return report;
}

SceneReport BastionCrash() {
  Stage stage(0);
  stage.EverybodyComes();
  stage.faults.CrashFor(*stage.venue.bastions[0], false, kBegin + Duration::Seconds(50),
                        Duration::Days(2));
  stage.faults.Replace(0, kBegin + Duration::Seconds(110));
  const Tally t = stage.Finish();
  SceneReport report;
  report.spanish =
      "SE CAE UN BASTIÓN\n  A media entrada se apaga el bastión de las puertas 1 a 4. Los lectores "
      "siguen solos. Un\n"
      "  minuto después entra uno de repuesto, vacío, que se llena desde la nube y los lectores.\n";
  report.english =
      "A BASTION DIES\n  Half way the bastion of gates 1 to 4 goes dark. The handhelds go on "
      "alone. A minute later\n"
      "  a spare takes its place, empty, and is filled from the cloud and the handhelds.\n";
  Common(t, report);
  report.violations = stage.auditor.violations();
  Expect(t.admitted == 60 && t.refused == 0, "everybody goes in", report);
  Expect(t.alone > 0 && t.bastion > t.alone, "alone while it is dark, then with the spare", report);
  return report;
}

SceneReport Replay() {
  Stage stage(0);
  const SoldTicket& near = stage.venue.tickets[0];   // zone 1: gates 1 and 2, one bastion
  const SoldTicket& apart = stage.venue.tickets[4];  // zone 1
  stage.crowd.Send(Intent::kCopy, near, 1, kBegin);
  stage.crowd.Send(Intent::kCopy, near, 2, kBegin);
  const Handheld* lonely = nullptr;
  for (auto& handheld : stage.venue.handhelds) {
    if (handheld->gate() == 2) lonely = handheld.get();
  }
  stage.faults.CutFor(lonely->node(), *lonely->bastion(), true, kBegin + Duration::Seconds(30),
                      Duration::Seconds(40));
  stage.crowd.Send(Intent::kCopy, apart, 1, kBegin + Duration::Seconds(45));
  stage.crowd.Send(Intent::kCopy, apart, 2, kBegin + Duration::Seconds(45));
  const Tally t = stage.Finish();
  SceneReport report;
  report.spanish =
      "UN BOLETO COPIADO\n  Dos personas muestran el mismo código a la vez en las puertas 1 y 2: "
      "con red entra una sola.\n"
      "  Después se corta la red de la puerta 2 y pasa lo mismo con otro boleto: entran las dos, y "
      "al\n"
      "  volver la red ambas puertas lo saben como un conflicto.\n";
  report.english =
      "A COPIED TICKET\n  Two people show the same code at once at gates 1 and 2: with a network "
      "only one goes in.\n"
      "  Then gate 2 is cut off and it happens again with another ticket: both go in, and when "
      "the\n"
      "  network is back both gates learn of it as one conflict.\n";
  Common(t, report);
  report.violations = stage.auditor.violations();
  Expect(t.admitted == 3 && t.refused == 1, "one of the first two, both of the second two", report);
  Expect(t.twice == 1, "one conflict", report);
  return report;
}

SceneReport SlowNetwork() {
  Stage stage(100);
  stage.EverybodyComes();
  Weather weather;
  weather.slow_per_mille = 900;
  weather.slow = Duration::Millis(1200);
  stage.faults.BadWeather(weather, kBegin + Duration::Seconds(40), Duration::Seconds(80));
  const Tally t = stage.Finish();
  SceneReport report;
  report.spanish =
      "RED LENTA\n  La red tarda más de un segundo por mensaje durante 80 segundos. Nadie espera: "
      "lo que no se\n"
      "  contesta a tiempo lo decide el lector, y después se compara.\n";
  report.english =
      "A SLOW NETWORK\n  For 80 seconds messages take up to more than a second. Nobody waits: what "
      "is not answered in\n"
      "  time the handheld decides, and it is compared later.\n";
  Common(t, report);
  report.violations = stage.auditor.violations();
  Expect(t.admitted == 60 && t.refused == 0, "everybody goes in", report);
  Expect(t.alone > 0 && t.cloud > 0, "the mode follows the network", report);
  Expect(t.slowest_millis <= 320, "within the budget", report);
  return report;
}

}  // namespace

std::vector<std::string> SceneNames() {
  return {"happy-path", "bastion-crash", "replay", "slow-network"};
}

SceneReport RunScene(std::string_view name) {
  if (name == "happy-path") return HappyPath();
  if (name == "bastion-crash") return BastionCrash();
  if (name == "replay") return Replay();
  if (name == "slow-network") return SlowNetwork();
  SceneReport none;
  none.violations.push_back("there is no scene of this name");
  return none;
}

bool PlayScene(std::string_view name) {
  bool good = true;
  for (const std::string& each : SceneNames()) {
    if (name != "all" && name != each) continue;
    const SceneReport report = RunScene(each);
    std::printf("%s\n%s\n", report.spanish.c_str(), report.english.c_str());
    for (const std::string& violation : report.violations) {
      std::printf("  VIOLATED %s\n", violation.c_str());
      good = false;
    }
    if (name == each) return good;
  }
  return name == "all" && good;
}

}  // namespace ticketing::sim
