// Accounts: people who buy and people who work for the venue. An account is one record; what it may
// do follows from its roles. Email addresses are the log-in name and compare in their normal form
// only.
//
// Everything here is pure: values in, values out, safe from any thread.
#ifndef TICKETING_IDENTITY_ACCOUNT_H_
#define TICKETING_IDENTITY_ACCOUNT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ticketing/base/id.h"
#include "ticketing/base/status.h"
#include "ticketing/base/time.h"

namespace ticketing::identity {

// What a caller may do. Numbers are stored; append, never renumber. kDevice and kService are never
// roles of a person: devices and services get tokens of their own.
enum class Role : int32_t {
  kCustomer = 1,
  kBoxOffice = 2,
  kGate = 3,
  kAdmin = 4,
  kDevice = 5,
  kService = 6,
};

// "customer", "box_office", "gate", "admin", "device", "service": the names in tokens and APIs.
std::string_view RoleName(Role role);
std::optional<Role> RoleOfName(std::string_view name);

// Whether a staff account may carry the role: box office, gate and admin.
bool IsStaffRole(Role role);

struct Account {
  AccountId id;
  std::string email;          // normal form; the log-in name
  std::string phone;          // E.164, or empty
  std::string name;           // as the person writes it, trimmed
  std::string language;       // "es" or "en"
  std::vector<Role> roles;    // ascending, each once
  std::string password_hash;  // argon2id string; empty while nobody can log in with a password
  bool active = true;         // a suspended account cannot log in or refresh
  Timestamp created_at;

  bool Has(Role role) const;
};

// The normal form of an address: surrounding spaces removed, ASCII lower case (every mail provider
// of note ignores case in the local part, and two accounts that differ only in case are always a
// mistake). Accepted are the addresses that people have: a dot-atom of RFC 5321 before the '@', a
// host name with at least one dot behind. Errors: kInvalidField naming `field`.
StatusOr<std::string> NormalizeEmail(std::string_view email, std::string_view field = "email");

// The E.164 form ("+526141234567") of a number typed with spaces, dots, dashes or brackets. A
// number of 10 digits without "+" is taken to be Mexican. Empty stays empty. Errors: kInvalidField
// naming `field`.
StatusOr<std::string> NormalizePhone(std::string_view phone, std::string_view field = "phone");

// A name trimmed, with inner runs of spaces made one. Errors: kInvalidField when empty, too long
// (limits::kNameBytesMax), not UTF-8 or with control characters.
StatusOr<std::string> NormalizeName(std::string_view name, std::string_view field = "name");

// "es" or "en" from a language tag such as "es-MX" (any case); empty gives "es", the default.
// Errors: kInvalidField for what is not a language tag; a well-formed tag of another language gives
// "en".
StatusOr<std::string> NormalizeLanguage(std::string_view tag, std::string_view field = "language");

// Whether a new password may be used: UTF-8, limits::kPasswordBytesMin to kPasswordBytesMax bytes,
// not one of the most guessed, not the email address or its local part, not one character repeated.
// No composition rules (NIST SP 800-63B section 5.1.1.2). Errors: kInvalidField naming `field`; the
// text never contains the password.
Status CheckNewPassword(std::string_view password, std::string_view email,
                        std::string_view field = "password");

// Roles in ascending order, each once. Errors: kInvalidField for an empty list or a role that is
// not for staff.
StatusOr<std::vector<Role>> NormalizeStaffRoles(const std::vector<Role>& roles,
                                                std::string_view field = "roles");

}  // namespace ticketing::identity

#endif  // TICKETING_IDENTITY_ACCOUNT_H_
