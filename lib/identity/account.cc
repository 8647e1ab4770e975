#include "ticketing/identity/account.h"

#include <algorithm>
#include <array>

#include "ticketing/base/bytes.h"
#include "ticketing/base/limits.h"

namespace ticketing::identity {
namespace {

struct RoleRow {
  Role role;
  std::string_view name;
  bool staff;
};

constexpr RoleRow kRoles[] = {
    {Role::kCustomer, "customer", false}, {Role::kBoxOffice, "box_office", true},
    {Role::kGate, "gate", true},          {Role::kAdmin, "admin", true},
    {Role::kDevice, "device", false},     {Role::kService, "service", false},
};

// The heads of every list of leaked passwords that are long enough to pass the length rule, in
// lower case.
constexpr std::string_view kMostGuessed[] = {
    "1234567890",    "12345678910", "0123456789",    "0987654321",    "1q2w3e4r5t",
    "qwertyuiop",    "qwerty12345", "password12",    "password123",   "password1234",
    "contraseña",    "contrasena",  "contrasena1",   "contraseña1",   "contrasena123",
    "contraseña123", "iloveyou123", "administrador", "administrator", "letmein1234",
    "welcome1234",   "bienvenido1", "futbol12345",   "mexico12345",   "abcdefghij",
    "abcd123456",    "a123456789",  "123456789a",    "1111111111",    "qazwsxedcr",
};

bool IsAlnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

std::string LowerText(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), Lower);
  return out;
}

bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

// RFC 5321 dot-string: atoms of atext, divided by single dots.
bool IsLocalPart(std::string_view local) {
  constexpr std::string_view kAtext = "!#$%&'*+-/=?^_`{|}~";
  if (local.empty() || local.size() > 64 || local.front() == '.' || local.back() == '.')
    return false;
  if (local.find("..") != std::string_view::npos) return false;
  return std::all_of(local.begin(), local.end(), [&](char c) {
    return IsAlnum(c) || c == '.' || kAtext.find(c) != std::string_view::npos;
  });
}

bool IsHostLabel(std::string_view label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(), [](char c) { return IsAlnum(c) || c == '-'; });
}

bool IsHostName(std::string_view host) {
  int labels = 0;
  std::string_view last;
  while (true) {
    const size_t dot = std::min(host.find('.'), host.size());
    last = host.substr(0, dot);
    if (!IsHostLabel(last)) return false;
    ++labels;
    if (dot == host.size()) break;
    host.remove_prefix(dot + 1);
  }
  return labels >= 2 && !std::all_of(last.begin(), last.end(), IsDigit);
}

}  // namespace

std::string_view RoleName(Role role) {
  for (const RoleRow& row : kRoles) {
    if (row.role == role) return row.name;
  }
  return "";
}

std::optional<Role> RoleOfName(std::string_view name) {
  for (const RoleRow& row : kRoles) {
    if (row.name == name) return row.role;
  }
  return std::nullopt;
}

bool IsStaffRole(Role role) {
  return std::any_of(std::begin(kRoles), std::end(kRoles),
                     [role](const RoleRow& row) { return row.role == role && row.staff; });
}

bool Account::Has(Role role) const {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

StatusOr<std::string> NormalizeEmail(std::string_view email, std::string_view field) {
  email = Trim(email);
  const size_t at = email.rfind('@');
  if (email.size() > limits::kEmailBytesMax || at == std::string_view::npos ||
      !IsLocalPart(email.substr(0, at)) || !IsHostName(email.substr(at + 1))) {
    return InvalidField(field, "is not an email address");
  }
  return LowerText(email);
}

StatusOr<std::string> NormalizePhone(std::string_view phone, std::string_view field) {
  constexpr size_t kDigitsMin = 8;
  constexpr size_t kDigitsMax = 15;  // E.164
  constexpr size_t kMexicanDigits = 10;
  phone = Trim(phone);
  if (phone.empty()) return std::string();
  if (phone.size() > limits::kPhoneBytesMax) return InvalidField(field, "is too long");
  const bool international = phone.front() == '+';
  if (international) phone.remove_prefix(1);
  std::string digits;
  for (const char c : phone) {
    if (IsDigit(c)) {
      digits.push_back(c);
    } else if (std::string_view(" .-()").find(c) == std::string_view::npos) {
      return InvalidField(field, "is not a telephone number");
    }
  }
  if (!international) {
    if (digits.size() != kMexicanDigits) {
      return InvalidField(field, "needs 10 digits, or a '+' and the country code");
    }
    digits.insert(0, "52");
  }
  if (digits.size() < kDigitsMin || digits.size() > kDigitsMax || digits.front() == '0') {
    return InvalidField(field, "is not a telephone number");
  }
  return "+" + digits;
}

StatusOr<std::string> NormalizeName(std::string_view name, std::string_view field) {
  if (!IsValidUtf8(name)) return InvalidField(field, "is not UTF-8");
  name = Trim(name);
  std::string out;
  for (const char c : name) {
    if (c == ' ' && out.ends_with(' ')) continue;
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      return InvalidField(field, "has a control character");
    }
    out.push_back(c);
  }
  if (out.empty()) return InvalidField(field, "must not be empty");
  if (out.size() > limits::kNameBytesMax) return InvalidField(field, "is too long");
  return out;
}

StatusOr<std::string> NormalizeLanguage(std::string_view tag, std::string_view field) {
  constexpr size_t kTagBytesMax = 35;
  tag = Trim(tag);
  if (tag.empty()) return std::string("es");
  const std::string lower = LowerText(tag);
  const size_t primary = std::min(lower.find('-'), lower.size());
  const bool formed =
      lower.size() <= kTagBytesMax && primary >= 2 && primary <= 3 &&
      std::all_of(lower.begin(), lower.begin() + static_cast<long>(primary),
                  [](char c) { return c >= 'a' && c <= 'z'; }) &&
      std::all_of(lower.begin(), lower.end(), [](char c) { return IsAlnum(c) || c == '-'; });
  if (!formed) return InvalidField(field, "is not a language tag");
  return std::string(lower.substr(0, primary) == "es" ? "es" : "en");
}

Status CheckNewPassword(std::string_view password, std::string_view email, std::string_view field) {
  if (!IsValidUtf8(password)) return InvalidField(field, "is not UTF-8");
  if (password.size() < limits::kPasswordBytesMin) {
    return InvalidField(
        field, "needs at least " + std::to_string(limits::kPasswordBytesMin) + " characters");
  }
  if (password.size() > limits::kPasswordBytesMax) return InvalidField(field, "is too long");
  if (password.find_first_not_of(password.front()) == std::string_view::npos) {
    return InvalidField(field, "is one character repeated");
  }
  const std::string lower = LowerText(password);
  const bool guessed =
      std::find(std::begin(kMostGuessed), std::end(kMostGuessed), lower) != std::end(kMostGuessed);
  if (guessed) return InvalidField(field, "is one of the most guessed passwords");
  const std::string address = LowerText(Trim(email));
  if (lower == address || lower == address.substr(0, address.find('@'))) {
    return InvalidField(field, "must not be the email address");
  }
  return OkStatus();
}

StatusOr<std::vector<Role>> NormalizeStaffRoles(const std::vector<Role>& roles,
                                                std::string_view field) {
  if (roles.empty()) return InvalidField(field, "needs at least one role");
  for (const Role role : roles) {
    if (!IsStaffRole(role)) return InvalidField(field, "has a role that is not for staff");
  }
  std::vector<Role> out = roles;
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace ticketing::identity
