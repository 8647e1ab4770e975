#include "ticketing/gate/own_log.h"

#include <charconv>

#include "ticketing/base/limits.h"

namespace ticketing {

std::optional<uint64_t> ReadLogNumber(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number >= INT64_MAX) {
    return std::nullopt;
  }
  return number;
}

std::string WriteOwnLogEnd(const OwnLogEnd& end) {
  return end.device.ToString() + ":" + std::to_string(end.sequence);
}

std::optional<OwnLogEnd> ReadOwnLogEnd(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto device = DeviceId::Parse(text.substr(0, colon));
  const auto sequence = ReadLogNumber(text.substr(colon + 1));
  if (!device || !sequence) return std::nullopt;
  return OwnLogEnd{*device, *sequence};
}

StatusOr<Changes> GiveOwnLog(GateEngine& engine, DeviceId reader, std::string_view after) {
  const std::optional<uint64_t> number = ReadLogNumber(after);
  if (!number) return InvalidField(kOwnLogQuery, "is not a number of a log");
  Changes changes;
  changes.server = engine.device();
  TICKETING_ASSIGN_OR_RETURN(changes.entries,
                             engine.EntriesOf(reader, *number + 1, limits::kLogBatchItemsMax));
  TICKETING_ASSIGN_OR_RETURN(changes.stored, engine.StoredMarks({reader}));
  // A batch ends with a signature, so it may be shorter than asked for and not the last.
  const uint64_t given = *number + changes.entries.size();
  changes.more = !changes.entries.empty() && given < changes.stored.front().sequence;
  return changes;
}

}  // namespace ticketing
