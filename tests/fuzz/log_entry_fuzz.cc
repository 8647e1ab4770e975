// Whatever another device calls an entry of its log: what is read is written back to the same
// bytes, in all four versions.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "ticketing/sync/log_entry.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace ticketing;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const StatusOr<LogEntry> entry = DecodeLogEntry(input);
  if (!entry.ok()) return 0;
  if (CarriesSignature(input) != !entry->signature.empty()) std::abort();
  static const SigningKey key = *SigningKey::FromSeed(std::string(32, 'k'));
  const std::string again =
      CarriesSignature(input) ? SealLogEntry(*entry, key) : ChainLogEntry(*entry);
  const size_t signature = entry->signature.size();
  if (again.size() != size) std::abort();
  if (again.substr(0, size - signature) != input.substr(0, size - signature)) std::abort();
  return 0;
}
