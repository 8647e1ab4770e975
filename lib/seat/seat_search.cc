#include "lib/seat/seat_search.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <tuple>

#include "ticketing/base/limits.h"

namespace ticketing::seat {
namespace {

constexpr size_t kWordsMax = (limits::kSeatsPerRowMax + 63) / 64;

// The seats of one run as bits. One word serves almost every run; the wide form serves rows without
// aisles.
template <size_t kWords>
struct Bits {
  std::array<uint64_t, kWords> words{};

  bool Any() const {
    for (const uint64_t word : words) {
      if (word != 0) return true;
    }
    return false;
  }
  bool Test(uint32_t i) const { return words[i / 64] >> (i % 64) & 1; }
  uint32_t Count(uint32_t first, uint32_t count) const {
    uint32_t n = 0;
    for (uint32_t i = first; i < first + count; ++i) n += Test(i);
    return n;
  }
  Bits operator&(const Bits& o) const {
    return Map([&](size_t i) { return words[i] & o.words[i]; });
  }
  Bits operator|(const Bits& o) const {
    return Map([&](size_t i) { return words[i] | o.words[i]; });
  }
  Bits Without(const Bits& o) const {
    return Map([&](size_t i) { return words[i] & ~o.words[i]; });
  }
  // Bit i of the result is bit i + n (Down) or i - n (Up) of this; n < 64.
  Bits Down(uint32_t n) const {
    if (n == 0) return *this;
    return Map(
        [&](size_t i) { return words[i] >> n | (i + 1 < kWords ? words[i + 1] << (64 - n) : 0); });
  }
  Bits Up(uint32_t n) const {
    if (n == 0) return *this;
    return Map([&](size_t i) { return words[i] << n | (i > 0 ? words[i - 1] >> (64 - n) : 0); });
  }
  template <typename Use>
  void Each(Use use) const {
    for (size_t i = 0; i < kWords; ++i) {
      for (uint64_t rest = words[i]; rest != 0; rest &= rest - 1) {
        use(static_cast<uint32_t>(i * 64 + static_cast<size_t>(std::countr_zero(rest))));
      }
    }
  }

 private:
  template <typename Word>
  static Bits Map(Word word) {
    Bits out;
    for (size_t i = 0; i < kWords; ++i) out.words[i] = word(i);
    return out;
  }
};

template <size_t kWords>
Bits<kWords> LoadBits(const uint64_t* words, uint32_t count) {
  Bits<kWords> bits;
  for (size_t i = 0; i < (count + 63) / 64; ++i) bits.words[i] = words[i];
  return bits;
}

// Bit i set when the bits i .. i+n-1 of `bits` are all set.
template <size_t kWords>
Bits<kWords> Stretches(Bits<kWords> bits, uint32_t n) {
  for (uint32_t have = 1; have < n;) {
    const uint32_t step = std::min(have, n - have);
    bits = bits & bits.Down(step);
    have += step;
  }
  return bits;
}

uint64_t Root(uint64_t square) {
  return static_cast<uint64_t>(std::sqrt(static_cast<double>(square)));
}

uint64_t Square(Point a, Point b) {
  const int64_t dx = int64_t{a.x} - b.x;
  const int64_t dy = int64_t{a.y} - b.y;
  return static_cast<uint64_t>(dx * dx + dy * dy);
}

}  // namespace

SeatTables::SeatTables(const Chart& chart) {
  uint32_t words = 0;
  for (const Run& run : chart.runs()) {
    const Object& front = chart.object(run.first);
    RunInfo info = {run.first, run.count, words, kNone, front.category, front.section, front.zone};
    for (uint32_t i = 0; i < run.count; ++i) {
      const Object& object = chart.object(run.first + i);
      if (object.category != info.category) info.category = kNone;
      info.nearest = std::min(info.nearest, object.distance);
      sums.push_back(object.distance + (i == 0 ? 0 : sums.back()));
      if (i % 64 == 0) {
        seats.push_back(0);
        ordinary.push_back(0);
        accessible.push_back(0);
      }
      const uint64_t bit = uint64_t{1} << (i % 64);
      seats.back() |= bit;
      if ((object.attributes & kReservedAttributes) == 0) ordinary.back() |= bit;
      if (object.attributes & kAccessible) accessible.back() |= bit;
    }
    runs.push_back(info);
    word_of_run.push_back(words);
    words = static_cast<uint32_t>(seats.size());
  }
  std::sort(runs.begin(), runs.end(), [](const RunInfo& a, const RunInfo& b) {
    return std::tie(a.nearest, a.first) < std::tie(b.nearest, b.first);
  });
  order_of_run.resize(runs.size());
  for (uint32_t i = 0; i < runs.size(); ++i) order_of_run[chart.run_of(runs[i].first)] = i;
}

SeatSearch::SeatSearch(const Chart& chart)
    : chart_(chart), tables_(chart.tables()), free_(tables_.seats) {
  some_.resize((tables_.runs.size() + 63) / 64);
  pairs_.resize(some_.size());
  for (uint32_t i = 0; i < tables_.runs.size(); ++i) Summarise(tables_.runs[i], i);
}

void SeatSearch::Summarise(const RunInfo& run, uint32_t order) {
  uint64_t some = 0, pairs = 0;
  uint64_t last = 0;  // the last seat of the word before
  for (uint32_t i = 0; i < (run.count + 63) / 64; ++i) {
    const uint64_t word = free_[run.word + i];
    some |= word;
    pairs |= word & (word << 1 | last);
    last = word >> 63;
  }
  const uint64_t bit = uint64_t{1} << (order % 64);
  some_[order / 64] = some != 0 ? some_[order / 64] | bit : some_[order / 64] & ~bit;
  pairs_[order / 64] = pairs != 0 ? pairs_[order / 64] | bit : pairs_[order / 64] & ~bit;
}

size_t SeatSearch::WordOf(uint32_t seat, uint32_t* bit) const {
  const uint32_t run = chart_.run_of(seat);
  const uint32_t place = seat - chart_.runs()[run].first;
  *bit = place % 64;
  return tables_.word_of_run[run] + place / 64;
}

void SeatSearch::SetFree(uint32_t seat, bool free) {
  uint32_t bit = 0;
  const size_t word = WordOf(seat, &bit);
  const uint64_t mask = uint64_t{1} << bit;
  free_[word] = free ? free_[word] | mask : free_[word] & ~mask;
  const uint32_t order = tables_.order_of_run[chart_.run_of(seat)];
  Summarise(tables_.runs[order], order);
}

void SeatSearch::AddToMask(std::vector<uint64_t>& mask, uint32_t seat) const {
  uint32_t bit = 0;
  const size_t word = WordOf(seat, &bit);
  mask[word] |= uint64_t{1} << bit;
}

bool SeatSearch::IsFree(uint32_t seat) const {
  uint32_t bit = 0;
  const size_t word = WordOf(seat, &bit);
  return free_[word] >> bit & 1;
}

bool SeatSearch::Wanted(const SeatQuery& query, const RunInfo& run) const {
  if (!query.sections.empty() && !query.sections[run.section]) return false;
  if (!query.zones.empty() && (run.zone == kNone || !query.zones[run.zone])) return false;
  return query.categories.empty() || run.category == kNone || query.categories[run.category];
}

uint64_t SeatSearch::Sum(const RunInfo& run, uint32_t start, uint32_t count) const {
  const uint32_t last = run.first + start + count - 1;
  return tables_.sums[last] - (start == 0 ? 0 : tables_.sums[run.first + start - 1]);
}

template <size_t kWords>
void SeatSearch::SearchRun(const SeatQuery& query, const RunInfo& run, Best* clean,
                           Best* any) const {
  const uint32_t n = query.count;
  const auto free = LoadBits<kWords>(&free_[run.word], run.count);
  auto offered = free;
  if (query.allowed != nullptr) {
    offered = offered & LoadBits<kWords>(&(*query.allowed)[run.word], run.count);
  }
  const auto ordinary = free & LoadBits<kWords>(&tables_.ordinary[run.word], run.count);
  auto eligible = query.accessible == 0 ? offered & ordinary : offered;
  if (!query.categories.empty() && run.category == kNone) {
    Bits<kWords> wanted;
    for (uint32_t i = 0; i < run.count; ++i) {
      if (query.categories[chart_.object(run.first + i).category]) {
        wanted.words[i / 64] |= uint64_t{1} << (i % 64);
      }
    }
    eligible = eligible & wanted;
  }
  auto starts = Stretches(eligible, n);
  if (!starts.Any()) return;
  if (query.accessible != 0) {
    const auto places = LoadBits<kWords>(&tables_.accessible[run.word], run.count);
    Bits<kWords> right;
    starts.Each([&](uint32_t i) {
      if (places.Count(i, n) == query.accessible) right.words[i / 64] |= uint64_t{1} << (i % 64);
    });
    starts = right;
  }
  // A neighbour of the block is left alone when it is free and the seat beyond it is not. A free
  // wheelchair place is company, and may itself be alone.
  const auto left = ordinary.Up(1).Without(free.Up(2));
  const auto right = ordinary.Down(n).Without(free.Down(n + 1));
  const auto neat = query.avoid_orphans ? starts.Without(left | right) : starts;
  const auto improve = [&](Best* best) {
    return [&, best](uint32_t start) {
      uint64_t sum = Sum(run, start, n);
      // Company of a wheelchair user sits on companion places while there are some.
      if (query.accessible != 0) sum += uint64_t{ordinary.Count(start, n)} << 40;
      if (sum < best->sum) *best = {sum, run.first + start};
    };
  };
  neat.Each(improve(clean));
  if (clean->first == kNone) starts.Without(neat).Each(improve(any));
}

// The runs with a set bit, nearest first, until `use` says no.
template <typename Use>
void SeatSearch::EachRun(const std::vector<uint64_t>& bits, Use use) const {
  for (size_t word = 0; word < bits.size(); ++word) {
    for (uint64_t rest = bits[word]; rest != 0; rest &= rest - 1) {
      if (!use(tables_.runs[word * 64 + static_cast<size_t>(std::countr_zero(rest))])) return;
    }
  }
}

std::optional<SeatBlock> SeatSearch::FindAdjacent(const SeatQuery& query) const {
  Best clean, any;
  EachRun(query.count == 1 ? some_ : pairs_, [&](const RunInfo& run) {
    // The runs to come are farther still.
    if (uint64_t{run.nearest} * query.count >= clean.sum) return false;
    if (run.count < query.count || !Wanted(query, run)) return true;
    if (run.count <= 64) {
      SearchRun<1>(query, run, &clean, &any);
    } else {
      SearchRun<kWordsMax>(query, run, &clean, &any);
    }
    return true;
  });
  return Block(query, clean.first != kNone ? clean : any);
}

std::optional<SeatBlock> SeatSearch::Block(const SeatQuery& query, const Best& best) const {
  if (best.first == kNone) return std::nullopt;
  SeatBlock block;
  block.adjacent = true;
  for (uint32_t i = 0; i < query.count; ++i) block.seats.push_back(best.first + i);
  return block;
}

SeatSearch::Candidates SeatSearch::FindCandidates(const SeatQuery& query) const {
  constexpr size_t kGroups = 4;
  constexpr size_t kSeats = 4096;
  // Groups in the order in which their sections come up, found through the section's number.
  std::vector<std::vector<uint32_t>> groups;
  std::vector<uint32_t> group_of(chart_.drawing().sections.size(), kNone);
  Candidates found;
  const std::vector<uint64_t>& allowed = query.accessible == 0 ? tables_.ordinary : tables_.seats;
  EachRun(some_, [&](const RunInfo& run) {
    if (!Wanted(query, run)) return true;
    for (uint32_t place = 0; place < run.count; place += 64) {
      const size_t word = run.word + place / 64;
      uint64_t rest = free_[word] & allowed[word];
      if (query.allowed != nullptr) rest &= (*query.allowed)[word];
      for (; rest != 0; rest &= rest - 1) {
        const uint32_t seat = run.first + place + static_cast<uint32_t>(std::countr_zero(rest));
        if (!query.categories.empty() && !query.categories[chart_.object(seat).category]) continue;
        uint32_t& group = group_of[run.section];
        if (group == kNone) {
          group = static_cast<uint32_t>(groups.size());
          groups.emplace_back();
        }
        if (groups[group].size() < kSeats) groups[group].push_back(seat);
        if (found.everywhere.size() < kSeats) found.everywhere.push_back(seat);
      }
    }
    return true;
  });
  for (std::vector<uint32_t>& group : groups) {
    if (found.sections.size() == kGroups) break;
    if (group.size() >= query.count) found.sections.push_back(std::move(group));
  }
  return found;
}

// The seats of `group` closest to `anchor`, ascending: so many wheelchair places and so many others
// as asked for. Empty when the group has not enough of them.
std::vector<uint32_t> SeatSearch::Gather(const SeatQuery& query, Point anchor,
                                         const std::vector<uint32_t>& group) const {
  std::vector<std::pair<uint64_t, uint32_t>> places, others;
  for (const uint32_t seat : group) {
    const Object& object = chart_.object(seat);
    const bool place = query.accessible != 0 && (object.attributes & kAccessible) != 0;
    (place ? places : others).push_back({Square(object.at, anchor), seat});
  }
  std::vector<uint32_t> seats;
  const auto take = [&seats](std::vector<std::pair<uint64_t, uint32_t>>& from, size_t count) {
    if (from.size() < count) return false;
    std::partial_sort(from.begin(), from.begin() + static_cast<ptrdiff_t>(count), from.end());
    for (size_t i = 0; i < count; ++i) seats.push_back(from[i].second);
    return true;
  };
  if (!take(places, query.accessible) || !take(others, query.count - query.accessible)) return {};
  std::sort(seats.begin(), seats.end());
  return seats;
}

// Fewest people alone first; then close to each other and to the focal point, where a metre apart
// weighs as much as four metres of distance.
SeatSearch::Score SeatSearch::ScoreOf(const std::vector<uint32_t>& seats) const {
  Score score;
  const Point anchor = chart_.object(seats[seats.size() / 2]).at;
  for (size_t i = 0; i < seats.size(); ++i) {
    const auto beside = [&](size_t other) {
      return chart_.run_of(seats[other]) == chart_.run_of(seats[i]) &&
             std::max(seats[other], seats[i]) - std::min(seats[other], seats[i]) == 1;
    };
    const bool company = (i > 0 && beside(i - 1)) || (i + 1 < seats.size() && beside(i + 1));
    score.alone += company ? 0 : 1;
    const Object& object = chart_.object(seats[i]);
    score.cost += object.distance + 4 * Root(Square(object.at, anchor));
  }
  return score;
}

std::optional<SeatBlock> SeatSearch::FindTogether(const SeatQuery& query) const {
  constexpr size_t kAnchors = 12;
  std::optional<Score> best;
  SeatBlock block;
  const auto search = [&](const std::vector<uint32_t>& group) {
    for (size_t i = 0; i < std::min(group.size(), kAnchors); ++i) {
      std::vector<uint32_t> seats = Gather(query, chart_.object(group[i]).at, group);
      if (seats.empty()) return;
      const Score score = ScoreOf(seats);
      if (best && *best <= score) continue;
      best = score;
      block.seats = std::move(seats);
    }
  };
  const Candidates candidates = FindCandidates(query);
  for (const std::vector<uint32_t>& group : candidates.sections) search(group);
  if (!best) search(candidates.everywhere);
  if (!best) return std::nullopt;
  return block;
}

std::optional<SeatBlock> SeatSearch::Find(const SeatQuery& query) const {
  std::optional<SeatBlock> block = FindAdjacent(query);
  if (!block && !query.adjacent_only) block = FindTogether(query);
  if (block) block->orphans = !Alone(block->seats).empty();
  return block;
}

std::vector<uint32_t> SeatSearch::Alone(std::span<const uint32_t> picks) const {
  std::vector<uint32_t> alone;
  const auto taken = [&](uint32_t seat) {
    return std::binary_search(picks.begin(), picks.end(), seat);
  };
  const auto check = [&](uint32_t seat, const Run& run) {
    const auto left = [&](uint32_t other) {
      return other >= run.first && other < run.first + run.count && IsFree(other) && !taken(other);
    };
    if (left(seat) && IsOpen(seat) && !left(seat - 1) && !left(seat + 1)) alone.push_back(seat);
  };
  // Only a neighbour of a taken seat can become alone, and it was not alone before: the taken seat
  // was free.
  for (const uint32_t pick : picks) {
    const Run& run = chart_.runs()[chart_.run_of(pick)];
    if (!IsOpen(pick)) continue;
    check(pick - 1, run);
    check(pick + 1, run);
  }
  std::sort(alone.begin(), alone.end());
  alone.erase(std::unique(alone.begin(), alone.end()), alone.end());
  return alone;
}

std::vector<uint32_t> SeatSearch::Orphans(std::span<const uint32_t> picks) const {
  std::vector<uint32_t> orphans;
  for (const uint32_t seat : Alone(picks)) {
    // The stretch of open seats around it before the taking. Taking all but one leaves one alone
    // whatever one does; with two or more left over, taking from an end would have left them
    // together.
    const Run& run = chart_.runs()[chart_.run_of(seat)];
    uint32_t first = seat, end = seat + 1;
    while (first > run.first && IsOpen(first - 1)) --first;
    while (end < run.first + run.count && IsOpen(end)) ++end;
    const auto taken = std::lower_bound(picks.begin(), picks.end(), end) -
                       std::lower_bound(picks.begin(), picks.end(), first);
    if (end - first - taken >= 2) orphans.push_back(seat);
  }
  return orphans;
}

bool SeatSearch::IsOpen(uint32_t seat) const {
  uint32_t bit = 0;
  const size_t word = WordOf(seat, &bit);
  return (free_[word] & tables_.ordinary[word]) >> bit & 1;
}

size_t SeatSearch::MemoryBytes() const {
  return sizeof(*this) +
         (free_.capacity() + some_.capacity() + pairs_.capacity()) * sizeof(uint64_t);
}

}  // namespace ticketing::seat
