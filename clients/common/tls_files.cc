#include "clients/common/tls_files.h"

#include <sstream>

#include "ticketing/base/bytes.h"
#include "ticketing/http/tls_identity.h"
#include "ticketing/system/files.h"

namespace ticketing {
namespace {

constexpr size_t kBytesMax = 64 << 10;
constexpr size_t kPinDigits = 64;

}  // namespace

StatusOr<TlsFile> OpenTlsFile(const std::string& folder, const std::string& device, Clock& clock) {
  const std::string path = folder + "/tls.pem";
  const StatusOr<std::string> held = ReadFile(path, kBytesMax);
  if (held.ok()) {
    const StatusOr<TlsIdentity> read = ReadTlsIdentity(*held);
    if (read.ok()) return TlsFile{path, read->pin};
    return MakeError(
        ErrorCode::kDataLoss,
        path + " is damaged; restore it, or move it away and pair every handheld again.");
  }
  if (CodeOf(held.status()) != ErrorCode::kNotFound) return held.status();
  TICKETING_ASSIGN_OR_RETURN(const TlsIdentity made,
                             MakeTlsIdentity("ticketing bastion " + device, clock.Now()));
  TICKETING_RETURN_IF_ERROR(WriteFileAtomically(path, made.pem, 0600));
  return TlsFile{path, made.pin};
}

StatusOr<std::vector<KnownBastion>> LoadBastions(const std::string& folder) {
  const std::string path = folder + "/bastions";
  const StatusOr<std::string> text = ReadFile(path, kBytesMax);
  std::vector<KnownBastion> bastions;
  if (CodeOf(text.status()) == ErrorCode::kNotFound) return bastions;
  TICKETING_RETURN_IF_ERROR(text.status());
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    KnownBastion bastion;
    words >> bastion.url >> bastion.pin >> bastion.device;
    if (bastion.pin.size() != kPinDigits || !HexDecode(bastion.pin)) {
      return MakeError(ErrorCode::kDataLoss,
                       path + " is damaged; move it away and pair this device again.");
    }
    bastions.push_back(std::move(bastion));
  }
  return bastions;
}

Status SaveBastions(const std::string& folder, const std::vector<KnownBastion>& bastions) {
  std::string text;
  for (const KnownBastion& bastion : bastions) {
    text += bastion.url + " " + bastion.pin + " " + bastion.device + "\n";
  }
  return WriteFileAtomically(folder + "/bastions", text, 0600);
}

}  // namespace ticketing
