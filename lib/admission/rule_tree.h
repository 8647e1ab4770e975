// A compiled rule document: terms in one list, children by index, every id already a number.
#ifndef TICKETING_LIB_ADMISSION_RULE_TREE_H_
#define TICKETING_LIB_ADMISSION_RULE_TREE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "ticketing/admission/rules.h"

namespace ticketing::internal {

// A moment that a rule names: fixed, the present, or a time of every day.
struct RuleTime {
  enum class Kind : uint8_t { kFixed, kNow, kDaily };
  Kind kind = Kind::kNow;
  int64_t micros = 0;  // since 1970, or since midnight at the venue
};

struct RuleNumber {
  enum class Kind : uint8_t {
    kLiteral,
    kWeekday,
    kEntries,
    kEntriesToday,
    kEntryDays,
    kMinutesSinceLast,
    kMinutesSinceFirst,
    kEntriesSince,
    kEntriesBefore,
    kDaysSince,
    kDaysBefore,
    kPresent,  // 1 while the holder is inside, else 0
  };
  Kind kind = Kind::kLiteral;
  int64_t value = 0;  // of a literal
  RuleTime time;      // of those that count from or to a moment
};

enum class Comparison : uint8_t { kLess, kLessEqual, kMore, kMoreEqual, kEqual, kUnequal };

enum class RuleObject : uint8_t { kProduct, kGate, kZone };

struct RuleNode {
  enum class Kind : uint8_t { kAnd, kOr, kNumbers, kBefore, kAfter, kInList };
  Kind kind = Kind::kAnd;
  std::vector<size_t> children;              // kAnd, kOr
  Comparison comparison{};                   // kNumbers; a literal stands on the right
  RuleNumber left, right;                    // kNumbers
  RuleTime first, second;                    // kBefore, kAfter; the present stands first
  Duration tolerance;                        // kBefore, kAfter
  RuleObject object = RuleObject::kProduct;  // kInList
  std::vector<uint16_t> members;             // kInList, sorted
};

}  // namespace ticketing::internal

namespace ticketing {

struct GateRules::Tree {
  std::vector<internal::RuleNode> nodes;
  size_t root = 0;
  std::string text;
  int32_t utc_offset_minutes = 0;
};

}  // namespace ticketing

#endif  // TICKETING_LIB_ADMISSION_RULE_TREE_H_
