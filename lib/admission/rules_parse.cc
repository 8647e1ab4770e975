#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "lib/admission/rule_tree.h"
#include "ticketing/admission/rules.h"
#include "ticketing/base/bytes.h"
#include "ticketing/base/limits.h"

namespace ticketing {
namespace {

using internal::Comparison;
using internal::RuleNode;
using internal::RuleNumber;
using internal::RuleObject;
using internal::RuleTime;
using nlohmann::json;
using NumberKind = RuleNumber::Kind;

constexpr std::array<std::pair<std::string_view, Comparison>, 6> kComparisons = {{
    {"<", Comparison::kLess},
    {"<=", Comparison::kLessEqual},
    {">", Comparison::kMore},
    {">=", Comparison::kMoreEqual},
    {"==", Comparison::kEqual},
    {"!=", Comparison::kUnequal},
}};
constexpr std::array<std::pair<std::string_view, NumberKind>, 6> kVariables = {{
    {"now_isoweekday", NumberKind::kWeekday},
    {"entries_number", NumberKind::kEntries},
    {"entries_today", NumberKind::kEntriesToday},
    {"entries_days", NumberKind::kEntryDays},
    {"minutes_since_last_entry", NumberKind::kMinutesSinceLast},
    {"minutes_since_first_entry", NumberKind::kMinutesSinceFirst},
}};
constexpr std::array<std::pair<std::string_view, NumberKind>, 4> kCounts = {{
    {"entries_since", NumberKind::kEntriesSince},
    {"entries_before", NumberKind::kEntriesBefore},
    {"entries_days_since", NumberKind::kDaysSince},
    {"entries_days_before", NumberKind::kDaysBefore},
}};
constexpr int64_t kNumberMax = 1'000'000'000;
constexpr int64_t kToleranceMax = int64_t{7} * 24 * 60;

template <typename Value, size_t kSize>
std::optional<Value> Named(const std::array<std::pair<std::string_view, Value>, kSize>& names,
                           std::string_view name) {
  const auto found = std::ranges::find(names, name, &std::pair<std::string_view, Value>::first);
  if (found == names.end()) return std::nullopt;
  return found->second;
}

// Two members of one name would let two readers choose differently; the library takes the last one.
StatusOr<json> ReadJson(std::string_view text) {
  const Status refused = InvalidField("rule", "is not a JSON object");
  if (text.size() > limits::kRuleBytesMax) return InvalidField("rule", "is too long");
  if (!text.starts_with('{') || !IsValidUtf8(text)) return refused;
  std::vector<std::set<std::string>> members;
  bool twice = false;
  bool deep = false;
  const auto watch = [&](int depth, json::parse_event_t event, const json& value) {
    deep = deep || depth > static_cast<int>(limits::kRuleDepthMax);
    if (event == json::parse_event_t::object_start) members.emplace_back();
    if (event == json::parse_event_t::object_end) members.pop_back();
    if (event == json::parse_event_t::key)
      twice = !members.back().insert(value.get<std::string>()).second || twice;
    return true;
  };
  json document = json::parse(text.begin(), text.end(), watch, /*allow_exceptions=*/false);
  if (twice) return InvalidField("rule", "has a member twice");
  if (deep) return InvalidField("rule", "is nested too deeply");
  if (!document.is_object()) return refused;
  return document;
}

// hh:mm or hh:mm:ss as microseconds since midnight.
std::optional<int64_t> TimeOfDay(std::string_view text) {
  if (text.size() == 5) return TimeOfDay(std::string(text) + ":00");
  if (text.size() != 8) return std::nullopt;
  // A day with that time of day tells what the time of day is.
  const auto time = ParseTimestamp("1970-01-01T" + std::string(text) + "Z");
  if (!time) return std::nullopt;
  return time->micros;
}

class Parser {
 public:
  Parser(const RuleVocabulary& vocabulary, GateRules::Tree& tree)
      : vocabulary_(vocabulary), tree_(tree) {}

  StatusOr<size_t> Rule(const json& value, const std::string& path) {
    TICKETING_ASSIGN_OR_RETURN(const std::string name, OperatorOf(value, path));
    const json& operands = value.begin().value();
    const std::string inside = path + "." + name;
    if (!operands.is_array()) return InvalidField(inside, "must be a list");
    RuleNode node;
    if (name == "and" || name == "or") {
      TICKETING_RETURN_IF_ERROR(Children(operands, inside, name == "and", node));
    } else if (name == "isBefore" || name == "isAfter") {
      TICKETING_RETURN_IF_ERROR(Times(operands, inside, name == "isBefore", node));
    } else if (name == "inList") {
      TICKETING_RETURN_IF_ERROR(InList(operands, inside, node));
    } else if (const auto comparison = Named(kComparisons, name)) {
      node.comparison = *comparison;
      TICKETING_RETURN_IF_ERROR(Numbers(operands, inside, node));
    } else {
      return InvalidField(inside, "is not an operator of gate rules");
    }
    if (tree_.nodes.size() >= limits::kRuleNodesMax)
      return InvalidField(path, "There are too many conditions in this rule.");
    tree_.nodes.push_back(std::move(node));
    return tree_.nodes.size() - 1;
  }

 private:
  static StatusOr<std::string> OperatorOf(const json& value, const std::string& path) {
    if (!value.is_object() || value.size() != 1)
      return InvalidField(path, "must be an object with one member, the operator");
    return value.begin().key();
  }

  Status Children(const json& operands, const std::string& path, bool all, RuleNode& node) {
    node.kind = all ? RuleNode::Kind::kAnd : RuleNode::Kind::kOr;
    if (operands.empty()) return InvalidField(path, "must not be empty");
    for (size_t i = 0; i < operands.size(); ++i) {
      TICKETING_ASSIGN_OR_RETURN(const size_t child,
                                 Rule(operands[i], path + "[" + std::to_string(i) + "]"));
      node.children.push_back(child);
    }
    return OkStatus();
  }

  Status Times(const json& operands, const std::string& path, bool before, RuleNode& node) {
    if (operands.size() != 2 && operands.size() != 3)
      return InvalidField(path, "takes two times and, if wanted, a tolerance in minutes");
    TICKETING_ASSIGN_OR_RETURN(node.first, Time(operands[0], path + "[0]"));
    TICKETING_ASSIGN_OR_RETURN(node.second, Time(operands[1], path + "[1]"));
    if (operands.size() == 3) {
      const json& minutes = operands[2];
      if (!minutes.is_null() && !InRange(minutes, 0, kToleranceMax))
        return InvalidField(path + "[2]", "must be minutes, at most those of a week");
      if (!minutes.is_null()) node.tolerance = Duration::Minutes(minutes.get<int64_t>());
    }
    if (node.second.kind == RuleTime::Kind::kNow && node.first.kind != RuleTime::Kind::kNow) {
      std::swap(node.first, node.second);
      before = !before;
    }
    node.kind = before ? RuleNode::Kind::kBefore : RuleNode::Kind::kAfter;
    return OkStatus();
  }

  StatusOr<RuleTime> Time(const json& value, const std::string& path) {
    TICKETING_ASSIGN_OR_RETURN(const std::string name, OperatorOf(value, path));
    const json& operand = value.begin().value();
    if (name == "var" && operand == "now") return RuleTime{RuleTime::Kind::kNow, 0};
    if (name != "buildTime") return InvalidField(path, "must be the variable now or a buildTime");
    const std::string inside = path + ".buildTime";
    const bool texts = operand.is_array() && !operand.empty() && operand.size() <= 2 &&
                       std::ranges::all_of(operand, [](const json& o) { return o.is_string(); });
    if (!texts) return InvalidField(inside, "must be a list of a kind and, for some, a time");
    const auto kind = operand[0].get<std::string>();
    const std::string text = operand.size() == 2 ? operand[1].get<std::string>() : std::string();
    if (kind == "custom") {
      const auto time = ParseTimestamp(text);
      if (!time) return InvalidField(inside, "must be a time such as 2026-11-22T19:30:00Z");
      return RuleTime{RuleTime::Kind::kFixed, time->micros};
    }
    if (kind == "customtime") {
      const auto micros = TimeOfDay(text);
      if (!micros) return InvalidField(inside, "must be a time of day such as 19:30");
      return RuleTime{RuleTime::Kind::kDaily, *micros};
    }
    if (kind == "date_admission")
      return RuleTime{RuleTime::Kind::kFixed, vocabulary_.doors_open_at.micros};
    if (kind == "date_from") return RuleTime{RuleTime::Kind::kFixed, vocabulary_.starts_at.micros};
    if (kind == "date_to") return RuleTime{RuleTime::Kind::kFixed, vocabulary_.ends_at.micros};
    return InvalidField(inside, "must be custom, customtime, date_admission, date_from or date_to");
  }

  static bool InRange(const json& value, int64_t least, int64_t most) {
    // Unsigned numbers beyond int64 would turn negative.
    if (!value.is_number_integer()) return false;
    if (value.is_number_unsigned() && value.get<uint64_t>() > static_cast<uint64_t>(kNumberMax))
      return false;
    const auto number = value.get<int64_t>();
    return number >= least && number <= most;
  }

  Status Numbers(const json& operands, const std::string& path, RuleNode& node) {
    node.kind = RuleNode::Kind::kNumbers;
    if (operands.size() != 2) return InvalidField(path, "takes two values");
    bool words = false;  // whether presence is compared, which has words instead of numbers
    TICKETING_ASSIGN_OR_RETURN(node.left, Number(operands[0], path + "[0]", words));
    TICKETING_ASSIGN_OR_RETURN(node.right, Number(operands[1], path + "[1]", words));
    const bool present = node.left.kind == NumberKind::kPresent;
    if (words != (present || node.right.kind == NumberKind::kPresent))
      return InvalidField(path, "compares entry_status with \"present\" or \"absent\"");
    const bool equal =
        node.comparison == Comparison::kEqual || node.comparison == Comparison::kUnequal;
    if (words && !equal) return InvalidField(path, "entry_status is equal or is not, never more");
    if (node.left.kind == NumberKind::kLiteral && node.right.kind != NumberKind::kLiteral) {
      std::swap(node.left, node.right);
      node.comparison = Mirror(node.comparison);
    }
    return OkStatus();
  }

  static Comparison Mirror(Comparison comparison) {
    switch (comparison) {
      case Comparison::kLess:
        return Comparison::kMore;
      case Comparison::kLessEqual:
        return Comparison::kMoreEqual;
      case Comparison::kMore:
        return Comparison::kLess;
      case Comparison::kMoreEqual:
        return Comparison::kLessEqual;
      default:
        return comparison;
    }
  }

  StatusOr<RuleNumber> Number(const json& value, const std::string& path, bool& words) {
    if (value == "present" || value == "absent") {
      words = true;
      return RuleNumber{NumberKind::kLiteral, value == "present" ? 1 : 0, {}};
    }
    if (value.is_number()) {
      if (!InRange(value, -kNumberMax, kNumberMax))
        return InvalidField(path, "must be an integer of at most nine digits");
      return RuleNumber{NumberKind::kLiteral, value.get<int64_t>(), {}};
    }
    TICKETING_ASSIGN_OR_RETURN(const std::string name, OperatorOf(value, path));
    const json& operand = value.begin().value();
    if (name == "var" && operand == "entry_status") return RuleNumber{NumberKind::kPresent, 0, {}};
    if (name == "var" && operand.is_string()) {
      if (const auto kind = Named(kVariables, operand.get<std::string>()))
        return RuleNumber{*kind, 0, {}};
    }
    const auto count = Named(kCounts, name);
    if (!count) return InvalidField(path, "is not a number that gate rules know");
    const std::string inside = path + "." + name;
    if (!operand.is_array() || operand.size() != 1)
      return InvalidField(inside, "takes a list with one time");
    RuleNumber number{*count, 0, {}};
    TICKETING_ASSIGN_OR_RETURN(number.time, Time(operand[0], inside + "[0]"));
    return number;
  }

  Status InList(const json& operands, const std::string& path, RuleNode& node) {
    node.kind = RuleNode::Kind::kInList;
    const bool formed =
        operands.size() == 2 && operands[0].is_object() && operands[0].size() == 1 &&
        operands[0].contains("var") && operands[1].is_object() && operands[1].size() == 1 &&
        operands[1].contains("objectList") && operands[1].begin().value().is_array();
    if (!formed) return InvalidField(path, "takes a variable and an objectList");
    const json& variable = operands[0].begin().value();
    const RuleVocabulary::Lookup* lookup = nullptr;
    if (variable == "product") {
      node.object = RuleObject::kProduct;
      lookup = &vocabulary_.product;
    } else if (variable == "gate") {
      node.object = RuleObject::kGate;
      lookup = &vocabulary_.gate;
    } else if (variable == "zone") {
      node.object = RuleObject::kZone;
      lookup = &vocabulary_.zone;
    } else {
      return InvalidField(path + "[0].var", "must be product, gate or zone");
    }
    const json& list = operands[1].begin().value();
    if (list.empty() || list.size() > limits::kRuleNodesMax)
      return InvalidField(path + "[1].objectList", "must name one object or a few");
    for (size_t i = 0; i < list.size(); ++i) {
      const std::string item = path + "[1].objectList[" + std::to_string(i) + "]";
      TICKETING_ASSIGN_OR_RETURN(const uint16_t number,
                                 Looked(list[i], variable.get<std::string>(), *lookup, item));
      node.members.push_back(number);
    }
    std::ranges::sort(node.members);
    return OkStatus();
  }

  static StatusOr<uint16_t> Looked(const json& value, std::string_view object,
                                   const RuleVocabulary::Lookup& lookup, const std::string& path) {
    TICKETING_ASSIGN_OR_RETURN(const std::string name, OperatorOf(value, path));
    const json& operand = value.begin().value();
    const bool formed = name == "lookup" && operand.is_array() && operand.size() >= 2 &&
                        operand.size() <= 3 && operand[0] == object && operand[1].is_string();
    if (!formed)
      return InvalidField(path, "must be {\"lookup\": [\"" + std::string(object) + "\", ID]}");
    const auto number = lookup(operand[1].get<std::string>());
    if (!number) return InvalidField(path, "names nothing of this event");
    return *number;
  }

  const RuleVocabulary& vocabulary_;
  GateRules::Tree& tree_;
};

}  // namespace

StatusOr<GateRules> GateRules::Parse(std::string_view document, const RuleVocabulary& vocabulary) {
  TICKETING_ASSIGN_OR_RETURN(const json parsed, ReadJson(document));
  auto tree = std::make_shared<Tree>();
  tree->utc_offset_minutes = vocabulary.utc_offset_minutes;
  for (const auto& [name, value] : parsed.items()) {
    if (name == "text") {
      if (!value.is_string() || value.get<std::string>().size() > limits::kNameBytesMax)
        return InvalidField("text", "must be a text of at most 200 bytes");
      tree->text = value.get<std::string>();
    } else if (name != "rule") {
      return InvalidField(name, "is not known here; rule and text are");
    }
  }
  const auto rule = parsed.find("rule");
  if (rule == parsed.end()) return InvalidField("rule", "is missing");
  TICKETING_ASSIGN_OR_RETURN(tree->root, Parser(vocabulary, *tree).Rule(*rule, "rule"));
  return GateRules(std::move(tree));
}

}  // namespace ticketing
