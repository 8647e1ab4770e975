package dev.libticketing;

/** The library refused. The message is for a person: what happened, what was kept, what to do. */
public final class TicketingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int number;
  private final boolean retryable;

  /** Called by the native library. */
  TicketingException(int number, boolean retryable, byte[] message) {
    super(Native.text(message));
    this.number = number;
    this.retryable = retryable;
  }

  /** What was refused; {@link ErrorCode#UNKNOWN} for a number of a newer library. */
  public ErrorCode code() {
    return ErrorCode.of(number);
  }

  /** The number of the code, fixed for ever. */
  public int number() {
    return number;
  }

  /** Whether the same call can succeed later without any change. */
  public boolean retryable() {
    return retryable;
  }
}
