// Best available: which free seats to give to a group.
//
// Every run (a stretch of adjacent seats) has a bit mask of its free seats; n neighbours are found
// with about log2 n shifts. Runs are visited from the nearest on, and a run whose nearest seat is
// too far for the best block so far ends the search, so the cost is that of the runs near the
// answer, and a few nanoseconds per run when nothing is left.
#ifndef TICKETING_LIB_SEAT_SEAT_SEARCH_H_
#define TICKETING_LIB_SEAT_SEAT_SEARCH_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ticketing/seat/chart.h"

namespace ticketing::seat {

struct SeatQuery {
  uint32_t count = 0;
  uint32_t accessible = 0;  // exactly so many wheelchair places; 0 also leaves companion places out
  bool adjacent_only = false;
  bool avoid_orphans = true;
  // A bit per seat that may be given, as EmptyMask and AddToMask make it; null: all.
  const std::vector<uint64_t>* allowed = nullptr;
  // By position in the drawing; empty: any.
  std::vector<bool> categories, sections, zones;
};

struct SeatBlock {
  std::vector<uint32_t> seats;  // ascending
  bool adjacent = false;
  bool orphans = false;
};

// What the search needs to know of a chart, whatever is sold: made once and shared by all events.
struct SeatTables {
  struct RunInfo {
    uint32_t first;
    uint32_t count;
    uint32_t word;      // of its first seat, in the mask vectors
    uint32_t nearest;   // smallest distance of its seats
    uint32_t category;  // of all its seats, or kNone when they differ
    uint32_t section;
    uint32_t zone;
  };

  explicit SeatTables(const Chart& chart);

  std::vector<RunInfo> runs;           // nearest first
  std::vector<uint32_t> word_of_run;   // by the chart's runs
  std::vector<uint32_t> order_of_run;  // by the chart's runs: position in `runs`
  std::vector<uint64_t> seats;         // a bit per seat that exists; each run begins a word
  std::vector<uint64_t> ordinary;      // neither accessible nor companion
  std::vector<uint64_t> accessible;
  std::vector<uint32_t> sums;  // distances of the seats of the run up to and with this one
};

class SeatSearch {
 public:
  // All seats free. `chart` must outlive this.
  explicit SeatSearch(const Chart& chart);

  void SetFree(uint32_t seat, bool free);
  bool IsFree(uint32_t seat) const;

  std::optional<SeatBlock> Find(const SeatQuery& query) const;

  // Free seats that would be left alone by taking `picks` (free seats, ascending) although the same
  // number could be taken from the same stretch without that. Ascending.
  std::vector<uint32_t> Orphans(std::span<const uint32_t> picks) const;

  std::vector<uint64_t> EmptyMask() const { return std::vector<uint64_t>(free_.size()); }
  void AddToMask(std::vector<uint64_t>& mask, uint32_t seat) const;

  size_t MemoryBytes() const;

 private:
  using RunInfo = SeatTables::RunInfo;
  struct Best {
    uint64_t sum = UINT64_MAX;  // of the distances of the block's seats
    uint32_t first = kNone;
  };

  struct Score {
    uint32_t alone = 0;
    uint64_t cost = 0;
    auto operator<=>(const Score&) const = default;
  };
  // Free seats that the query allows, the nearest first.
  struct Candidates {
    // Of each of the nearest sections that have enough for the group. Bounded, as is the next, so
    // that a large group costs well under a millisecond.
    std::vector<std::vector<uint32_t>> sections;
    std::vector<uint32_t> everywhere;
  };

  // Free, and neither accessible nor companion: what the orphan rule counts.
  bool IsOpen(uint32_t seat) const;
  // Open seats that taking `picks` would leave without an open neighbour, if they had one.
  std::vector<uint32_t> Alone(std::span<const uint32_t> picks) const;
  void Summarise(const RunInfo& run, uint32_t order);
  size_t WordOf(uint32_t seat, uint32_t* bit) const;
  bool Wanted(const SeatQuery& query, const RunInfo& run) const;
  uint64_t Sum(const RunInfo& run, uint32_t start, uint32_t count) const;
  template <size_t kWords>
  void SearchRun(const SeatQuery& query, const RunInfo& run, Best* clean, Best* any) const;
  template <typename Use>
  void EachRun(const std::vector<uint64_t>& bits, Use use) const;
  std::optional<SeatBlock> FindAdjacent(const SeatQuery& query) const;
  std::optional<SeatBlock> Block(const SeatQuery& query, const Best& best) const;
  std::optional<SeatBlock> FindTogether(const SeatQuery& query) const;
  Candidates FindCandidates(const SeatQuery& query) const;
  std::vector<uint32_t> Gather(const SeatQuery& query, Point anchor,
                               const std::vector<uint32_t>& group) const;
  Score ScoreOf(const std::vector<uint32_t>& seats) const;

  const Chart& chart_;
  const SeatTables& tables_;
  std::vector<uint64_t> free_;
  // A bit per run, nearest first: whether any seat, and whether any two neighbours, are free. They
  // let the search pass over what is sold out.
  std::vector<uint64_t> some_;
  std::vector<uint64_t> pairs_;
};

}  // namespace ticketing::seat

#endif  // TICKETING_LIB_SEAT_SEAT_SEARCH_H_
