#include "clients/common/sealed_identity.h"

#include <algorithm>
#include <array>
#include <optional>

#include "ticketing/base/bytes.h"
#include "ticketing/crypto/hash.h"
#include "ticketing/crypto/password.h"
#include "ticketing/crypto/secret_box.h"
#include "ticketing/system/files.h"

namespace ticketing {
namespace {

constexpr std::string_view kHead = "ticketing sealed identity 1\n";
// A file may be tried for years: three times the passes and the memory of a sign-in.
constexpr PasswordCost kSealCost{65536, 3};
constexpr std::array<std::string_view, 3> kFiles = {"device.key", "tls.pem", "enrolled.cloud"};
constexpr size_t kNeeded = 2;  // the first ones; a bastion without a cloud is enrolled nowhere

StatusOr<std::string> KeyOf(std::string_view passphrase, std::string_view salt) {
  if (passphrase.size() < kPassphraseBytesMin) {
    return InvalidField("--passphrase", "must be at least 12 bytes long");
  }
  TICKETING_ASSIGN_OR_RETURN(std::string hashed, HashPassword(passphrase, salt, kSealCost));
  std::string key = Blake2b256("ticketing sealed identity key\n" + hashed);
  WipeSecret(hashed);
  return key;
}

// Takes so many bytes off `rest`; nullopt when there are fewer.
std::optional<std::string_view> Take(std::string_view& rest, size_t bytes) {
  if (rest.size() < bytes) return std::nullopt;
  const std::string_view taken = rest.substr(0, bytes);
  rest.remove_prefix(bytes);
  return taken;
}

Status WriteFiles(const std::string& folder, std::string_view plain) {
  Status damaged = MakeError(ErrorCode::kBadSyntax, "The identity inside is damaged.");
  // The key comes last: a folder with a key counts as an identity.
  std::string device_key;
  while (!plain.empty()) {
    const auto name_size = Take(plain, 1);
    const auto name = name_size ? Take(plain, static_cast<uint8_t>((*name_size)[0])) : std::nullopt;
    const auto size = name ? Take(plain, 4) : std::nullopt;
    const auto bytes = size ? Take(plain, ReadBigEndian(*size, 0, 4)) : std::nullopt;
    if (!bytes || std::ranges::find(kFiles, *name) == kFiles.end()) return damaged;
    if (*name == kFiles[0]) {
      device_key = std::string(*bytes);
      continue;
    }
    TICKETING_RETURN_IF_ERROR(WriteFileAtomically(folder + "/" + std::string(*name), *bytes, 0600));
  }
  if (device_key.empty()) return damaged;
  Status written = WriteFileAtomically(folder + "/" + std::string(kFiles[0]), device_key, 0600);
  WipeSecret(device_key);
  return written;
}

}  // namespace

StatusOr<std::string> SealIdentity(const std::string& folder, std::string_view passphrase,
                                   Random& random) {
  std::string sealed = std::string(kHead) + random.Bytes(kPasswordSaltBytes);
  TICKETING_ASSIGN_OR_RETURN(std::string key,
                             KeyOf(passphrase, std::string_view(sealed).substr(kHead.size())));
  std::string plain;
  for (size_t i = 0; i < kFiles.size(); ++i) {
    StatusOr<std::string> bytes =
        ReadFile(folder + "/" + std::string(kFiles[i]), kSealedIdentityBytesMax / 4);
    if (CodeOf(bytes.status()) == ErrorCode::kNotFound && i >= kNeeded) continue;
    TICKETING_RETURN_IF_ERROR(bytes.status());
    AppendBigEndian(plain, kFiles[i].size(), 1);
    plain += kFiles[i];
    AppendBigEndian(plain, bytes->size(), 4);
    plain += *bytes;
    WipeSecret(*bytes);
  }
  const std::string nonce = random.Bytes(kBoxNonceBytes);
  sealed += nonce;
  sealed += SealBox(key, nonce, sealed, plain);
  WipeSecret(plain);
  WipeSecret(key);
  return sealed;
}

Status OpenIdentity(const std::string& folder, std::string_view sealed,
                    std::string_view passphrase) {
  const size_t head = kHead.size() + kPasswordSaltBytes + kBoxNonceBytes;
  if (!sealed.starts_with(kHead) || sealed.size() < head) {
    return MakeError(ErrorCode::kBadSyntax, "This is no sealed identity of a bastion.");
  }
  if (ReadFile(folder + "/" + std::string(kFiles[0]), 1024).ok()) {
    return MakeError(ErrorCode::kConflict, folder + " has an identity of its own already.");
  }
  TICKETING_ASSIGN_OR_RETURN(std::string key,
                             KeyOf(passphrase, sealed.substr(kHead.size(), kPasswordSaltBytes)));
  std::optional<std::string> plain =
      OpenBox(key, sealed.substr(kHead.size() + kPasswordSaltBytes, kBoxNonceBytes),
              sealed.substr(0, head), sealed.substr(head));
  WipeSecret(key);
  if (!plain) {
    return MakeError(ErrorCode::kWrongCredentials,
                     "The passphrase is another one, or the file was changed.");
  }
  TICKETING_RETURN_IF_ERROR(MakeDirectory(folder, 0700));
  Status written = WriteFiles(folder, *plain);
  WipeSecret(*plain);
  return written;
}

}  // namespace ticketing
