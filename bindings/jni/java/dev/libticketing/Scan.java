package dev.libticketing;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** One decision at a gate, on record. Immutable. */
public final class Scan {
  private final boolean admitted;
  private final int reason;
  private final String reasonName;
  private final long scanId;
  private final long ticketId;
  private final String seatLabel;
  private final String explanation;
  private final Instant decidedAt;

  /** Called by the native library. */
  Scan(
      int outcome,
      int reason,
      byte[] reasonName,
      long scanId,
      long ticketId,
      byte[] seatLabel,
      byte[] explanation,
      long decidedAt) {
    this.admitted = outcome == 1;
    this.reason = reason;
    this.reasonName = Native.text(reasonName);
    this.scanId = scanId;
    this.ticketId = ticketId;
    this.seatLabel = Native.text(seatLabel);
    this.explanation = Native.text(explanation);
    this.decidedAt = Instant.EPOCH.plus(decidedAt, ChronoUnit.MICROS);
  }

  public boolean admitted() {
    return admitted;
  }

  /** Number of the reason; {@code include/ticketing/admission/reason.h} lists them. */
  public int reason() {
    return reason;
  }

  /** Name of the reason, such as "already_used". */
  public String reasonName() {
    return reasonName;
  }

  /** To try this scan again: the same id gets the same answer. */
  public long scanId() {
    return scanId;
  }

  /** 0 when the code could not be read. */
  public long ticketId() {
    return ticketId;
  }

  /** Empty when the event copy has none. */
  public String seatLabel() {
    return seatLabel;
  }

  /** One sentence for a screen: what happened and what to do. */
  public String explanation() {
    return explanation;
  }

  public Instant decidedAt() {
    return decidedAt;
  }
}
