#include "tests/sim/auditor.h"

#include <algorithm>

#include "ticketing/crypto/hash.h"
#include "ticketing/crypto/signature.h"

namespace ticketing::sim {
namespace {

constexpr size_t kEntry = 106;  // less its note and its signature
constexpr size_t kSignature = 64;
constexpr size_t kViolationsMax = 200;
constexpr Duration kSlack = Duration::Millis(25);

// Reasons, by their numbers in the contract of admission/reason.h.
constexpr uint16_t kReread = 2;
constexpr uint16_t kOtherEventOrKey[] = {20, 21, 22, 23};
constexpr uint16_t kSuperseded = 41;
constexpr uint16_t kRevoked = 42;
constexpr uint16_t kNotYet = 60;
constexpr uint16_t kTooLate = 61;
constexpr uint16_t kWrongGate = 62;
constexpr uint16_t kAlreadyUsed = 80;
constexpr uint16_t kNotInside = 81;
constexpr uint16_t kAbandoned = 82;

uint64_t Number(std::string_view bytes, size_t at, size_t width) {
  uint64_t value = 0;
  for (size_t i = 0; i < width; ++i) value = value << 8 | static_cast<uint8_t>(bytes[at + i]);
  return value;
}

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

std::optional<ReadEntry> ReadLogBytes(std::string_view bytes) {
  if (bytes.size() < kEntry) return std::nullopt;
  ReadEntry entry;
  // 1 and 2 are signed by themselves, 3 and 4 by a later one; 2 and 4 end with a note.
  const int version = bytes[0];
  if (version < 1 || version > 4) return std::nullopt;
  entry.is_signed = version <= 2;
  const size_t least = kEntry + (entry.is_signed ? kSignature : 0);
  const bool noted = version % 2 == 0;
  if (noted ? bytes.size() < least + 4 : bytes.size() != least) return std::nullopt;
  entry.kind = static_cast<uint8_t>(bytes[1]);
  entry.device = Number(bytes, 2, 8);
  entry.sequence = Number(bytes, 10, 8);
  entry.previous = bytes.substr(36, 32);
  entry.scan = Number(bytes, 68, 8);
  entry.ticket = Number(bytes, 76, 8);
  entry.scanner = Number(bytes, 88, 8);
  entry.gate = static_cast<uint16_t>(Number(bytes, 96, 2));
  entry.entry = bytes[98] == 1;
  entry.admitted = bytes[99] == 1;
  entry.reason = static_cast<uint16_t>(Number(bytes, 100, 2));
  entry.by = static_cast<uint8_t>(bytes[102]);
  entry.counted = (bytes[105] & 1) != 0;
  entry.overridden = (bytes[105] & 4) != 0;
  return entry;
}

namespace {

constexpr size_t kNote = 56;

// What was said of scans, in the order in which it was said: later ones speak.
class Sayings {
 public:
  void Say(const Told& told) { said_.push_back({told, true}); }
  void TakeBack(uint64_t scan) { said_.push_back({Told{.scan = scan}, false}); }
  // By scan, without those that were taken back.
  std::vector<Told> Sum() {
    std::stable_sort(said_.begin(), said_.end(),
                     [](const auto& a, const auto& b) { return a.first.scan < b.first.scan; });
    std::vector<Told> sum;
    sum.reserve(said_.size());
    for (size_t i = 0; i < said_.size(); ++i) {
      const bool last = i + 1 == said_.size() || said_[i + 1].first.scan != said_[i].first.scan;
      if (last && said_[i].second) sum.push_back(said_[i].first);
    }
    return sum;
  }

 private:
  std::vector<std::pair<Told, bool>> said_;
};

// Notes come one behind the other.
Status ReadNotes(std::string_view notes, Sayings& out) {
  if (notes.size() % kNote != 0) return MakeError(ErrorCode::kDataLoss, "half a note");
  for (size_t at = 0; at < notes.size(); at += kNote) {
    const auto number = [&](size_t offset, size_t width) {
      return static_cast<int64_t>(Number(notes, at + offset, width));
    };
    const int64_t flags = number(0, 1);
    const auto scan = static_cast<uint64_t>(number(4, 8));
    if ((flags & 1) == 0) {
      out.TakeBack(scan);
      continue;
    }
    out.Say({scan,
             {number(12, 8), 1, number(2, 2), 1, (flags & 2) != 0 ? 2 : 1, number(24, 8),
              number(32, 2), number(46, 8)}});
  }
  return OkStatus();
}

}  // namespace

std::string Told::Text() const {
  std::string text;
  for (const int64_t fact : facts) text += std::to_string(fact) + " ";
  return text;
}

Status ReadTestimony(Database& tables, bool with_entries, Testimony& out) {
  return tables.Read([&](SqlTransaction& tx) -> Status {
    if (with_entries) {
      TICKETING_RETURN_IF_ERROR(tx.Query("SELECT entry FROM log_entries ORDER BY device, sequence",
                                         {}, [&](const SqlRow& row) {
                                           out.entries.push_back(row.Bytes(0));
                                           return OkStatus();
                                         }));
    }
    // What a log tells is not told by a note: it is read behind them.
    Sayings said;
    TICKETING_RETURN_IF_ERROR(
        tx.Query("SELECT notes FROM passages ORDER BY chunk", {},
                 [&](const SqlRow& row) { return ReadNotes(row.Bytes(0), said); }));
    TICKETING_RETURN_IF_ERROR(
        tx.Query("SELECT scan, ticket, outcome, reason, counts, direction, scanner, gate, at FROM "
                 "scans",
                 {}, [&](const SqlRow& row) {
                   Told told;
                   told.scan = static_cast<uint64_t>(row.Int(0));
                   for (int i = 1; i < 9; ++i) told.facts[static_cast<size_t>(i - 1)] = row.Int(i);
                   said.Say(told);
                   return OkStatus();
                 }));
    out.scans = said.Sum();
    return tx.Query("SELECT ticket, second_scan FROM conflicts", {}, [&](const SqlRow& row) {
      out.conflicts[static_cast<uint64_t>(row.Int(0))].insert(static_cast<uint64_t>(row.Int(1)));
      return OkStatus();
    });
  });
}

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

void Auditor::Replayed(std::string_view target, int status) {
  if (status != 401 && status != 403) {
    Blame("replay", std::string(target) + " was answered with " + std::to_string(status));
  }
}

bool Auditor::Calm(int machine, Duration from, Duration to) const {
  for (const int who : {machine, -1}) {
    const auto found = disturbed_.find(who);
    if (found == disturbed_.end()) continue;
    for (const auto& [begin, end] : found->second) {
      if (begin <= to && end >= from) return false;
    }
  }
  return true;
}

bool Auditor::CalmFor(const Shown& shown, Duration from, Duration to) const {
  return Calm(shown.handheld, from, to) && (shown.bastion < 0 || Calm(shown.bastion, from, to));
}

int64_t Auditor::DeciderOf(const Shown& shown, int cloud_machine) const {
  if (shown.by == 3) return cloud_machine;
  return shown.by == 2 ? shown.bastion : shown.handheld;
}

// A stated cause, or nothing.
std::string Auditor::CauseOf(const Shown& shown, const std::vector<ReadEntry>& entered) const {
  const Truth& truth = tickets_.at(shown.ticket);
  const Duration long_ago = shown.asked - Duration::Minutes(30);
  switch (shown.reason) {
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
    if (CauseOf(shown, found == by_ticket.end() ? kNobody : found->second).empty()) {
      Blame("honest", Describe(shown));
    }
  }
}

void Auditor::JudgeTwice(int cloud_machine) {
  std::map<uint64_t, std::vector<const Shown*>> by_ticket;
  for (const Shown& shown : shown_) {
    if (shown.admitted && shown.counted && shown.entry) by_ticket[shown.ticket].push_back(&shown);
  }
  for (auto& [ticket, entries] : by_ticket) {
    std::sort(entries.begin(), entries.end(),
              [](const Shown* a, const Shown* b) { return a->asked < b->asked; });
    for (size_t i = 1; i < entries.size(); ++i) {
      for (size_t j = 0; j < i; ++j) {
        const Shown& first = *entries[j];
        const Shown& second = *entries[i];
        if (first.scan == second.scan) continue;
        const bool same = DeciderOf(first, cloud_machine) == DeciderOf(second, cloud_machine);
        const Duration from = first.asked - options_.contact;
        const bool knew = second.asked - first.at > options_.contact &&
                          CalmFor(first, from, second.at) && CalmFor(second, from, second.at) &&
                          Calm(cloud_machine, from, second.at);
        if (!same && !knew) continue;
        Blame("twice", Describe(second) + (same ? " by whoever admitted " : " in contact with ") +
                           Describe(first));
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
