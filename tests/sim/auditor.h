// Judges a simulated match by what people saw and by what is on the disks afterwards. It shares no
// code with the engine: it keeps its own list of who should get in, and reads the logs by the
// layout in include/ticketing/sync/log_entry.h with a reader of its own.
//
// What it holds everybody to:
//   budget    an answer is there within the decision budget
//   forged    a forged, altered or unreadable code never enters
//   honest    an honest holder is refused only for a stated cause
//   twice     a ticket enters once where those who decide could know of each other
//   forgot    what a bastion or handheld must have heard it knows for ever, whoever is lost later
//   window    a phone's code enters while its window of 15 s is the gate's or next to it, and then
//             only; who is first with it gets in
//   area      nobody lets more people into an area than it takes, as far as he let them in himself,
//             and nobody is kept out while there is room
//   reentry   where who went out may come back, he is not told that he is inside
//   revoked   a refunded or replaced ticket does not enter once the gate could know
//   lost      every answer that was shown is in the cloud after healing, as it was shown
//   invented  no scan is in the cloud that nobody made
//   chain     every log in the cloud is whole: numbered, chained, signed by its device
//   conflict  every double entry is exactly one conflict, everywhere
//   converge  cloud and bastions tell the same of every scan, handhelds of their own and of every
//             passage
// A stolen device is left out of the last two: how far its last words came before it was shut out
// differs from place to place.
//   thief     what a stolen device says after it was shut out counts nowhere
//   replay    a request that was sent before is refused
#ifndef TICKETING_TESTS_SIM_AUDITOR_H_
#define TICKETING_TESTS_SIM_AUDITOR_H_

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/id.h"
#include "ticketing/base/time.h"
#include "ticketing/env/database.h"

namespace ticketing::sim {

// Numbers of outcomes, reasons and deciders as they stand in the logs.
struct Shown {
  Duration at;     // when the answer was on the screen
  Duration asked;  // when the code was read
  int handheld = 0;
  uint64_t device = 0;
  int bastion = -1;  // machine that the handheld used as its bastion; -1: none
  uint16_t gate = 0;
  bool entry = true;
  int person = 0;
  uint64_t ticket = 0;  // whose code it is; 0: of none
  uint16_t issue = 0;
  bool genuine = true;  // signed by the issuer
  bool honest = true;   // by a holder who does nothing wrong
  uint64_t scan = 0;
  bool admitted = false;
  uint16_t reason = 0;
  uint8_t by = 1;  // 1 alone, 2 bastion, 3 cloud
  bool counted = false;
  int64_t micros = 0;
  bool rotating = false;  // made by a phone,
  Duration made{};        // when its clock said this
};

// One log entry as the auditor reads it.
struct ReadEntry {
  uint8_t kind = 0;
  uint64_t device = 0;
  uint64_t sequence = 0;
  std::string previous;
  uint64_t scan = 0;
  uint64_t ticket = 0;
  uint64_t scanner = 0;
  uint16_t gate = 0;
  bool entry = true;
  bool admitted = false;
  uint16_t reason = 0;
  uint8_t by = 0;
  bool counted = false;
  bool overridden = false;
  bool is_signed = true;  // by itself
};
std::optional<ReadEntry> ReadLogBytes(std::string_view bytes);

// What a place says of one scan.
struct Told {
  uint64_t scan = 0;
  // Ticket, outcome, reason, whether it counts, direction, scanner, gate, time.
  std::array<int64_t, 8> facts{};
  bool counts() const { return facts[3] == 1; }
  uint64_t scanner() const { return static_cast<uint64_t>(facts[5]); }
  std::string Text() const;
};

// What one place says when the match is over and everything is healed.
struct Testimony {
  std::string name;
  std::vector<std::string> entries;                  // bytes; only the cloud is asked for them
  std::vector<Told> scans;                           // in the order of their ids
  std::map<uint64_t, std::set<uint64_t>> conflicts;  // by ticket: the second scans
  // A handheld: of others it need only know who went in and out.
  bool in_short = false;
};
// Reads it from the tables of a gate engine: its logs, and its notes of others' passages by the
// layout in include/ticketing/sync/passage_note.h.
Status ReadTestimony(Database& tables, bool with_entries, Testimony& out);

struct AuditOptions {
  Duration budget = Duration::Millis(300);
  // Within this, whoever is in contact knows of each other's scans, revocations and sales.
  Duration contact = Duration::Seconds(20);
};

class Auditor {
 public:
  explicit Auditor(AuditOptions options) : options_(options) {}

  // What is true. Ids are the numbers inside them.
  void Sold(uint64_t ticket, uint16_t zone);
  void Refunded(uint64_t ticket, Duration at);
  void Reissued(uint64_t ticket, uint16_t issue, Duration at);
  void Enrolled(uint64_t device, std::string public_key);
  void Stolen(uint64_t device) { stolen_.insert(device); }
  // Made with a device that was shut out before: must not count anywhere, unless the bastion that
  // it reaches could not know. What a bastion took in good faith it vouches for.
  void ByThief(uint64_t scan, uint64_t ticket, int bastion, Duration at) {
    by_thief_[scan] = {bastion, at};
    thief_showed_.insert(ticket);
  }
  void LeadsTo(uint16_t gate, uint16_t zone) { leads_.insert({gate, zone}); }

  // From then on the zone takes so many people.
  void Limited(uint16_t zone, int64_t persons, Duration at) {
    limits_[zone].emplace_back(at, persons);
  }
  // Who went out may come back.
  void Reentry() { reentry_ = true; }
  // A bastion passes on to another one whatever it is asked.
  void Follows(int spare, int first) { follows_[spare].insert(first); }
  // Handhelds hear each other while they are alone.
  void Peers() { peers_ = true; }

  // What people saw.
  void Saw(const Shown& shown);
  // Somebody showed a code and got no answer: whether it counts is in the log.
  void SawNothing(uint64_t device, uint64_t ticket, Duration at);

  // When a machine, or the road to it, was not as it should be. Machine -1: all of them.
  void Disturbed(int machine, Duration from, Duration to);
  // A road to the cloud or a bastion: between handhelds nothing is changed.
  void RoadDisturbed(int machine, Duration from, Duration to);

  // A doubled request was answered with this status.
  void Replayed(std::string_view target, int status);

  // Judges. `cloud` is one of the testimonies of `places`, too; none of their devices is revoked.
  void Judge(const Testimony& cloud, std::vector<Testimony> places, int cloud_machine);

  const std::vector<std::string>& violations() const { return violations_; }
  const std::vector<Shown>& shown() const { return shown_; }
  uint64_t double_entries() const { return double_entries_; }

 private:
  struct Truth {
    uint16_t zone = 0;
    uint16_t issue = 0;
    std::optional<Duration> refunded;
    std::vector<std::pair<uint16_t, Duration>> issues;
  };

  void Blame(std::string_view rule, const std::string& what);
  bool Calm(int machine, Duration from, Duration to, bool roads_too = true) const;
  bool BastionCalm(int bastion, Duration from, Duration to) const;
  bool CalmFor(const Shown& shown, Duration from, Duration to) const;
  int64_t DeciderOf(const Shown& shown, int cloud_machine) const;
  void JudgeHonest(const std::map<uint64_t, std::vector<ReadEntry>>& by_ticket);
  bool CameOut(const Shown& shown, size_t entered) const;
  std::string CauseOf(const Shown& shown, const std::vector<ReadEntry>& entered) const;
  void JudgeTwice(int cloud_machine);
  bool KnewForEver(const Shown& first, const Shown& second, int cloud_machine) const;
  bool HeardAsPeer(const Shown& first, const Shown& second) const;
  bool SameDecider(const Shown& first, const Shown& second, int cloud_machine) const;
  bool LeftBetween(const Shown& first, const Shown& second) const;
  void JudgeWindows();
  void JudgeAreas();
  int64_t LimitOf(uint16_t zone, Duration at) const;
  void JudgeRevoked();
  void JudgeLogs(const Testimony& cloud, std::map<uint64_t, ReadEntry>& told);
  void JudgeLost(const std::map<uint64_t, ReadEntry>& told);
  void ForgetStolen(Testimony& place) const;
  void JudgeScans(const Testimony& cloud, const Testimony& place);
  void JudgePlaces(Testimony cloud, std::vector<Testimony> places,
                   const std::map<uint64_t, std::vector<ReadEntry>>& by_ticket);

  const AuditOptions options_;
  std::map<uint64_t, Truth> tickets_;
  std::map<uint64_t, std::string> devices_;
  std::set<uint64_t> stolen_;
  std::map<uint64_t, std::pair<int, Duration>> by_thief_;  // the bastion in reach, and when
  std::set<uint64_t> thief_showed_;                        // tickets
  std::set<std::pair<uint16_t, uint16_t>> leads_;
  std::vector<Shown> shown_;
  std::set<std::pair<uint64_t, uint64_t>> unanswered_;  // device, ticket
  std::map<int, std::vector<std::pair<Duration, Duration>>> disturbed_;
  std::map<int, std::vector<std::pair<Duration, Duration>>> roads_disturbed_;
  std::map<uint16_t, std::vector<std::pair<Duration, int64_t>>> limits_;
  std::map<int, std::set<int>> follows_;                 // a spare, and all that it has followed
  std::map<uint64_t, std::vector<const Shown*>> exits_;  // by ticket
  bool reentry_ = false;
  bool peers_ = false;
  std::vector<std::string> violations_;
  uint64_t double_entries_ = 0;
};

}  // namespace ticketing::sim

#endif  // TICKETING_TESTS_SIM_AUDITOR_H_
