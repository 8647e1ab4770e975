// Whatever somebody puts on a memory stick: the reader of gate files neither crashes nor believes
// it. Every input is also tried behind a right hash and signature, so that the sections are
// reached.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "ticketing/base/bytes.h"
#include "ticketing/crypto/hash.h"
#include "ticketing/wire/gate_file.h"

namespace {

using namespace ticketing;

GateFileVisitor Anything() {
  GateFileVisitor visitor;
  visitor.info = [](const GateFileInfo&) { return OkStatus(); };
  visitor.event_copy = [](const EventCopy& copy) {
    if (!copy.is_snapshot()) std::abort();
    return OkStatus();
  };
  visitor.devices = [](const std::vector<CopyDevice>& devices) {
    for (const CopyDevice& device : devices) {
      if (!device.id || device.public_key.size() != 32) std::abort();
    }
    return OkStatus();
  };
  visitor.log_entries = [](const std::vector<std::string>&) { return OkStatus(); };
  return visitor;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  (void)ReadGateFile(input, Anything());

  static const SigningKey key = *SigningKey::FromSeed(std::string(32, 'k'));
  GateFileWriter writer(DeviceId{7}, key, Timestamp{1});
  std::string file = writer.Finish();
  // Between the info and the end (5 bytes, hash and signature behind it).
  file.resize(file.size() - 5 - 32 - 64);
  file += input;
  file += std::string(5, '\0');
  const std::string hash = Sha256(file);
  file += hash + key.Sign("ticketing gate file v1\n" + hash);
  (void)ReadGateFile(file, Anything());
  return 0;
}
