#include "ticketing/crypto/password.h"

#include <sodium.h>

#include <charconv>
#include <optional>
#include <utility>

#include "lib/crypto/sodium.h"
#include "ticketing/base/assert.h"
#include "ticketing/base/bytes.h"
#include "ticketing/base/limits.h"
#include "ticketing/crypto/secret_box.h"

namespace ticketing {
namespace {

using internal::Bytes;
using internal::EnsureSodium;

static_assert(kPasswordSaltBytes == crypto_pwhash_SALTBYTES);

constexpr size_t kTagBytes = 32;
constexpr uint32_t kMemoryKibMin = 8;
constexpr uint32_t kMemoryKibMax = 1 << 20;
constexpr uint32_t kPassesMax = 16;

struct StoredPassword {
  PasswordCost cost;
  std::string salt;
  std::string tag;
};

bool IsInBounds(const PasswordCost& cost) {
  return cost.memory_kib >= kMemoryKibMin && cost.memory_kib <= kMemoryKibMax && cost.passes >= 1 &&
         cost.passes <= kPassesMax;
}

// PHC strings use base64 without padding.
std::string EncodePhcBytes(std::string_view bytes) {
  std::string text = Base64Encode(bytes);
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

std::optional<std::string> DecodePhcBytes(std::string_view text) {
  if (text.find('=') != std::string_view::npos) return std::nullopt;
  std::string padded(text);
  while (padded.size() % 4 != 0) padded.push_back('=');
  return Base64Decode(padded);
}

// Takes `prefix` off the front of `text`, or returns false.
bool Consume(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Takes a decimal number without leading zeros off the front of `text`.
bool ConsumeNumber(std::string_view& text, uint32_t& value) {
  if (text.empty() || text.front() < '1' || text.front() > '9') return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return false;
  text.remove_prefix(end - text.data());
  return true;
}

std::optional<StoredPassword> ParseStored(std::string_view text) {
  StoredPassword stored;
  if (!Consume(text, "$argon2id$v=19$m=") || !ConsumeNumber(text, stored.cost.memory_kib) ||
      !Consume(text, ",t=") || !ConsumeNumber(text, stored.cost.passes) ||
      !Consume(text, ",p=1$") || !IsInBounds(stored.cost)) {
    return std::nullopt;
  }
  const size_t separator = text.find('$');
  if (separator == std::string_view::npos) return std::nullopt;
  std::optional<std::string> salt = DecodePhcBytes(text.substr(0, separator));
  std::optional<std::string> tag = DecodePhcBytes(text.substr(separator + 1));
  if (!salt || salt->size() != kPasswordSaltBytes || !tag || tag->size() != kTagBytes) {
    return std::nullopt;
  }
  stored.salt = *std::move(salt);
  stored.tag = *std::move(tag);
  return stored;
}

StatusOr<std::string> ComputeTag(std::string_view password, std::string_view salt,
                                 const PasswordCost& cost) {
  EnsureSodium();
  std::string tag(kTagBytes, '\0');
  if (crypto_pwhash(Bytes(tag), tag.size(), password.data() == nullptr ? "" : password.data(),
                    password.size(), Bytes(salt), cost.passes, size_t{cost.memory_kib} * 1024,
                    crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return MakeError(ErrorCode::kUnavailable, "There is no memory to hash a password; try again.");
  }
  return tag;
}

}  // namespace

StatusOr<std::string> HashPassword(std::string_view password, std::string_view salt,
                                   const PasswordCost& cost) {
  TICKETING_ASSERT(salt.size() == kPasswordSaltBytes);
  TICKETING_ASSERT(IsInBounds(cost));
  // The limit keeps a request from buying more work than a password needs.
  if (password.size() > limits::kPasswordBytesMax) {
    return InvalidField("password", "The password is too long.");
  }
  TICKETING_ASSIGN_OR_RETURN(const std::string tag, ComputeTag(password, salt, cost));
  return "$argon2id$v=19$m=" + std::to_string(cost.memory_kib) +
         ",t=" + std::to_string(cost.passes) + ",p=1$" + EncodePhcBytes(salt) + "$" +
         EncodePhcBytes(tag);
}

Status VerifyPassword(std::string_view stored, std::string_view password) {
  const std::optional<StoredPassword> parsed = ParseStored(stored);
  if (!parsed) return MakeError(ErrorCode::kDataLoss, "The stored password cannot be read.");
  const bool too_long = password.size() > limits::kPasswordBytesMax;
  if (too_long) password = {};  // no password so long was ever stored, but the time must not tell
  TICKETING_ASSIGN_OR_RETURN(std::string tag, ComputeTag(password, parsed->salt, parsed->cost));
  const bool same = ConstantTimeEquals(tag, parsed->tag);
  WipeSecret(tag);
  if (!same || too_long) return MakeError(ErrorCode::kWrongCredentials, "The password is wrong.");
  return OkStatus();
}

bool NeedsRehash(std::string_view stored, const PasswordCost& cost) {
  const std::optional<StoredPassword> parsed = ParseStored(stored);
  return !parsed || parsed->cost != cost;
}

std::string_view UnmatchablePasswordHash() {
  // The tag is the text "no password makes this tag, ever": finding one is a preimage search.
  return "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
         "bm8gcGFzc3dvcmQgbWFrZXMgdGhpcyB0YWcsIGV2ZXI";
}

}  // namespace ticketing
