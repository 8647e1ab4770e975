// Errors of the whole project: absl::Status with one of our codes and structured details attached.
//
// A refusal or an I/O failure is a Status; a bug is a TICKETING_ASSERT. Every error has an
// ErrorCode from error_code.h, which fixes its canonical status, its HTTP status and whether a
// retry can help. Details name what a caller needs to act: the invalid fields, the objects in
// conflict, when to come back.
#ifndef TICKETING_BASE_STATUS_H_
#define TICKETING_BASE_STATUS_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ticketing/base/error_code.h"
#include "ticketing/base/time.h"

namespace ticketing {

using absl::Status;
using absl::StatusOr;

inline Status OkStatus() {
  return absl::OkStatus();
}

// One field that was refused. `field` is a path such as "buyer.email" or "sections[2].rows[0]".
struct FieldError {
  std::string field;
  std::string detail;
  bool operator==(const FieldError&) const = default;
};

// What an error carries beside its code and message.
struct ErrorDetails {
  std::vector<FieldError> fields;       // for 400 and 422
  std::vector<std::string> objects;     // for 409: labels of seats, ids of tickets
  std::optional<Duration> retry_after;  // for 429 and 503
};

// The only ways to make an error. The message is for a person: what happened, what was kept, what
// to do.
Status MakeError(ErrorCode code, std::string_view message);
Status MakeError(ErrorCode code, std::string_view message, const ErrorDetails& details);

// Shorthand for kInvalidField (422) about one field.
Status InvalidField(std::string_view field, std::string_view detail);

// The code of any status: kOk for success; for a foreign absl status the code nearest to its
// canonical one.
ErrorCode CodeOf(const Status& status);

// The details of a status made by MakeError; empty for others.
ErrorDetails DetailsOf(const Status& status);

// The message as a std::string_view, valid as long as `status`.
std::string_view MessageOf(const Status& status);

}  // namespace ticketing

#define TICKETING_CONCAT_INNER(a, b) a##b
#define TICKETING_CONCAT(a, b) TICKETING_CONCAT_INNER(a, b)

// Returns from the function with the status of `expr` unless it is OK.
#define TICKETING_RETURN_IF_ERROR(expr)                                            \
  do {                                                                             \
    if (::ticketing::Status ticketing_status_ = (expr); !ticketing_status_.ok()) { \
      return ticketing_status_;                                                    \
    }                                                                              \
  } while (false)

// Declares or assigns `lhs` from a StatusOr, or returns its status.
#define TICKETING_ASSIGN_OR_RETURN(lhs, expr) \
  TICKETING_ASSIGN_OR_RETURN_INNER(TICKETING_CONCAT(ticketing_result_, __LINE__), lhs, expr)
#define TICKETING_ASSIGN_OR_RETURN_INNER(result, lhs, expr) \
  auto result = (expr);                                     \
  if (!result.ok()) return std::move(result).status();      \
  lhs = *std::move(result)

#endif  // TICKETING_BASE_STATUS_H_
