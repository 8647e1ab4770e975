#include "ticketing/seat/availability.h"

#include <algorithm>

#include "ticketing/base/bytes.h"

namespace ticketing::seat {
namespace {

constexpr size_t kHeaderBytes = 20;
constexpr char kFormat = 1;
constexpr char kFullMap = 0;
constexpr char kDelta = 1;
constexpr size_t kDeltaHeaderBytes = 28;

Status NotAMap() {
  return MakeError(ErrorCode::kBadSyntax, "these bytes are not an availability map");
}

}  // namespace

std::string PackAvailability(const Inventory& inventory) {
  const Chart& chart = inventory.chart();
  const uint32_t units = chart.unit_count();
  const uint32_t areas = chart.object_count() - units;
  std::string out;
  out.reserve(kHeaderBytes + (units + 3) / 4 + size_t{areas} * 4);
  out.push_back(kFormat);
  out.push_back(kFullMap);
  AppendBigEndian(out, 0, 2);
  AppendBigEndian(out, inventory.version(), 8);
  AppendBigEndian(out, units, 4);
  AppendBigEndian(out, areas, 4);
  inventory.PackUnits(out);
  for (uint32_t i = units; i < chart.object_count(); ++i) {
    AppendBigEndian(out, inventory.area(i).free(), 4);
  }
  return out;
}

StatusOr<AvailabilityMap> UnpackAvailability(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes || bytes[0] != kFormat || bytes[1] != kFullMap ||
      ReadBigEndian(bytes, 2, 2) != 0) {
    return NotAMap();
  }
  AvailabilityMap map;
  map.version = ReadBigEndian(bytes, 4, 8);
  const uint64_t units = ReadBigEndian(bytes, 12, 4);
  const uint64_t areas = ReadBigEndian(bytes, 16, 4);
  const uint64_t map_bytes = (units + 3) / 4;
  if (bytes.size() != kHeaderBytes + map_bytes + areas * 4) return NotAMap();
  map.units.reserve(units);
  for (uint64_t i = 0; i < map_bytes * 4; ++i) {
    const unsigned code = static_cast<unsigned char>(bytes[kHeaderBytes + i / 4]) >> i % 4 * 2 & 3u;
    if (i < units) {
      map.units.push_back(static_cast<Availability>(code));
    } else if (code != 0) {
      return NotAMap();
    }
  }
  for (uint64_t i = 0; i < areas; ++i) {
    map.area_free.push_back(
        static_cast<uint32_t>(ReadBigEndian(bytes, kHeaderBytes + map_bytes + i * 4, 4)));
  }
  return map;
}

std::string PackDelta(const Inventory& inventory, uint64_t since,
                      std::span<const uint32_t> changed) {
  std::vector<uint32_t> numbers(changed.begin(), changed.end());
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  const uint32_t units = inventory.chart().unit_count();
  const auto first_area = std::lower_bound(numbers.begin(), numbers.end(), units);
  std::string out;
  out.push_back(kFormat);
  out.push_back(kDelta);
  AppendBigEndian(out, 0, 2);
  AppendBigEndian(out, inventory.version(), 8);
  AppendBigEndian(out, since, 8);
  AppendBigEndian(out, static_cast<uint64_t>(first_area - numbers.begin()), 4);
  AppendBigEndian(out, static_cast<uint64_t>(numbers.end() - first_area), 4);
  for (auto it = numbers.begin(); it != first_area; ++it) {
    AppendBigEndian(out, uint64_t{*it} << 2 | inventory.PackedUnit(*it), 4);
  }
  for (auto it = first_area; it != numbers.end(); ++it) {
    AppendBigEndian(out, *it, 4);
    AppendBigEndian(out, inventory.area(*it).free(), 4);
  }
  return out;
}

Status ApplyDelta(std::string_view delta, AvailabilityMap& map) {
  const auto not_one = [] {
    return MakeError(ErrorCode::kBadSyntax, "these bytes are not a delta of this map");
  };
  if (delta.size() < kDeltaHeaderBytes || delta[0] != kFormat || delta[1] != kDelta ||
      ReadBigEndian(delta, 2, 2) != 0) {
    return not_one();
  }
  const uint64_t version = ReadBigEndian(delta, 4, 8);
  const uint64_t units = ReadBigEndian(delta, 20, 4);
  const uint64_t areas = ReadBigEndian(delta, 24, 4);
  if (delta.size() != kDeltaHeaderBytes + units * 4 + areas * 8) return not_one();
  if (map.version < ReadBigEndian(delta, 12, 8)) {
    return MakeError(ErrorCode::kPreconditionFailed, "The map is too old; take a new one.");
  }
  AvailabilityMap next = map;
  next.version = std::max(map.version, version);
  size_t at = kDeltaHeaderBytes;
  for (uint64_t i = 0; i < units; ++i, at += 4) {
    const uint64_t word = ReadBigEndian(delta, at, 4);
    if (word >> 2 >= next.units.size()) return not_one();
    next.units[word >> 2] = static_cast<Availability>(word & 3);
  }
  for (uint64_t i = 0; i < areas; ++i, at += 8) {
    const uint64_t area = ReadBigEndian(delta, at, 4);
    const uint64_t position = area - next.units.size();
    if (area < next.units.size() || position >= next.area_free.size()) return not_one();
    next.area_free[position] = static_cast<uint32_t>(ReadBigEndian(delta, at + 4, 4));
  }
  map = std::move(next);
  return OkStatus();
}

}  // namespace ticketing::seat
