#include "lib/gate/figures_book.h"

#include <algorithm>

#include "lib/gate/scan_store.h"

namespace ticketing::gate {
namespace {

constexpr Duration kRecent = Duration::Minutes(60);
constexpr int64_t kMicrosOfSecond = 1'000'000;

// Scans whose tickets came into no copy are looked at again, but not without end.
constexpr size_t kHomelessMax = 1'000;

constexpr std::string_view kColumns =
    "SELECT s.scan, s.scanner, s.event, s.gate, s.reason, s.outcome, s.direction, s.counts, s.at, "
    "COALESCE(t.zone, -1) FROM ";
constexpr std::string_view kZone =
    " LEFT JOIN tickets t ON t.event = s.event AND t.ticket = s.ticket";

}  // namespace

Status FiguresBook::Look(SqlTransaction& tx, Timestamp now) {
  TICKETING_ASSIGN_OR_RETURN(const auto own, LoadOwnLog(tx));
  const uint64_t newest = own ? own->arrival : 0;
  const std::lock_guard lock(mutex_);
  if (newest <= looked_ && homeless_.empty()) return OkStatus();
  Status done = LookIn(tx, newest, now);
  if (done.ok()) return done;
  looked_ = 0;  // half of it is worse than nothing
  parts_.clear();
  homeless_.clear();
  kinds_.clear();
  inside_.clear();
  recent_.clear();
  return done;
}

// A reader whose snapshot is older than the last look has nothing new to tell.
Status FiguresBook::LookIn(SqlTransaction& tx, uint64_t newest, Timestamp now) {
  const auto take = [&](const SqlRow& row) {
    Part part;
    part.event = static_cast<uint32_t>(row.Int(2));
    part.gate = static_cast<uint16_t>(row.Int(3));
    part.reason = static_cast<uint16_t>(row.Int(4));
    part.outcome = static_cast<uint8_t>(row.Int(5));
    part.direction = static_cast<uint8_t>(row.Int(6));
    part.counts = row.Int(7) != 0;
    part.at = Timestamp{row.Int(8)};
    part.zone = static_cast<int32_t>(row.Int(9));
    Take({row.Int(0), row.Int(1)}, part, now);
    return OkStatus();
  };
  if (newest > looked_) {
    TICKETING_RETURN_IF_ERROR(
        tx.Query(std::string(kColumns) +
                     "(SELECT DISTINCT scan FROM log_entries WHERE arrival > ? AND arrival <= ?) l "
                     "JOIN scans s ON s.scan = l.scan" +
                     std::string(kZone),
                 {static_cast<int64_t>(looked_), static_cast<int64_t>(newest)}, take));
    looked_ = newest;
  }
  while (!recent_.empty() && now - recent_.begin()->first > kRecent) {
    recent_.erase(recent_.begin());
  }
  const std::set<Key> homeless = homeless_;
  for (const auto& [scan, scanner] : homeless) {
    TICKETING_RETURN_IF_ERROR(tx.Query(std::string(kColumns) + "scans s" + std::string(kZone) +
                                           " WHERE s.scan = ? AND s.scanner = ?",
                                       {scan, scanner}, take));
  }
  return OkStatus();
}

void FiguresBook::Take(const Key& key, Part part, Timestamp now) {
  part.recent = now - part.at < kRecent && part.at - now < Duration::Minutes(1);
  const auto [known, fresh] = parts_.try_emplace(key, part);
  if (!fresh) {
    Count(known->second, -1);
    known->second = part;
  }
  Count(part, 1);
  if (part.counts && part.zone < 0 && homeless_.size() < kHomelessMax) {
    homeless_.insert(key);
  } else {
    homeless_.erase(key);
  }
}

void FiguresBook::Count(const Part& part, int64_t by) {
  const auto add = [by](auto& counts, const auto& key) {
    if ((counts[key] += by) == 0) counts.erase(key);
  };
  add(kinds_, Kind{part.event, part.gate, part.reason, part.outcome, part.direction, part.counts});
  if (part.counts && part.zone >= 0) {
    inside_[{part.event, static_cast<uint16_t>(part.zone)}] +=
        part.direction == kLogExitWay ? -by : by;
  }
  if (!part.recent) return;
  const Timestamp second{part.at.micros - part.at.micros % kMicrosOfSecond};
  // What was taken back may be let go of by now.
  if (by > 0 || recent_.contains(second)) add(recent_[second], Place{part.event, part.gate});
}

void FiguresBook::AddTo(GateStatus& status, uint64_t& exits) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [kind, count] : kinds_) {
    const auto number = static_cast<uint64_t>(count);
    status.scans[static_cast<Reason>(kind.reason)] += number;
    if (kind.outcome == kLogRefused) status.refused += number;
    if (kind.counts) (kind.direction == kLogExitWay ? exits : status.admitted) += number;
  }
}

void FiguresBook::AddTo(Timestamp since, std::map<Place, GateFigure>& gates,
                        std::map<Place, ZoneFigure>& zones) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [kind, count] : kinds_) {
    GateFigure& gate = gates[{kind.event, kind.gate}];
    const auto number = static_cast<uint64_t>(count);
    if (kind.outcome == kLogRefused) {
      gate.refused += number;
    } else if (kind.counts) {
      (kind.direction == kLogExitWay ? gate.exits : gate.admitted) += number;
    }
  }
  for (const auto& [place, inside] : inside_) {
    zones[place].inside = static_cast<uint64_t>(std::max<int64_t>(inside, 0));
  }
  const Timestamp second{since.micros - since.micros % kMicrosOfSecond};
  for (auto at = recent_.lower_bound(second); at != recent_.end(); ++at) {
    for (const auto& [place, count] : at->second) {
      gates[place].lately += static_cast<uint64_t>(std::max<int64_t>(count, 0));
    }
  }
}

}  // namespace ticketing::gate
