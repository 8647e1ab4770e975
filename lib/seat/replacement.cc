#include "ticketing/seat/replacement.h"

#include <string_view>
#include <utility>

#include "lib/seat/faults.h"
#include "ticketing/base/limits.h"

namespace ticketing::seat {
namespace {

std::string Party(const Object& o) {
  std::string text = std::to_string(o.capacity);
  if (!o.variable) return text;
  return text + ", for " + std::to_string(o.min_people) + " to " + std::to_string(o.max_people);
}

std::string Entry(const Chart& chart, uint32_t index) {
  return "gate " + Quoted(chart.gate_of(index)) + ", zone " + Quoted(chart.zone_of(index));
}

std::string Attributes(const Object& o) {
  std::string text;
  for (uint16_t bit = kAccessible; bit <= kPlusSize; bit = static_cast<uint16_t>(bit << 1)) {
    if ((o.attributes & bit) == 0) continue;
    text += text.empty() ? "" : " ";
    text += NameOfAttribute(static_cast<SeatAttribute>(bit));
  }
  return text;
}

std::string Place(const Object& o) {
  return std::to_string(o.at.x) + ", " + std::to_string(o.at.y);
}

std::string_view Sale(const Object& o) {
  return o.whole ? "whole" : "by place";
}

// The label of the table that a seat is at; empty at none.
std::string_view TableOf(const Chart& chart, const Object& o) {
  return o.table == kNone ? std::string_view() : std::string_view(chart.object(o.table).label);
}

class Comparison {
 public:
  Comparison(const Chart& old_chart, const Chart& new_chart) : old_(old_chart), new_(new_chart) {}

  std::vector<ObjectDifference> Run() {
    for (uint32_t i = 0; i < old_.object_count(); ++i) {
      const auto found = new_.Find(old_.object(i).label);
      if (found) {
        Compare(i, *found);
      } else {
        Add(Difference::kRemoved, old_.object(i).label, "", "");
      }
    }
    for (const Object& object : new_.objects()) {
      if (!old_.Find(object.label)) Add(Difference::kAdded, object.label, "", "");
    }
    return std::move(out_);
  }

 private:
  void Add(Difference difference, const std::string& label, std::string was, std::string is) {
    out_.push_back({difference, label, std::move(was), std::move(is)});
  }

  void Compare(uint32_t before, uint32_t after) {
    const Object& a = old_.object(before);
    const Object& b = new_.object(after);
    const auto differ = [&](Difference difference, std::string was, std::string is) {
      if (was != is) Add(difference, a.label, std::move(was), std::move(is));
    };
    differ(Difference::kKind, std::string(NameOfKind(a.kind)), std::string(NameOfKind(b.kind)));
    differ(Difference::kCategory, old_.category_of(before).key, new_.category_of(after).key);
    differ(Difference::kCapacity, Party(a), Party(b));
    differ(Difference::kSale, std::string(Sale(a)), std::string(Sale(b)));
    if (old_.gate_of(before) != new_.gate_of(after) ||
        old_.zone_of(before) != new_.zone_of(after)) {
      Add(Difference::kEntry, a.label, Entry(old_, before), Entry(new_, after));
    }
    if (a.attributes != b.attributes) {
      Add(Difference::kAttributes, a.label, Attributes(a), Attributes(b));
    }
    if (a.at != b.at) Add(Difference::kMoved, a.label, Place(a), Place(b));
  }

  const Chart& old_;
  const Chart& new_;
  std::vector<ObjectDifference> out_;
};

// Why an object in use cannot become `index` of the new chart; empty when it can.
std::string WhyNot(const Chart& old_chart, const Chart& new_chart, const ObjectInUse& use,
                   uint32_t index) {
  if (index == kNone) return "missing: the new chart does not have it";
  const Object& was = old_chart.object(use.index);
  const Object& is = new_chart.object(index);
  if (was.kind != is.kind) {
    return "changed-kind: it was a " + std::string(NameOfKind(was.kind)) + ", it is a " +
           std::string(NameOfKind(is.kind));
  }
  const std::string_view table = TableOf(old_chart, was);
  const std::string_view new_table = TableOf(new_chart, is);
  if (table != new_table) {
    const auto text = [](std::string_view label) {
      return label.empty() ? std::string("in a row") : "at the table " + Quoted(label);
    };
    return "changed-kind: it was " + text(table) + ", it is " + text(new_table);
  }
  if (use.taken > is.capacity) {
    return "lost-capacity: " + std::to_string(use.taken) + " are taken, it has " +
           std::to_string(is.capacity);
  }
  return {};
}

}  // namespace

std::string_view NameOfDifference(Difference difference) {
  switch (difference) {
    case Difference::kAdded:
      return "added";
    case Difference::kRemoved:
      return "removed";
    case Difference::kKind:
      return "kind";
    case Difference::kCategory:
      return "category";
    case Difference::kCapacity:
      return "capacity";
    case Difference::kSale:
      return "sale";
    case Difference::kEntry:
      return "entry";
    case Difference::kAttributes:
      return "attributes";
    case Difference::kMoved:
      return "moved";
  }
  return {};
}

std::vector<ObjectDifference> CompareCharts(const Chart& old_chart, const Chart& new_chart) {
  return Comparison(old_chart, new_chart).Run();
}

StatusOr<Replacement> CheckReplacement(const Chart& old_chart, const Chart& new_chart,
                                       std::span<const ObjectInUse> in_use) {
  Replacement replacement;
  replacement.numbers.reserve(old_chart.object_count());
  for (const Object& object : old_chart.objects()) {
    replacement.numbers.push_back(new_chart.Find(object.label).value_or(kNone));
  }
  ErrorDetails details;
  size_t lost = 0;
  for (const ObjectInUse& use : in_use) {
    if (use.index >= old_chart.object_count()) {
      return MakeError(ErrorCode::kUnknownObject,
                       "The chart in use has no object " + std::to_string(use.index) + ".");
    }
    const uint32_t index = replacement.numbers[use.index];
    const std::string& label = old_chart.object(use.index).label;
    std::string why = WhyNot(old_chart, new_chart, use, index);
    if (!why.empty()) {
      if (++lost > limits::kChartErrorsMax) continue;
      details.objects.push_back(label);
      details.fields.push_back({label, std::move(why)});
    } else if (old_chart.object(use.index).whole != new_chart.object(index).whole &&
               replacement.sale_changed.size() < limits::kChartErrorsMax) {
      replacement.sale_changed.push_back(label);
    }
  }
  if (lost == 0) return replacement;
  return MakeError(ErrorCode::kConflict,
                   "The new chart cannot take the place of the old one: " + std::to_string(lost) +
                       (lost == 1 ? " object" : " objects") +
                       " in use would be lost. Nothing was changed.",
                   details);
}

}  // namespace ticketing::seat
