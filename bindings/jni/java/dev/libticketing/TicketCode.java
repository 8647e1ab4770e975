package dev.libticketing;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;

/**
 * What a ticket code says, and how codes are made and checked. The layout is described in {@code
 * include/ticketing/token/ticket_code.h}. Immutable.
 */
public final class TicketCode {
  /** Printed once, or made anew by the phone every few seconds. */
  public enum Form {
    STATIC,
    ROTATING
  }

  private final long[] fields;

  private TicketCode(long[] fields) {
    this.fields = fields;
  }

  /**
   * The content of a ticket that is to be issued; numbers out of range are refused by the functions that issue.
   *
   * @param keyId of the issuer's key, 1-255
   * @param eventNumber not 0, 32 bits
   * @param ticketId not 0, 63 bits
   * @param ordinal dense in its event, 32 bits
   * @param issue counts transfers and reprints, 16 bits
   */
  public static TicketCode of(
      int keyId, long eventNumber, long ticketId, long ordinal, int issue, int zone, int ticketType) {
    return new TicketCode(
        new long[] {1, ticketId, u32(eventNumber), u32(ordinal), issue, zone, ticketType, keyId, 0});
  }

  static long u32(long value) {
    if (value < 0 || value > 0xffff_ffffL) {
      throw new IllegalArgumentException(value + " is not a number of 32 bits");
    }
    return value;
  }

  /** The static code: 141 digits and capital letters. */
  public String issue(SigningKey issuer) {
    synchronized (issuer) {
      return Native.text(Native.codeIssue(fields, issuer.handle()));
    }
  }

  /** The rotating ticket for the device with this public key, from which the phone makes its codes. */
  public String issueRotating(byte[] devicePublicKey, SigningKey issuer) {
    Objects.requireNonNull(devicePublicKey, "devicePublicKey");
    synchronized (issuer) {
      return Native.text(Native.rotatingTicketIssue(fields, devicePublicKey, issuer.handle()));
    }
  }

  /**
   * On the phone: the code to show at {@code now}.
   *
   * @throws TicketingException with {@link ErrorCode#CODE_MALFORMED}, or {@link ErrorCode#UNKNOWN_KEY} when the ticket
   *     is bound to another device
   */
  public static String makeRotatingCode(String rotatingTicket, SigningKey device, Instant now) {
    synchronized (device) {
      return Native.text(Native.rotatingCodeMake(Native.utf8(rotatingTicket), device.handle(), micros(now)));
    }
  }

  /**
   * What a code claims, whoever made it: no signature is checked.
   *
   * @throws TicketingException with {@link ErrorCode#CODE_MALFORMED}
   */
  public static TicketCode parse(String text) {
    return new TicketCode(Native.codeParse(Native.utf8(text)));
  }

  /**
   * What a code says when its signatures hold at {@code now}.
   *
   * @throws TicketingException with {@link ErrorCode#CODE_MALFORMED}, {@link ErrorCode#UNKNOWN_KEY}, {@link
   *     ErrorCode#CODE_FORGED} or {@link ErrorCode#TOKEN_EXPIRED}
   */
  public static TicketCode verify(String text, KeyRing issuers, Instant now) {
    synchronized (issuers) {
      return new TicketCode(Native.codeVerify(Native.utf8(text), issuers.handle(), micros(now)));
    }
  }

  private static long micros(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }

  public Form form() {
    return fields[0] == 1 ? Form.STATIC : Form.ROTATING;
  }

  public long ticketId() {
    return fields[1];
  }

  public long eventNumber() {
    return fields[2];
  }

  public long ordinal() {
    return fields[3];
  }

  public int issue() {
    return (int) fields[4];
  }

  public int zone() {
    return (int) fields[5];
  }

  public int ticketType() {
    return (int) fields[6];
  }

  public int keyId() {
    return (int) fields[7];
  }

  /** Of a rotating code that was verified: its time in units of 15 seconds since 1970; otherwise 0. */
  public long window() {
    return fields[8];
  }
}
