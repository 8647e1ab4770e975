#include "ticketing/base/error_code.h"

namespace ticketing {
namespace {

using enum absl::StatusCode;

// The one table. Rows are in the order of their numbers.
constexpr ErrorInfo kErrors[] = {
    {ErrorCode::kOk, kOk, 200, false, "ok", "Done."},
    {ErrorCode::kBadSyntax, kInvalidArgument, 400, false, "bad-syntax",
     "The request cannot be read."},
    {ErrorCode::kUnauthenticated, kUnauthenticated, 401, false, "unauthenticated",
     "A valid token is needed."},
    {ErrorCode::kPermissionDenied, kPermissionDenied, 403, false, "permission-denied",
     "This token does not allow that."},
    {ErrorCode::kNotFound, kNotFound, 404, false, "not-found", "There is no such thing."},
    {ErrorCode::kMethodNotAllowed, kUnimplemented, 405, false, "method-not-allowed",
     "The resource does not know this method."},
    {ErrorCode::kConflict, kFailedPrecondition, 409, false, "conflict",
     "The present state does not allow that."},
    {ErrorCode::kInvalidField, kInvalidArgument, 422, false, "invalid-field",
     "Some fields are not valid."},
    {ErrorCode::kRateLimited, kResourceExhausted, 429, true, "rate-limited", "Too many requests."},
    {ErrorCode::kInternal, kInternal, 500, false, "internal", "Something went wrong on our side."},
    {ErrorCode::kUnavailable, kUnavailable, 503, true, "unavailable",
     "Not available at this moment."},
    {ErrorCode::kDeadlineExceeded, kDeadlineExceeded, 504, true, "deadline-exceeded",
     "The answer did not come in time."},
    {ErrorCode::kPayloadTooLarge, kInvalidArgument, 413, false, "payload-too-large",
     "The body is too large."},
    {ErrorCode::kDataLoss, kDataLoss, 500, false, "data-loss", "Stored data is damaged."},
    {ErrorCode::kAborted, kAborted, 409, true, "aborted", "Another change came first; try again."},
    {ErrorCode::kUnsupportedMedia, kInvalidArgument, 415, false, "unsupported-media",
     "This media type is not supported."},
    {ErrorCode::kPreconditionFailed, kFailedPrecondition, 412, false, "precondition-failed",
     "The resource changed meanwhile."},
    {ErrorCode::kIdempotencyInFlight, kAborted, 409, true, "idempotency-in-flight",
     "The first request with this key is still running."},
    {ErrorCode::kIdempotencyMismatch, kInvalidArgument, 422, false, "idempotency-mismatch",
     "This key was used with another request."},
    {ErrorCode::kIdempotencyKeyMissing, kInvalidArgument, 400, false, "idempotency-key-missing",
     "An Idempotency-Key header is needed."},
    {ErrorCode::kHeadersTooLarge, kInvalidArgument, 431, false, "headers-too-large",
     "The header fields are too large."},
    {ErrorCode::kSeatNotAvailable, kFailedPrecondition, 409, false, "seat-not-available",
     "Some seats are not available."},
    {ErrorCode::kHoldExpired, kFailedPrecondition, 409, false, "hold-expired",
     "The hold has expired."},
    {ErrorCode::kHoldNotFound, kNotFound, 404, false, "hold-not-found", "There is no such hold."},
    {ErrorCode::kNoAdjacentSeats, kFailedPrecondition, 409, false, "no-adjacent-seats",
     "There are not enough seats that fit."},
    {ErrorCode::kUnknownObject, kInvalidArgument, 422, false, "unknown-object",
     "The chart does not have these objects."},
    {ErrorCode::kChartInvalid, kInvalidArgument, 422, false, "chart-invalid",
     "The chart has errors."},
    {ErrorCode::kNotForSale, kFailedPrecondition, 409, false, "not-for-sale",
     "This is not for sale."},
    {ErrorCode::kLeavesSingleSeat, kFailedPrecondition, 409, false, "leaves-single-seat",
     "A single seat would be left alone."},
    {ErrorCode::kPaymentDeclined, kFailedPrecondition, 402, false, "payment-declined",
     "The payment was declined."},
    {ErrorCode::kOrderState, kFailedPrecondition, 409, false, "order-state",
     "The order is not in a state that allows that."},
    {ErrorCode::kAmountOverflow, kInvalidArgument, 422, false, "amount-overflow",
     "The amount is too large."},
    {ErrorCode::kLedgerUnbalanced, kInternal, 500, false, "ledger-unbalanced",
     "The books do not balance."},
    {ErrorCode::kShiftNotOpen, kFailedPrecondition, 409, false, "shift-not-open",
     "The cash shift is not open."},
    {ErrorCode::kGatewayUnavailable, kUnavailable, 503, true, "gateway-unavailable",
     "The payment gateway does not answer."},
    {ErrorCode::kCodeMalformed, kInvalidArgument, 422, false, "code-malformed",
     "This is not a ticket code."},
    {ErrorCode::kCodeForged, kPermissionDenied, 403, false, "code-forged",
     "The signature of this code is wrong."},
    {ErrorCode::kTokenExpired, kUnauthenticated, 401, false, "token-expired",
     "The token has expired."},
    {ErrorCode::kUnknownKey, kPermissionDenied, 403, false, "unknown-key",
     "The key behind this signature is not known."},
    {ErrorCode::kLogBroken, kInvalidArgument, 422, false, "log-broken",
     "The device log does not hold together."},
    {ErrorCode::kPairingRefused, kPermissionDenied, 403, false, "pairing-refused",
     "The pairing code is wrong or has expired."},
    {ErrorCode::kDeviceRevoked, kPermissionDenied, 403, false, "device-revoked",
     "This device has been revoked."},
    {ErrorCode::kAccountExists, kAlreadyExists, 409, false, "account-exists",
     "There is an account with this address."},
    {ErrorCode::kWrongCredentials, kUnauthenticated, 401, false, "wrong-credentials",
     "The address or the password is wrong."},
};

}  // namespace

const ErrorInfo& InfoOf(ErrorCode code) {
  const ErrorInfo* internal = nullptr;
  for (const ErrorInfo& row : kErrors) {
    if (row.code == code) return row;
    if (row.code == ErrorCode::kInternal) internal = &row;
  }
  return *internal;
}

std::span<const ErrorInfo> AllErrors() {
  return kErrors;
}

ErrorCode ErrorCodeOfSlug(std::string_view slug) {
  for (const ErrorInfo& row : kErrors) {
    if (row.slug == slug) return row.code;
  }
  return ErrorCode::kInternal;
}

}  // namespace ticketing
