#include "ticketing/seat/availability.h"

#include "ticketing/base/bytes.h"

namespace ticketing::seat {
namespace {

constexpr size_t kHeaderBytes = 20;
constexpr char kFormat = 1;
constexpr char kFullMap = 0;

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

}  // namespace ticketing::seat
