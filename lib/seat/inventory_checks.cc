#include "lib/seat/inventory_checks.h"

#include <algorithm>

#include "lib/seat/faults.h"
#include "ticketing/base/limits.h"

namespace ticketing::seat {

std::string ItemField(std::string_view list, size_t i, std::string_view field) {
  std::string text = std::string(list) + "[" + std::to_string(i) + "]";
  if (!field.empty()) text.append(".").append(field);
  return text;
}

Status InvalidFields(std::string_view message, std::vector<FieldError> fields) {
  ErrorDetails details;
  details.fields = std::move(fields);
  return MakeError(ErrorCode::kInvalidField, message, details);
}

// The message names the first of the objects, the details all of them.
Status AboutObjects(ErrorCode code, std::string_view message, std::vector<std::string> labels) {
  constexpr size_t kNamedMax = 5;
  std::string text(message);
  for (size_t i = 0; i < std::min(labels.size(), kNamedMax); ++i)
    text.append(i == 0 ? ": " : ", ").append(labels[i]);
  if (labels.size() > kNamedMax)
    text.append(" and ").append(std::to_string(labels.size() - kNamedMax)).append(" more");
  ErrorDetails details;
  details.objects = std::move(labels);
  return MakeError(code, text, details);
}

Status CheckCount(size_t count) {
  if (count == 0) return InvalidField("objects", "must not be empty");
  if (count <= limits::kObjectsPerCommandMax) return OkStatus();
  return InvalidField("objects",
                      "must be at most " + std::to_string(limits::kObjectsPerCommandMax));
}

Status CheckPicks(const Chart& chart, std::span<const Pick> picks) {
  TICKETING_RETURN_IF_ERROR(CheckCount(picks.size()));
  std::vector<std::string> unknown;
  std::vector<FieldError> faults;
  for (size_t i = 0; i < picks.size(); ++i) {
    const Pick& pick = picks[i];
    if (pick.index >= chart.object_count()) {
      unknown.push_back("#" + std::to_string(pick.index));
      continue;
    }
    const Object& object = chart.object(pick.index);
    const bool unit = chart.IsUnit(pick.index);
    // Lists are short: limits::kObjectsPerCommandMax.
    const auto is_same = [&](const Pick& earlier) { return earlier.index == pick.index; };
    if (unit && std::any_of(picks.begin(), picks.begin() + static_cast<ptrdiff_t>(i), is_same)) {
      faults.push_back({ItemField("objects", i), object.label + " is named twice"});
    }
    const int64_t most = unit ? 1 : object.capacity;
    if (pick.quantity < 1 || pick.quantity > most) {
      faults.push_back({ItemField("objects", i, "quantity"),
                        unit ? object.label + " is one: the quantity must be 1"
                             : "must be 1 to " + std::to_string(most) + " for " + object.label});
    } else if (!unit && object.whole &&
               (pick.quantity < object.min_people || pick.quantity > object.max_people)) {
      faults.push_back({ItemField("objects", i, "quantity"),
                        object.label + " is for parties of " + std::to_string(object.min_people) +
                            " to " + std::to_string(object.max_people)});
    }
  }
  if (!unknown.empty()) {
    return AboutObjects(ErrorCode::kUnknownObject, "the chart does not have these objects",
                        std::move(unknown));
  }
  if (faults.empty()) return OkStatus();
  return InvalidFields("some objects cannot be asked for like that", std::move(faults));
}

Status CheckExpiry(Timestamp expires_at, Timestamp created_at, Timestamp now, Duration hold_max) {
  const Duration most = hold_max.micros == 0 ? limits::kHoldMax : hold_max;
  if (expires_at <= now) return InvalidField("expires_at", "must be in the future");
  // Neither sums nor differences of what comes from outside: they could overflow.
  const bool above = most.micros < INT64_MAX - std::max<int64_t>(created_at.micros, 0) &&
                     expires_at > created_at + most;
  if (!above && most.micros > 0) return OkStatus();
  return InvalidField("expires_at", "must be within " + std::to_string(most.seconds() / 60) +
                                        " minutes of the first hold");
}

Status HoldExpired() {
  return MakeError(ErrorCode::kHoldExpired, "the hold has expired; hold the seats again");
}

Status NoSuchHold() {
  return MakeError(ErrorCode::kHoldNotFound, "there is no such hold: it ended or never was");
}

StatusOr<std::vector<Pick>> ResolveLabels(const Chart& chart, std::span<const LabelPick> picks) {
  // The length comes first: a list of a million labels is refused before it is looked up.
  TICKETING_RETURN_IF_ERROR(CheckCount(picks.size()));
  std::vector<Pick> out;
  std::vector<std::string> unknown;
  for (const LabelPick& pick : picks) {
    if (const std::optional<uint32_t> index = chart.Find(pick.label)) {
      out.push_back({*index, pick.quantity});
    } else {
      // Names what was asked for, but never echoes back a text that no label could be.
      const bool plain = WhyBadText(pick.label, limits::kLabelBytesMax).empty();
      unknown.push_back(plain ? pick.label : Quoted(pick.label));
    }
  }
  if (unknown.empty()) return out;
  return AboutObjects(ErrorCode::kUnknownObject, "the chart does not have these objects",
                      std::move(unknown));
}

}  // namespace ticketing::seat
