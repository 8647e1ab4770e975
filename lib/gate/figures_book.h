// Counts of scans that follow the log: a look costs what came in since the last one, however many
// scans the day has had.
#ifndef TICKETING_LIB_GATE_FIGURES_BOOK_H_
#define TICKETING_LIB_GATE_FIGURES_BOOK_H_

#include <compare>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "ticketing/base/id.h"
#include "ticketing/base/status.h"
#include "ticketing/base/time.h"
#include "ticketing/env/database.h"
#include "ticketing/gate/engine.h"

namespace ticketing::gate {

// Thread-safe. It holds about a hundred bytes for each scan from the first look on; nothing before.
class FiguresBook {
 public:
  // Reads what came in since the last look. `now` keeps devices whose clocks are wrong out of what
  // counts as lately. Errors: the database's, and then it begins anew.
  Status Look(SqlTransaction& tx, Timestamp now);

  // As of the last look: by reason, people who went in, and refusals; and people who went out.
  void AddTo(GateStatus& status, uint64_t& exits) const;
  // By gate, and by zone who is inside; scans at `since` or later count as lately. Times before the
  // last hour count as the last hour.
  void AddTo(Timestamp since, std::map<std::pair<uint32_t, uint16_t>, GateFigure>& gates,
             std::map<std::pair<uint32_t, uint16_t>, ZoneFigure>& zones) const;

 private:
  // What a scan counts as. The zone is the one that its ticket has when the scan is looked at; -1
  // while its ticket is in no copy.
  struct Part {
    uint32_t event = 0;
    uint16_t gate = 0;
    uint16_t reason = 0;
    uint8_t outcome = 0;
    uint8_t direction = 0;
    bool counts = false;
    int32_t zone = -1;
    Timestamp at;
    bool recent = false;  // counted in recent_
  };
  // All that scans of one kind have in common.
  struct Kind {
    uint32_t event = 0;
    uint16_t gate = 0;
    uint16_t reason = 0;
    uint8_t outcome = 0;
    uint8_t direction = 0;
    bool counts = false;
    auto operator<=>(const Kind&) const = default;
  };
  using Place = std::pair<uint32_t, uint16_t>;
  using Key = std::pair<int64_t, int64_t>;  // scan and scanner

  Status LookIn(SqlTransaction& tx, uint64_t newest, Timestamp now);
  void Take(const Key& key, Part part, Timestamp now);
  void Count(const Part& part, int64_t by);

  mutable std::mutex mutex_;
  uint64_t looked_ = 0;  // arrivals that are counted
  std::map<Key, Part> parts_;
  std::set<Key> homeless_;  // scans whose tickets had no zone
  std::map<Kind, int64_t> kinds_;
  std::map<Place, int64_t> inside_;
  std::map<Timestamp, std::map<Place, int64_t>> recent_;  // scans by second
};

}  // namespace ticketing::gate

#endif  // TICKETING_LIB_GATE_FIGURES_BOOK_H_
