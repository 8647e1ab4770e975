// What a place has on its disk, read by the layouts in include/ticketing/sync/log_entry.h and
// passage_note.h, with a reader that shares nothing with theirs.
#include <algorithm>

#include "tests/sim/auditor.h"

namespace ticketing::sim {
namespace {

constexpr size_t kEntry = 106;  // less its note and its signature
constexpr size_t kSignature = 64;

uint64_t Number(std::string_view bytes, size_t at, size_t width) {
  uint64_t value = 0;
  for (size_t i = 0; i < width; ++i) value = value << 8 | static_cast<uint8_t>(bytes[at + i]);
  return value;
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

}  // namespace ticketing::sim
