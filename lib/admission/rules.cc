#include "ticketing/admission/rules.h"

#include <algorithm>
#include <set>
#include <span>
#include <tuple>
#include <utility>

#include "lib/admission/rule_tree.h"

namespace ticketing {
namespace {

using internal::Comparison;
using internal::RuleNode;
using internal::RuleNumber;
using internal::RuleObject;
using internal::RuleTime;
using HintKind = RuleHint::Kind;

constexpr int64_t kDay = Duration::Days(1).micros;
constexpr int64_t kMinute = Duration::Minutes(1).micros;
constexpr int64_t kThursday = 4;  // 1970-01-01

// How hard it is to mend what fails: waiting mends the first ones, another ticket only the last.
enum class Rigidness : uint8_t {
  kWaitSinceFirst,
  kWaitSinceLast,
  kEntryDays,
  kEntries,
  kEntriesToday,
  kTime,
  kWeekday,
  kObject,
};

struct Failure {
  std::tuple<Rigidness, int64_t> weight;  // the hardest of its parts, and how far it is
  std::vector<RuleHint> hints;
};

int64_t FloorDivide(int64_t a, int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

bool Holds(Comparison comparison, int64_t left, int64_t right) {
  switch (comparison) {
    case Comparison::kLess:
      return left < right;
    case Comparison::kLessEqual:
      return left <= right;
    case Comparison::kMore:
      return left > right;
    case Comparison::kMoreEqual:
      return left >= right;
    case Comparison::kEqual:
      return left == right;
    case Comparison::kUnequal:
      return left != right;
  }
  return false;
}

class Evaluation {
 public:
  Evaluation(const GateRules::Tree& tree, const RuleSubject& subject,
             const std::vector<Passage>& history)
      : tree_(tree),
        subject_(subject),
        history_(history),
        offset_(Duration::Minutes(tree.utc_offset_minutes).micros) {
    for (const Passage& passage : history) {
      if (passage.direction == Direction::kEntry) entries_.push_back(passage.at);
    }
  }

  // Why a node does not hold; nullopt when it does.
  std::optional<Failure> Why(size_t index) const {
    const RuleNode& node = tree_.nodes[index];
    switch (node.kind) {
      case RuleNode::Kind::kAnd:
        return All(node);
      case RuleNode::Kind::kOr:
        return Any(node);
      case RuleNode::Kind::kNumbers:
        return Numbers(node);
      case RuleNode::Kind::kBefore:
      case RuleNode::Kind::kAfter:
        return Times(node);
      case RuleNode::Kind::kInList:
        return Object(node);
    }
    return std::nullopt;
  }

 private:
  std::optional<Failure> All(const RuleNode& node) const {
    std::optional<Failure> all;
    for (const size_t child : node.children) {
      std::optional<Failure> one = Why(child);
      if (!one) continue;
      if (!all) {
        all = std::move(one);
        continue;
      }
      all->weight = std::max(all->weight, one->weight);
      all->hints.insert(all->hints.end(), one->hints.begin(), one->hints.end());
    }
    return all;
  }

  std::optional<Failure> Any(const RuleNode& node) const {
    std::optional<Failure> nearest;
    for (const size_t child : node.children) {
      std::optional<Failure> one = Why(child);
      if (!one) return std::nullopt;
      if (!nearest || one->weight < nearest->weight) nearest = std::move(one);
    }
    return nearest;
  }

  std::optional<Failure> Times(const RuleNode& node) const {
    const int64_t first = At(node.first);
    const int64_t second = At(node.second);
    const bool before = node.kind == RuleNode::Kind::kBefore;
    const int64_t tolerance = node.tolerance.micros;
    const bool holds = before ? first < second + tolerance : second < first + tolerance;
    if (holds) return std::nullopt;
    const int64_t distance = first > second ? first - second : second - first;
    RuleHint hint{HintKind::kOther, 0};
    if (node.first.kind == RuleTime::Kind::kNow) {
      hint = before ? RuleHint{HintKind::kClosedAt, second + tolerance}
                    : RuleHint{HintKind::kOpensAt, second - tolerance};
    }
    return Failure{{Rigidness::kTime, distance}, {hint}};
  }

  std::optional<Failure> Object(const RuleNode& node) const {
    const auto [number, kind] = [&]() -> std::pair<uint16_t, HintKind> {
      if (node.object == RuleObject::kGate) return {subject_.gate, HintKind::kGate};
      if (node.object == RuleObject::kZone) return {subject_.zone, HintKind::kZone};
      return {subject_.ticket_type, HintKind::kProduct};
    }();
    if (std::ranges::binary_search(node.members, number)) return std::nullopt;
    // Another gate can be walked to, and there may be only one.
    const int64_t which = node.members.size() == 1 ? node.members.front() : 0;
    return Failure{{Rigidness::kObject, 0}, {{kind, which}}};
  }

  std::optional<Failure> Numbers(const RuleNode& node) const {
    const int64_t left = Number(node.left);
    const int64_t right = Number(node.right);
    if (Holds(node.comparison, left, right)) return std::nullopt;
    const int64_t distance = left > right ? left - right : right - left;
    const bool literal = node.right.kind == RuleNumber::Kind::kLiteral;
    const auto [rigidness, hint] = Advice(node, left, right, literal);
    return Failure{{rigidness, distance}, {hint}};
  }

  // What to tell of a comparison that failed.
  static std::pair<Rigidness, RuleHint> Advice(const RuleNode& node, int64_t left, int64_t right,
                                               bool literal) {
    const Comparison comparison = node.comparison;
    const bool ceiling =
        literal && (comparison == Comparison::kLess || comparison == Comparison::kLessEqual);
    const bool floor =
        literal && (comparison == Comparison::kMore || comparison == Comparison::kMoreEqual);
    const int64_t most = comparison == Comparison::kLess ? right - 1 : right;
    const int64_t least = comparison == Comparison::kMore ? right + 1 : right;
    const auto at_most = [&](HintKind kind) {
      return ceiling ? RuleHint{kind, most} : RuleHint{HintKind::kOther, 0};
    };
    const auto wait = [&] {
      return floor && left >= 0 ? RuleHint{HintKind::kWaitMinutes, least - left}
                                : RuleHint{HintKind::kOther, 0};
    };
    switch (node.left.kind) {
      case RuleNumber::Kind::kMinutesSinceFirst:
        return {Rigidness::kWaitSinceFirst, wait()};
      case RuleNumber::Kind::kMinutesSinceLast:
        return {Rigidness::kWaitSinceLast, wait()};
      case RuleNumber::Kind::kEntryDays:
        return {Rigidness::kEntryDays, at_most(HintKind::kEntryDaysMax)};
      case RuleNumber::Kind::kEntries:
        return {Rigidness::kEntries, at_most(HintKind::kEntriesMax)};
      case RuleNumber::Kind::kEntriesToday:
        return {Rigidness::kEntriesToday, at_most(HintKind::kEntriesTodayMax)};
      case RuleNumber::Kind::kWeekday:
        return {Rigidness::kWeekday, {HintKind::kWeekday, 0}};
      default:
        return {Rigidness::kEntries, {HintKind::kOther, 0}};
    }
  }

  int64_t At(const RuleTime& time) const {
    if (time.kind == RuleTime::Kind::kNow) return subject_.now.micros;
    if (time.kind == RuleTime::Kind::kFixed) return time.micros;
    return DayOf(subject_.now) * kDay - offset_ + time.micros;
  }

  int64_t DayOf(Timestamp time) const { return FloorDivide(time.micros + offset_, kDay); }

  int64_t Minutes(const Timestamp& entry) const {
    return FloorDivide((subject_.now - entry).micros, kMinute);
  }

  template <typename Keep>
  std::pair<int64_t, int64_t> EntriesAndDays(const Keep& keep) const {
    int64_t entries = 0;
    std::set<int64_t> days;
    for (const Timestamp entry : entries_) {
      if (!keep(entry)) continue;
      ++entries;
      days.insert(DayOf(entry));
    }
    return {entries, static_cast<int64_t>(days.size())};
  }

  int64_t Number(const RuleNumber& number) const {
    using Kind = RuleNumber::Kind;
    const auto all = [](Timestamp) { return true; };
    const auto today = [&](Timestamp t) { return DayOf(t) == DayOf(subject_.now); };
    const auto since = [&](Timestamp t) { return t.micros >= At(number.time); };
    const auto before = [&](Timestamp t) { return t.micros < At(number.time); };
    switch (number.kind) {
      case Kind::kLiteral:
        return number.value;
      case Kind::kWeekday:
        // Days count from a Thursday; Monday is 1.
        return ((DayOf(subject_.now) + kThursday - 1) % 7 + 7) % 7 + 1;
      case Kind::kEntries:
        return static_cast<int64_t>(entries_.size());
      case Kind::kEntriesToday:
        return EntriesAndDays(today).first;
      case Kind::kEntryDays:
        return EntriesAndDays(all).second;
      case Kind::kMinutesSinceLast:
        return entries_.empty() ? -1 : Minutes(entries_.back());
      case Kind::kMinutesSinceFirst:
        return entries_.empty() ? -1 : Minutes(entries_.front());
      case Kind::kEntriesSince:
        return EntriesAndDays(since).first;
      case Kind::kEntriesBefore:
        return EntriesAndDays(before).first;
      case Kind::kDaysSince:
        return EntriesAndDays(since).second;
      case Kind::kDaysBefore:
        return EntriesAndDays(before).second;
      case Kind::kPresent:
        return IsInside(history_) ? 1 : 0;
    }
    return 0;
  }

  const GateRules::Tree& tree_;
  const RuleSubject& subject_;
  const std::vector<Passage>& history_;
  const int64_t offset_;
  std::vector<Timestamp> entries_;
};

}  // namespace

std::optional<RuleRefusal> GateRules::Check(const RuleSubject& subject,
                                            const std::vector<Passage>& history) const {
  std::optional<Failure> failure = Evaluation(*tree_, subject, history).Why(tree_->root);
  if (!failure) return std::nullopt;
  RuleRefusal refusal{tree_->text, {}};
  for (const RuleHint& hint : failure->hints) {
    if (std::ranges::find(refusal.hints, hint) == refusal.hints.end())
      refusal.hints.push_back(hint);
  }
  return refusal;
}

}  // namespace ticketing
