#include "bindings/c/support.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <utility>
#include <vector>

#include "ticketing/version.h"

// The numbers of the header are those of error_code.h.
#define TICKETING_SAME(c_name, name) \
  static_assert(TICKETING_##c_name == static_cast<int32_t>(ticketing::ErrorCode::name))
TICKETING_SAME(OK, kOk);
TICKETING_SAME(ERROR_BAD_SYNTAX, kBadSyntax);
TICKETING_SAME(ERROR_UNAUTHENTICATED, kUnauthenticated);
TICKETING_SAME(ERROR_PERMISSION_DENIED, kPermissionDenied);
TICKETING_SAME(ERROR_NOT_FOUND, kNotFound);
TICKETING_SAME(ERROR_METHOD_NOT_ALLOWED, kMethodNotAllowed);
TICKETING_SAME(ERROR_CONFLICT, kConflict);
TICKETING_SAME(ERROR_INVALID_FIELD, kInvalidField);
TICKETING_SAME(ERROR_RATE_LIMITED, kRateLimited);
TICKETING_SAME(ERROR_INTERNAL, kInternal);
TICKETING_SAME(ERROR_UNAVAILABLE, kUnavailable);
TICKETING_SAME(ERROR_DEADLINE_EXCEEDED, kDeadlineExceeded);
TICKETING_SAME(ERROR_PAYLOAD_TOO_LARGE, kPayloadTooLarge);
TICKETING_SAME(ERROR_DATA_LOSS, kDataLoss);
TICKETING_SAME(ERROR_ABORTED, kAborted);
TICKETING_SAME(ERROR_UNSUPPORTED_MEDIA, kUnsupportedMedia);
TICKETING_SAME(ERROR_PRECONDITION_FAILED, kPreconditionFailed);
TICKETING_SAME(ERROR_IDEMPOTENCY_IN_FLIGHT, kIdempotencyInFlight);
TICKETING_SAME(ERROR_IDEMPOTENCY_MISMATCH, kIdempotencyMismatch);
TICKETING_SAME(ERROR_IDEMPOTENCY_KEY_MISSING, kIdempotencyKeyMissing);
TICKETING_SAME(ERROR_HEADERS_TOO_LARGE, kHeadersTooLarge);
TICKETING_SAME(ERROR_SEAT_NOT_AVAILABLE, kSeatNotAvailable);
TICKETING_SAME(ERROR_HOLD_EXPIRED, kHoldExpired);
TICKETING_SAME(ERROR_HOLD_NOT_FOUND, kHoldNotFound);
TICKETING_SAME(ERROR_NO_ADJACENT_SEATS, kNoAdjacentSeats);
TICKETING_SAME(ERROR_UNKNOWN_OBJECT, kUnknownObject);
TICKETING_SAME(ERROR_CHART_INVALID, kChartInvalid);
TICKETING_SAME(ERROR_NOT_FOR_SALE, kNotForSale);
TICKETING_SAME(ERROR_LEAVES_SINGLE_SEAT, kLeavesSingleSeat);
TICKETING_SAME(ERROR_PAYMENT_DECLINED, kPaymentDeclined);
TICKETING_SAME(ERROR_ORDER_STATE, kOrderState);
TICKETING_SAME(ERROR_AMOUNT_OVERFLOW, kAmountOverflow);
TICKETING_SAME(ERROR_LEDGER_UNBALANCED, kLedgerUnbalanced);
TICKETING_SAME(ERROR_SHIFT_NOT_OPEN, kShiftNotOpen);
TICKETING_SAME(ERROR_GATEWAY_UNAVAILABLE, kGatewayUnavailable);
TICKETING_SAME(ERROR_CODE_MALFORMED, kCodeMalformed);
TICKETING_SAME(ERROR_CODE_FORGED, kCodeForged);
TICKETING_SAME(ERROR_TOKEN_EXPIRED, kTokenExpired);
TICKETING_SAME(ERROR_UNKNOWN_KEY, kUnknownKey);
TICKETING_SAME(ERROR_LOG_BROKEN, kLogBroken);
TICKETING_SAME(ERROR_PAIRING_REFUSED, kPairingRefused);
TICKETING_SAME(ERROR_DEVICE_REVOKED, kDeviceRevoked);
TICKETING_SAME(ERROR_ACCOUNT_EXISTS, kAccountExists);
TICKETING_SAME(ERROR_WRONG_CREDENTIALS, kWrongCredentials);
#undef TICKETING_SAME

struct ticketing_error : private ticketing::capi::Counted {
  ticketing::ErrorCode code;
  std::string message;
  std::vector<ticketing::FieldError> fields;
};

namespace ticketing::capi {
namespace {

std::atomic<int64_t> live_objects{0};

// Allocated bytes carry their count with them: the block is the count's witness.
void CountBytes(int64_t by) {
  live_objects.fetch_add(by, std::memory_order_relaxed);
}

}  // namespace

Counted::Counted() {
  live_objects.fetch_add(1, std::memory_order_relaxed);
}
Counted::~Counted() {
  live_objects.fetch_sub(1, std::memory_order_relaxed);
}

int64_t LiveObjects() {
  return live_objects.load(std::memory_order_relaxed);
}

StatusOr<std::string_view> ReadView(ticketing_view_t view, std::string_view name) {
  if (view.size == 0) return std::string_view();
  if (view.data == nullptr) return InvalidField(name, "has a size but no data");
  if (view.size > static_cast<size_t>(std::numeric_limits<ptrdiff_t>::max()))
    return InvalidField(name, "has an impossible size");
  return std::string_view(reinterpret_cast<const char*>(view.data), view.size);
}

Status GiveBytes(std::string_view bytes, ticketing_bytes_t* out, std::string_view name) {
  TICKETING_RETURN_IF_ERROR(CheckOutput(out, name));
  auto* const data = static_cast<uint8_t*>(std::malloc(bytes.size() + 1));
  if (data == nullptr) return MakeError(ErrorCode::kInternal, "The library ran out of memory.");
  if (!bytes.empty()) std::memcpy(data, bytes.data(), bytes.size());
  data[bytes.size()] = 0;
  CountBytes(1);
  *out = {data, bytes.size()};
  return OkStatus();
}

int32_t Report(const Status& status, ticketing_error_t** error) noexcept {
  if (status.ok()) return TICKETING_OK;
  int32_t code = TICKETING_ERROR_INTERNAL;
  try {
    code = static_cast<int32_t>(CodeOf(status));
    if (error == nullptr) return code;
    *error = nullptr;
    auto made = std::make_unique<ticketing_error>();
    made->code = static_cast<ErrorCode>(code);
    made->message = MessageOf(status);
    made->fields = DetailsOf(status).fields;
    *error = made.release();
  } catch (...) {
    // Without memory for an error object the code has to do.
  }
  return code;
}

}  // namespace ticketing::capi

using ticketing::capi::ViewOf;

uint32_t ticketing_abi_version(void) {
  return TICKETING_ABI_VERSION;
}

const char* ticketing_version(void) {
  return TICKETING_VERSION;
}

const char* ticketing_code_name(int32_t code) {
  for (const ticketing::ErrorInfo& row : ticketing::AllErrors()) {
    // Slugs are literals of the table and end with a zero byte.
    if (static_cast<int32_t>(row.code) == code) return row.slug.data();
  }
  return nullptr;
}

int64_t ticketing_live_objects(void) {
  return ticketing::capi::LiveObjects();
}

ticketing_view_t ticketing_text(const char* text) {
  return text == nullptr ? ticketing_view_t{nullptr, 0} : ViewOf(text);
}

void ticketing_bytes_free(ticketing_bytes_t* bytes) {
  if (bytes == nullptr || bytes->data == nullptr) return;
  std::free(bytes->data);
  *bytes = {nullptr, 0};
  ticketing::capi::CountBytes(-1);
}

int32_t ticketing_error_code(const ticketing_error_t* error) {
  return error == nullptr ? TICKETING_OK : static_cast<int32_t>(error->code);
}

ticketing_view_t ticketing_error_message(const ticketing_error_t* error) {
  return ViewOf(error == nullptr ? std::string_view("") : error->message);
}

int32_t ticketing_error_retryable(const ticketing_error_t* error) {
  return error != nullptr && ticketing::InfoOf(error->code).retryable ? 1 : 0;
}

size_t ticketing_error_field_count(const ticketing_error_t* error) {
  return error == nullptr ? 0 : error->fields.size();
}

ticketing_view_t ticketing_error_field_path(const ticketing_error_t* error, size_t index) {
  return ViewOf(index < ticketing_error_field_count(error) ? error->fields[index].field
                                                           : std::string_view(""));
}

ticketing_view_t ticketing_error_field_detail(const ticketing_error_t* error, size_t index) {
  return ViewOf(index < ticketing_error_field_count(error) ? error->fields[index].detail
                                                           : std::string_view(""));
}

void ticketing_error_free(ticketing_error_t* error) {
  delete error;
}
