// Stored bytes of the seat engine, changes and sale rules: what is read writes the same bytes, or a
// text that reads the same, and rules from anywhere can be set or are refused.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/fuzz/seat_fuzz_chart.h"
#include "ticketing/base/assert.h"
#include "ticketing/seat/inventory.h"

namespace {

using ticketing::ErrorCode;
namespace seat = ticketing::seat;

void TryChanges(std::string_view bytes) {
  std::string_view rest = bytes;
  const auto changes = seat::TakeChanges(rest);
  if (!changes) {
    TICKETING_ASSERT(rest == bytes);
    return;
  }
  std::string again;
  seat::AppendChanges(again, *changes);
  TICKETING_ASSERT(again == bytes.substr(0, bytes.size() - rest.size()));
  seat::Inventory inventory(seat::FuzzChart());
  const ticketing::Status status = inventory.Restore(*changes);
  TICKETING_ASSERT(status.ok() || ticketing::CodeOf(status) == ErrorCode::kDataLoss);
  if (!status.ok() || !inventory.CheckWhole().ok()) return;
  // What stands is whole: it stores, and every hold of it can be let go.
  seat::Inventory copy(seat::FuzzChart());
  TICKETING_ASSERT(copy.Restore(inventory.Snapshot()).ok());
  TICKETING_ASSERT(copy.Snapshot() == inventory.Snapshot());
  for (const seat::Hold& hold : inventory.Holds()) TICKETING_ASSERT(copy.Release(hold.id).ok());
  TICKETING_ASSERT(copy.Holds().empty());
}

void TryRules(std::string_view bytes) {
  const auto rules = seat::DecodeRules(bytes);
  if (!rules) return;
  TICKETING_ASSERT(seat::DecodeRules(seat::EncodeRules(*rules)) == *rules);
  seat::Inventory inventory(seat::FuzzChart());
  const ticketing::Status status = inventory.SetRules(*rules, ticketing::Timestamp{1});
  TICKETING_ASSERT(status.ok() || ticketing::CodeOf(status) == ErrorCode::kInvalidField);
  for (uint32_t i = 0; i < inventory.chart().object_count(); ++i) (void)inventory.category(i);
}

}  // namespace

// The first byte says which of the two the rest is.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.empty()) return 0;
  if (bytes[0] == 'c') TryChanges(bytes.substr(1));
  if (bytes[0] == 'r') TryRules(bytes.substr(1));
  return 0;
}
