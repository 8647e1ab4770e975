// The error codes of the project, with fixed numbers: append, never renumber. One table gives each
// code its canonical status, its HTTP status, whether a retry can help, and the slug that APIs and
// logs show.
//
// Ranges: 1-99 general, 100 seat, 200 order and payment, 300 token and admission, 400 sync, 500
// identity.
#ifndef TICKETING_BASE_ERROR_CODE_H_
#define TICKETING_BASE_ERROR_CODE_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/status.h"

namespace ticketing {

enum class ErrorCode : int32_t {
  kOk = 0,
  // General.
  kBadSyntax = 1,               // 400: the request cannot be read at all
  kUnauthenticated = 2,         // 401: no token, or one that is wrong or expired
  kPermissionDenied = 3,        // 403: a valid token without the right
  kNotFound = 4,                // 404
  kMethodNotAllowed = 5,        // 405
  kConflict = 6,                // 409: the state does not allow it
  kInvalidField = 7,            // 422: fields named in the details
  kRateLimited = 8,             // 429
  kInternal = 9,                // 500: never says more to the outside
  kUnavailable = 10,            // 503: try again
  kDeadlineExceeded = 11,       // 504
  kPayloadTooLarge = 12,        // 413
  kDataLoss = 13,               // 500: stored data is damaged
  kAborted = 14,                // 409: lost a race that a retry can win
  kUnsupportedMedia = 15,       // 415
  kPreconditionFailed = 16,     // 412
  kIdempotencyInFlight = 17,    // 409: the first request with this key is still running
  kIdempotencyMismatch = 18,    // 422: the key was used with another request
  kIdempotencyKeyMissing = 19,  // 400
  kHeadersTooLarge = 20,        // 431
  // Seat.
  kSeatNotAvailable = 100,  // 409: objects named in the details
  kHoldExpired = 101,       // 409
  kHoldNotFound = 102,      // 404
  kNoAdjacentSeats = 103,   // 409: best available found nothing
  kUnknownObject = 104,     // 422: labels that the chart does not have
  kChartInvalid = 105,      // 422: every place in the chart named
  kNotForSale = 106,        // 409
  kLeavesSingleSeat = 107,  // 409: seats that would be left alone named in the details
  // Order and payment.
  kPaymentDeclined = 200,     // 402
  kOrderState = 201,          // 409: the order is not in a state that allows it
  kAmountOverflow = 202,      // 422
  kLedgerUnbalanced = 203,    // 500
  kShiftNotOpen = 204,        // 409
  kGatewayUnavailable = 205,  // 503
  // Token and admission.
  kCodeMalformed = 300,  // 422
  kCodeForged = 301,     // 403
  kTokenExpired = 302,   // 401
  kUnknownKey = 303,     // 403
  // Sync.
  kLogBroken = 400,       // 422: a device log whose chain or signature does not hold
  kPairingRefused = 401,  // 403
  kDeviceRevoked = 402,   // 403
  // Identity.
  kAccountExists = 500,     // 409
  kWrongCredentials = 501,  // 401
};

// A row of the one table that says what a code means to each layer.
struct ErrorInfo {
  ErrorCode code;
  absl::StatusCode canonical;
  int http_status;
  bool retryable;
  std::string_view slug;   // "seat-not-available": stable, in problem documents and logs
  std::string_view title;  // one short English sentence
};

// The row of a code; the row of kInternal for a number that is not in the table.
const ErrorInfo& InfoOf(ErrorCode code);

// All rows, in the order of their numbers, for documentation and parity tests.
std::span<const ErrorInfo> AllErrors();

// The code of a slug, or kInternal when no row has it.
ErrorCode ErrorCodeOfSlug(std::string_view slug);

}  // namespace ticketing

#endif  // TICKETING_BASE_ERROR_CODE_H_
