#include "lib/service/payments/desk.h"

namespace ticketing::payments {
namespace {

EntryHead HeadOf(std::string_view kind, ShiftId shift, Timestamp now) {
  const std::string reference = shift.ToString();
  return {.id = EntryIdOf(kind, reference), .at = now, .reference = reference};
}

}  // namespace

StatusOr<CashShift> Desk::OpenShift(ShiftId id, const std::string& who, Money opening) {
  CashShift shift;
  const Status done = database_.Write([&](SqlTransaction& tx) -> Status {
    const Timestamp now = env_.clock.Now();
    TICKETING_ASSIGN_OR_RETURN(const std::optional<CashShift> known, LoadShift(tx, id));
    if (known) {
      shift = *known;
      if (shift.opened_by == who && shift.opening == opening) return OkStatus();
      return MakeError(ErrorCode::kIdempotencyMismatch, "This key was used for another shift.");
    }
    TICKETING_ASSIGN_OR_RETURN(shift, OpenCashShift(id, who, opening, now));
    TICKETING_RETURN_IF_ERROR(Save(tx, shift));
    if (opening.IsZero()) return OkStatus();
    TICKETING_ASSIGN_OR_RETURN(const JournalEntry entry,
                               FloatEntry(HeadOf("float", id, now), id, opening));
    return PostEntry(tx, entry);
  });
  if (!done.ok()) return done;
  return shift;
}

StatusOr<CashShift> Desk::CloseShift(ShiftId id, const std::string& who, bool any, Money counted) {
  CashShift shift;
  const Status done = database_.Write([&](SqlTransaction& tx) -> Status {
    const Timestamp now = env_.clock.Now();
    TICKETING_ASSIGN_OR_RETURN(const std::optional<CashShift> known, LoadShift(tx, id));
    if (!known) return MakeError(ErrorCode::kNotFound, "There is no such shift.");
    shift = *known;
    if (shift.opened_by != who && !any) {
      return MakeError(ErrorCode::kPermissionDenied, "This shift is somebody else's.");
    }
    // The same count again is a repeat of a request whose answer was lost.
    if (!shift.open && shift.closed_by == who && shift.counted == counted) return OkStatus();
    const Money expected = ExpectedCash(shift);
    TICKETING_RETURN_IF_ERROR(CloseCashShift(shift, who, counted, now));
    TICKETING_RETURN_IF_ERROR(Save(tx, shift));
    if (expected.IsZero() && counted.IsZero()) return OkStatus();
    TICKETING_ASSIGN_OR_RETURN(const JournalEntry entry,
                               CloseEntry(HeadOf("close", id, now), id, expected, counted));
    return PostEntry(tx, entry);
  });
  if (!done.ok()) return done;
  return shift;
}

StatusOr<CashShift> Desk::FindShift(ShiftId id) {
  std::optional<CashShift> shift;
  const Status done = database_.Read([&](SqlTransaction& tx) -> Status {
    TICKETING_ASSIGN_OR_RETURN(shift, LoadShift(tx, id));
    return OkStatus();
  });
  if (!done.ok()) return done;
  if (!shift) return MakeError(ErrorCode::kNotFound, "There is no such shift.");
  return *shift;
}

}  // namespace ticketing::payments
