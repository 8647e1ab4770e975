#include "clients/common/device_identity.h"

#include "ticketing/base/bytes.h"
#include "ticketing/system/files.h"

namespace ticketing {
namespace {

constexpr char kHead[] = "ticketing device key 1\n";

}  // namespace

StatusOr<DeviceIdentity> DeviceIdentity::Open(const std::string& folder, Random& random) {
  TICKETING_RETURN_IF_ERROR(MakeDirectory(folder, 0700));
  const std::string path = folder + "/device.key";
  const StatusOr<std::string> text = ReadFile(path, 1024);
  DeviceIdentity identity;
  identity.folder = folder;
  if (CodeOf(text.status()) == ErrorCode::kNotFound) {
    identity.id = random.NewId<DeviceId>();
    identity.seed = random.Bytes(kSignatureSeedBytes);
    TICKETING_RETURN_IF_ERROR(WriteFileAtomically(
        path, kHead + identity.id.ToString() + "\n" + HexEncode(identity.seed) + "\n", 0600));
    return identity;
  }
  TICKETING_RETURN_IF_ERROR(text.status());
  const Status damaged = MakeError(
      ErrorCode::kDataLoss, path + " is damaged; restore it, or move it away and enrol again.");
  if (!text->starts_with(kHead)) return damaged;
  const std::string rest = text->substr(sizeof(kHead) - 1);
  const size_t line = rest.find('\n');
  if (line == std::string::npos || !rest.ends_with('\n')) return damaged;
  const auto id = DeviceId::Parse(rest.substr(0, line));
  const auto seed = HexDecode(rest.substr(line + 1, rest.size() - line - 2));
  if (!id || !seed || seed->size() != kSignatureSeedBytes) return damaged;
  identity.id = *id;
  identity.seed = *seed;
  return identity;
}

bool DeviceIdentity::IsEnrolled(const std::string& where) const {
  return ReadFile(folder + "/enrolled." + where, 1024).ok();
}

Status DeviceIdentity::MarkEnrolled(const std::string& where) const {
  return WriteFileAtomically(folder + "/enrolled." + where, id.ToString() + "\n", 0600);
}

}  // namespace ticketing
