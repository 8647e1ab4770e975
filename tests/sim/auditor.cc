#include "tests/sim/auditor.h"

#include <algorithm>

#include "ticketing/crypto/hash.h"
#include "ticketing/crypto/signature.h"

namespace ticketing::sim {
namespace {

constexpr size_t kSignature = 64;
constexpr size_t kViolationsMax = 200;
constexpr Duration kSlack = Duration::Millis(25);

// Reasons, by their numbers in the contract of admission/reason.h.
constexpr uint16_t kReread = 2;
constexpr uint16_t kOtherEventOrKey[] = {20, 21, 22, 23};
constexpr uint16_t kExpiredCode = 24;
constexpr uint16_t kSuperseded = 41;
constexpr uint16_t kRevoked = 42;
constexpr uint16_t kNotYet = 60;
constexpr uint16_t kTooLate = 61;
constexpr uint16_t kWrongGate = 62;
constexpr uint16_t kAreaFull = 67;
constexpr uint16_t kAlreadyUsed = 80;
constexpr uint16_t kNotInside = 81;
constexpr uint16_t kAbandoned = 82;

std::string Seconds(Duration at) {
  return std::to_string(at.micros / 1'000'000) + "." + std::to_string(at.micros / 100'000 % 10) +
         " s";
}

std::string Describe(const Shown& s) {
  return "person " + std::to_string(s.person) + " at " + Seconds(s.asked) + ", gate " +
         std::to_string(s.gate) + ", handheld " + std::to_string(s.handheld) + ", ticket " +
         std::to_string(s.ticket) + (s.entry ? ", entry" : ", exit") + ", reason " +
         std::to_string(s.reason) + ", by " + std::to_string(s.by);
}

}  // namespace

void Auditor::Blame(std::string_view rule, const std::string& what) {
  if (violations_.size() < kViolationsMax) {
    violations_.push_back(std::string(rule) + ": " + what);
  }
}

void Auditor::Sold(uint64_t ticket, uint16_t zone) {
  tickets_[ticket].zone = zone;
}

void Auditor::Refunded(uint64_t ticket, Duration at) {
  tickets_[ticket].refunded = at;
}

void Auditor::Reissued(uint64_t ticket, uint16_t issue, Duration at) {
  tickets_[ticket].issue = issue;
  tickets_[ticket].issues.emplace_back(issue, at);
}

void Auditor::Enrolled(uint64_t device, std::string public_key) {
  devices_[device] = std::move(public_key);
}

void Auditor::Saw(const Shown& shown) {
  shown_.push_back(shown);
  if (shown.micros > (options_.budget + kSlack).micros ||
      shown.at - shown.asked > options_.budget + kSlack) {
    Blame("budget", Describe(shown) + " took " + std::to_string(shown.micros) + " us");
  }
  if (shown.admitted && !shown.genuine) Blame("forged", Describe(shown));
}

void Auditor::SawNothing(uint64_t device, uint64_t ticket, Duration) {
  unanswered_.insert({device, ticket});
}

void Auditor::Disturbed(int machine, Duration from, Duration to) {
  disturbed_[machine].emplace_back(from, to);
}

void Auditor::RoadDisturbed(int machine, Duration from, Duration to) {
  roads_disturbed_[machine].emplace_back(from, to);
}

void Auditor::Replayed(std::string_view target, int status) {
  if (status != 401 && status != 403) {
    Blame("replay", std::string(target) + " was answered with " + std::to_string(status));
  }
}

bool Auditor::Calm(int machine, Duration from, Duration to, bool roads_too) const {
  const auto overlaps = [&](const auto& spans, int who) {
    const auto found = spans.find(who);
    return found != spans.end() &&
           std::any_of(found->second.begin(), found->second.end(),
                       [&](const auto& span) { return span.first <= to && span.second >= from; });
  };
  for (const int who : {machine, -1}) {
    if (overlaps(disturbed_, who) || (roads_too && overlaps(roads_disturbed_, who))) return false;
  }
  return true;
}

// What a spare answers is the first one's word, as long as that one answers.
bool Auditor::BastionCalm(int bastion, Duration from, Duration to) const {
  if (bastion < 0) return true;
  if (!Calm(bastion, from, to)) return false;
  const auto firsts = follows_.find(bastion);
  return firsts == follows_.end() || std::all_of(firsts->second.begin(), firsts->second.end(),
                                                 [&](int first) { return Calm(first, from, to); });
}

bool Auditor::CalmFor(const Shown& shown, Duration from, Duration to) const {
  return Calm(shown.handheld, from, to) && BastionCalm(shown.bastion, from, to);
}

int64_t Auditor::DeciderOf(const Shown& shown, int cloud_machine) const {
  if (shown.by == 3) return cloud_machine;
  return shown.by == 2 ? shown.bastion : shown.handheld;
}

// As often as somebody went in, he came out, and everybody could know.
bool Auditor::CameOut(const Shown& shown, size_t entered) const {
  size_t exits = 0;
  const Duration from = shown.asked - Duration::Minutes(10);
  for (const Shown& other : shown_) {
    if (other.ticket != shown.ticket || other.entry || !other.admitted || !other.counted) continue;
    if (shown.asked - other.at <= options_.contact) return false;
    if (!CalmFor(other, from, shown.at)) return false;
    ++exits;
  }
  return exits > 0 && exits >= entered && CalmFor(shown, from, shown.at);
}

// A stated cause, or nothing.
std::string Auditor::CauseOf(const Shown& shown, const std::vector<ReadEntry>& entered) const {
  const Truth& truth = tickets_.at(shown.ticket);
  const Duration long_ago = shown.asked - Duration::Minutes(30);
  switch (shown.reason) {
    case kExpiredCode:
      return CalmFor(shown, Duration{}, shown.at) ? "" : "a wrong clock";
    case kAreaFull:
      return limits_.contains(truth.zone) ? "the area is full" : "";
    case kAlreadyUsed:
      for (const ReadEntry& other : entered) {
        if (other.scan != shown.scan) return "somebody entered with it";
      }
      if (thief_showed_.contains(shown.ticket)) return "a stolen handheld let somebody in with it";
      for (const auto& [device, ticket] : unanswered_) {
        if (ticket == shown.ticket) return "an earlier try had no answer";
      }
      return "";
    case kWrongGate:
      return leads_.contains({shown.gate, truth.zone}) ? "" : "the wrong gate";
    case kRevoked:
      return truth.refunded && *truth.refunded <= shown.at ? "refunded" : "";
    case kSuperseded:
      return !truth.issues.empty() && truth.issue > shown.issue ? "replaced" : "";
    case kNotYet:
    case kTooLate:
      return CalmFor(shown, long_ago, shown.at) ? "" : "a wrong clock";
    case kNotInside:
      for (const Shown& other : shown_) {
        if (other.ticket == shown.ticket && other.entry && other.admitted &&
            !CalmFor(other, long_ago, shown.at)) {
          return "the entry was not known here";
        }
      }
      return CalmFor(shown, long_ago, shown.at) ? "" : "the entry was not known here";
    case kAbandoned:
      return "the handheld stopped";
    default:
      return "";
  }
}

void Auditor::JudgeHonest(const std::map<uint64_t, std::vector<ReadEntry>>& by_ticket) {
  static const std::vector<ReadEntry> kNobody;
  for (const Shown& shown : shown_) {
    if (shown.admitted || !shown.honest) continue;
    const auto found = by_ticket.find(shown.ticket);
    if (reentry_ && shown.reason == kAlreadyUsed && shown.entry && found != by_ticket.end() &&
        CameOut(shown, found->second.size())) {
      Blame("reentry", Describe(shown));
      continue;
    }
    if (CauseOf(shown, found == by_ticket.end() ? kNobody : found->second).empty()) {
      Blame("honest", Describe(shown));
    }
  }
}

// A spare that is in contact with the first one does not decide itself.
bool Auditor::SameDecider(const Shown& first, const Shown& second, int cloud_machine) const {
  const auto joined = [&](int spare, int other) {
    const auto found = follows_.find(spare);
    return found != follows_.end() && found->second.contains(other);
  };
  const bool same = DeciderOf(first, cloud_machine) == DeciderOf(second, cloud_machine);
  const bool by_bastions = first.by == 2 && second.by == 2;
  const bool of_two = by_bastions && (joined(first.bastion, second.bastion) ||
                                      joined(second.bastion, first.bastion));
  if (by_bastions && (of_two || follows_.contains(first.bastion))) {
    const Duration from = first.asked - options_.contact;
    return (same || of_two) && BastionCalm(first.bastion, from, second.at) &&
           BastionCalm(second.bastion, from, second.at);
  }
  return same;
}

// Everybody was in contact when the first went in and for long enough after that: whatever happens
// to whom later, disks keep it.
bool Auditor::KnewForEver(const Shown& first, const Shown& second, int cloud_machine) const {
  if (second.asked - first.at <= options_.contact) return false;
  const Duration from = first.asked - options_.contact;
  const Duration to = first.at + options_.contact;
  return CalmFor(first, from, to) && CalmFor(second, from, to) && Calm(cloud_machine, from, to);
}

bool Auditor::HeardAsPeer(const Shown& first, const Shown& second) const {
  if (!peers_ || first.by != 1 || second.by != 1) return false;
  if (second.asked - first.at <= options_.contact) return false;
  const Duration from = first.asked - options_.contact;
  return Calm(first.handheld, from, second.at, false) &&
         Calm(second.handheld, from, second.at, false);
}

bool Auditor::LeftBetween(const Shown& first, const Shown& second) const {
  const auto exits = exits_.find(second.ticket);
  return reentry_ && exits != exits_.end() &&
         std::any_of(exits->second.begin(), exits->second.end(), [&](const Shown* exit) {
           return exit->at > first.at && exit->at < second.asked;
         });
}

// The arithmetic of CODE.md, not the engine's: windows of 15 s since 1970, and the simulation
// begins at the start of one.
void Auditor::JudgeWindows() {
  constexpr int64_t kWindow = 15'000'000;
  constexpr int64_t kTold = 100'000;  // as exactly as a phone's error is known
  const auto window = [](int64_t micros) { return (micros + 1000 * kWindow) / kWindow; };
  for (const Shown& shown : shown_) {
    if (!shown.rotating || !CalmFor(shown, Duration{}, shown.at)) continue;
    const int64_t earliest = window(shown.made.micros - kTold);
    const int64_t latest = window(shown.made.micros + kTold);
    const int64_t asked = window(shown.asked.micros);
    const int64_t answered = window(shown.at.micros);
    const bool good = answered - earliest <= 1 && latest - asked <= 1;
    const bool expired = asked - latest > 1 || earliest - answered > 1;
    const std::string age = ", code made " + Seconds(shown.asked - shown.made) + " before";
    if (expired && shown.admitted) Blame("window", Describe(shown) + age);
    if (good && shown.reason == kExpiredCode) Blame("window", Describe(shown) + age);
  }
}

int64_t Auditor::LimitOf(uint16_t zone, Duration at) const {
  const auto found = limits_.find(zone);
  if (found == limits_.end()) return INT64_MAX;
  int64_t limit = INT64_MAX;
  for (const auto& [since, persons] : found->second) {
    if (since <= at) limit = persons;
  }
  return limit;
}

// Whoever decides knows at least of those whom he let in himself, and at most of all who left.
void Auditor::JudgeAreas() {
  if (limits_.empty()) return;
  std::vector<const Shown*> in_order;
  for (const Shown& shown : shown_) in_order.push_back(&shown);
  std::stable_sort(in_order.begin(), in_order.end(),
                   [](const Shown* a, const Shown* b) { return a->at < b->at; });
  std::map<std::pair<int64_t, uint16_t>, int64_t> let_in;
  std::map<uint16_t, int64_t> out, in;
  std::map<uint16_t, int64_t> unanswered;
  for (const auto& [device, ticket] : unanswered_) {
    const auto truth = tickets_.find(ticket);
    if (truth != tickets_.end()) ++unanswered[truth->second.zone];
  }
  for (const Shown* shown : in_order) {
    const auto truth = tickets_.find(shown->ticket);
    if (truth == tickets_.end() || !limits_.contains(truth->second.zone)) continue;
    const uint16_t zone = truth->second.zone;
    // Just after the change some have heard of it and some have not.
    const int64_t limit =
        std::max(LimitOf(zone, shown->at), LimitOf(zone, shown->at - options_.contact));
    const int64_t least =
        std::min(LimitOf(zone, shown->at), LimitOf(zone, shown->at - options_.contact));
    if (shown->reason == kAreaFull && in[zone] + unanswered[zone] < least &&
        CalmFor(*shown, shown->at - options_.contact, shown->at)) {
      Blame("area", Describe(*shown) + ": there was room, " + std::to_string(in[zone]) + " of " +
                        std::to_string(least));
    }
    if (!shown->admitted || !shown->counted) continue;
    if (!shown->entry) {
      ++out[zone];
      continue;
    }
    ++in[zone];
    const int64_t mine = ++let_in[{DeciderOf(*shown, -2), zone}];
    if (mine - out[zone] > limit) {
      Blame("area", Describe(*shown) + " is one of " + std::to_string(mine) + " where " +
                        std::to_string(limit) + " may be");
    }
  }
}

void Auditor::JudgeTwice(int cloud_machine) {
  std::map<uint64_t, std::vector<const Shown*>> by_ticket;
  for (const Shown& shown : shown_) {
    if (!shown.admitted || !shown.counted) continue;
    (shown.entry ? by_ticket : exits_)[shown.ticket].push_back(&shown);
  }
  for (auto& [ticket, entries] : by_ticket) {
    std::sort(entries.begin(), entries.end(),
              [](const Shown* a, const Shown* b) { return a->asked < b->asked; });
    for (size_t i = 1; i < entries.size(); ++i) {
      for (size_t j = 0; j < i; ++j) {
        const Shown& first = *entries[j];
        const Shown& second = *entries[i];
        if (first.scan == second.scan) continue;
        if (LeftBetween(first, second)) continue;
        const bool same = SameDecider(first, second, cloud_machine);
        const Duration from = first.asked - options_.contact;
        const bool knew = second.asked - first.at > options_.contact &&
                          CalmFor(first, from, second.at) && CalmFor(second, from, second.at) &&
                          Calm(cloud_machine, from, second.at);
        if (same || knew || HeardAsPeer(first, second)) {
          Blame("twice", Describe(second) + (same ? " by whoever admitted " : " in contact with ") +
                             Describe(first));
        } else if (KnewForEver(first, second, cloud_machine)) {
          Blame("forgot", Describe(second) + " after " + Describe(first));
        }
      }
    }
  }
}

void Auditor::JudgeRevoked() {
  for (const Shown& shown : shown_) {
    const auto found = tickets_.find(shown.ticket);
    if (!shown.admitted || !shown.entry || !shown.genuine || found == tickets_.end()) continue;
    std::optional<Duration> since = found->second.refunded;
    for (const auto& [issue, at] : found->second.issues) {
      if (issue > shown.issue && (!since || at < *since)) since = at;
    }
    if (!since || shown.asked - *since <= options_.contact) continue;
    if (CalmFor(shown, *since - options_.contact, shown.at)) Blame("revoked", Describe(shown));
  }
}

void Auditor::JudgeLogs(const Testimony& cloud, std::map<uint64_t, ReadEntry>& told) {
  uint64_t device = 0, sequence = 0;
  std::string last(32, '\0');
  for (size_t i = 0; i < cloud.entries.size(); ++i) {
    const std::string& bytes = cloud.entries[i];
    const std::optional<ReadEntry> entry = ReadLogBytes(bytes);
    if (!entry) {
      Blame("chain", "an entry cannot be read");
      continue;
    }
    if (entry->device != device) {
      device = entry->device;
      sequence = 0;
      last.assign(32, '\0');
    }
    const std::string where =
        "device " + std::to_string(device) + ", entry " + std::to_string(entry->sequence);
    if (entry->sequence != ++sequence && !stolen_.contains(device)) {
      Blame("chain", where + " after " + std::to_string(sequence - 1));
    }
    if (entry->sequence == sequence && entry->previous != last) Blame("chain", where + ": hash");
    sequence = entry->sequence;
    last = Blake2b256(bytes);
    const auto key = devices_.find(device);
    if (!entry->is_signed) {
      // The hash in the entry behind it speaks for it, and that one's signature for both.
      const bool follows = i + 1 < cloud.entries.size();
      const auto next = follows ? ReadLogBytes(cloud.entries[i + 1]) : std::nullopt;
      if (!next || next->device != device || next->sequence != entry->sequence + 1) {
        Blame("chain", where + ": nobody signs for it");
      }
    } else if (key != devices_.end()) {
      const std::string_view all = bytes;
      const size_t length = all.size() - kSignature;
      if (!VerifySignature(key->second, all.substr(0, length), all.substr(length))) {
        Blame("chain", where + ": signature");
      }
    }
    // What the scanner says of its own scan is what its person saw.
    const auto known = told.find(entry->scan);
    if (known == told.end() || entry->device == entry->scanner) told[entry->scan] = *entry;
  }
}

void Auditor::JudgeLost(const std::map<uint64_t, ReadEntry>& told) {
  std::set<uint64_t> made;
  for (const Shown& shown : shown_) {
    made.insert(shown.scan);
    if (stolen_.contains(shown.device)) continue;
    const auto found = told.find(shown.scan);
    if (found == told.end()) {
      Blame("lost", Describe(shown));
    } else if (found->second.admitted != shown.admitted || found->second.reason != shown.reason ||
               found->second.scanner != shown.device || found->second.counted != shown.counted) {
      Blame("lost",
            Describe(shown) + " is told otherwise: reason " + std::to_string(found->second.reason) +
                ", by device " + std::to_string(found->second.device) + ", scanner " +
                std::to_string(found->second.scanner) + ", counted " +
                std::to_string(found->second.counted) + " / " + std::to_string(shown.counted));
    }
  }
  for (const auto& [scan, entry] : told) {
    // A bastion that is cut off from the cloud has not heard of the theft, and answers in good
    // faith.
    const auto thief = by_thief_.find(scan);
    if (thief != by_thief_.end() && stolen_.contains(entry.device)) {
      const auto& [bastion, at] = thief->second;
      const bool knew =
          bastion < 0 || Calm(bastion, at - Duration::Minutes(1), at + Duration::Minutes(2));
      if (knew) Blame("thief", "scan " + std::to_string(scan));
    }
    if (made.contains(scan) || stolen_.contains(entry.scanner)) continue;
    if (!unanswered_.contains({entry.scanner, entry.ticket})) {
      Blame("invented", "scan " + std::to_string(scan) + " of device " +
                            std::to_string(entry.scanner) + ", ticket " +
                            std::to_string(entry.ticket));
    }
  }
}

namespace {

std::string FirstDifference(const std::map<uint64_t, std::set<uint64_t>>& mine,
                            const std::map<uint64_t, std::set<uint64_t>>& theirs) {
  for (const auto& [ticket, scans] : theirs) {
    const auto found = mine.find(ticket);
    if (found == mine.end()) return "nothing of ticket " + std::to_string(ticket);
    if (found->second != scans) return "others of ticket " + std::to_string(ticket);
  }
  for (const auto& [ticket, scans] : mine) {
    if (!theirs.contains(ticket)) return "of ticket " + std::to_string(ticket);
  }
  return "none";
}

}  // namespace

// Nothing of what a stolen device scanned, nor of the tickets that it scanned.
void Auditor::ForgetStolen(Testimony& place) const {
  if (stolen_.empty()) return;
  std::erase_if(place.scans, [&](const Told& told) { return stolen_.contains(told.scanner()); });
  place.conflicts.clear();
}

void Auditor::JudgeScans(const Testimony& cloud, const Testimony& place) {
  size_t different = 0;
  std::string example;
  const auto differs = [&](const Told& theirs, const std::string& mine) {
    ++different;
    example = "scan " + std::to_string(theirs.scan) + ": " + mine + " / " + theirs.Text();
  };
  auto mine = place.scans.begin();
  const auto unknown = [&] {
    Blame("converge", place.name + " knows of scan " + std::to_string(mine->scan) + ": " +
                          mine->Text() + ", the cloud does not");
    ++mine;
  };
  for (const Told& theirs : cloud.scans) {
    while (mine != place.scans.end() && mine->scan < theirs.scan) unknown();
    if (mine == place.scans.end() || mine->scan != theirs.scan) {
      if (!place.in_short || theirs.counts()) differs(theirs, "missing");
      continue;
    }
    if (mine->facts != theirs.facts) differs(theirs, mine->Text());
    ++mine;
  }
  while (mine != place.scans.end()) unknown();
  if (different == 0) return;
  Blame("converge", place.name + " has " + std::to_string(place.scans.size()) + " scans of " +
                        std::to_string(cloud.scans.size()) + ", " + std::to_string(different) +
                        " differ; " + example);
}

void Auditor::JudgePlaces(Testimony cloud, std::vector<Testimony> places,
                          const std::map<uint64_t, std::vector<ReadEntry>>& by_ticket) {
  double_entries_ = 0;
  for (const auto& [ticket, entered] : by_ticket) {
    if (exits_.contains(ticket) && reentry_) continue;
    const size_t expected = entered.size() - 1;
    double_entries_ += expected;
    const auto found = cloud.conflicts.find(ticket);
    const size_t have = found == cloud.conflicts.end() ? 0 : found->second.size();
    if (have != expected) {
      Blame("conflict", "ticket " + std::to_string(ticket) + " entered " +
                            std::to_string(entered.size()) + " times and has " +
                            std::to_string(have) + " conflicts");
    }
  }
  for (const auto& [ticket, scans] : cloud.conflicts) {
    if (!by_ticket.contains(ticket)) {
      Blame("conflict", "ticket " + std::to_string(ticket) + " did not enter");
    }
  }
  ForgetStolen(cloud);
  for (Testimony& place : places) {
    ForgetStolen(place);
    if (place.conflicts != cloud.conflicts) {
      Blame("conflict", place.name + " knows of other conflicts than the cloud: " +
                            FirstDifference(place.conflicts, cloud.conflicts));
    }
    JudgeScans(cloud, place);
  }
}

void Auditor::Judge(const Testimony& cloud, std::vector<Testimony> places, int cloud_machine) {
  std::map<uint64_t, ReadEntry> told;
  JudgeLogs(cloud, told);
  std::map<uint64_t, std::vector<ReadEntry>> by_ticket;
  for (const auto& [scan, entry] : told) {
    if (entry.kind == 1 && entry.admitted && entry.counted && entry.entry && entry.ticket != 0) {
      by_ticket[entry.ticket].push_back(entry);
    }
  }
  JudgeLost(told);
  JudgeHonest(by_ticket);
  JudgeTwice(cloud_machine);
  JudgeRevoked();
  JudgeWindows();
  JudgeAreas();
  JudgePlaces(cloud, std::move(places), by_ticket);
  for (const Shown& shown : shown_) {
    const bool unreadable = std::find(std::begin(kOtherEventOrKey), std::end(kOtherEventOrKey),
                                      shown.reason) != std::end(kOtherEventOrKey);
    if (shown.genuine && unreadable)
      Blame("honest", "a good code was not read: " + Describe(shown));
    if (shown.reason == kReread && shown.counted) Blame("invented", "a re-read counts");
  }
}

}  // namespace ticketing::sim
