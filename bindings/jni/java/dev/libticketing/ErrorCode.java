package dev.libticketing;

/** What the library refuses with. Numbers are fixed; newer libraries may know more. */
public enum ErrorCode {
  /** A number that these classes do not know. */
  UNKNOWN(-1),
  BAD_SYNTAX(1),
  UNAUTHENTICATED(2),
  PERMISSION_DENIED(3),
  NOT_FOUND(4),
  METHOD_NOT_ALLOWED(5),
  CONFLICT(6),
  INVALID_FIELD(7),
  RATE_LIMITED(8),
  INTERNAL(9),
  UNAVAILABLE(10),
  DEADLINE_EXCEEDED(11),
  PAYLOAD_TOO_LARGE(12),
  DATA_LOSS(13),
  ABORTED(14),
  UNSUPPORTED_MEDIA(15),
  PRECONDITION_FAILED(16),
  IDEMPOTENCY_IN_FLIGHT(17),
  IDEMPOTENCY_MISMATCH(18),
  IDEMPOTENCY_KEY_MISSING(19),
  HEADERS_TOO_LARGE(20),
  SEAT_NOT_AVAILABLE(100),
  HOLD_EXPIRED(101),
  HOLD_NOT_FOUND(102),
  NO_ADJACENT_SEATS(103),
  UNKNOWN_OBJECT(104),
  CHART_INVALID(105),
  NOT_FOR_SALE(106),
  LEAVES_SINGLE_SEAT(107),
  PAYMENT_DECLINED(200),
  ORDER_STATE(201),
  AMOUNT_OVERFLOW(202),
  LEDGER_UNBALANCED(203),
  SHIFT_NOT_OPEN(204),
  GATEWAY_UNAVAILABLE(205),
  CODE_MALFORMED(300),
  CODE_FORGED(301),
  TOKEN_EXPIRED(302),
  UNKNOWN_KEY(303),
  LOG_BROKEN(400),
  PAIRING_REFUSED(401),
  DEVICE_REVOKED(402),
  ACCOUNT_EXISTS(500),
  WRONG_CREDENTIALS(501);

  private final int number;

  ErrorCode(int number) {
    this.number = number;
  }

  public int number() {
    return number;
  }

  static ErrorCode of(int number) {
    for (ErrorCode code : values()) {
      if (code.number == number) {
        return code;
      }
    }
    return UNKNOWN;
  }
}
