package dev.libticketing;

import java.nio.file.Path;
import java.util.Objects;

/**
 * A gate that decides alone, with a database of its own: event copies in, scans on record. Every answer is durable when
 * it is given, and a ticket is admitted once however many threads scan it.
 */
public final class GateEngine extends NativeHandle {
  /**
   * Opens or makes the gate's database.
   *
   * @param dataDir folder of the database, made when missing; one engine at a time
   * @param deviceId owner of the log, not 0
   * @param deviceSeed 32 bytes: the key that signs the log
   * @throws TicketingException with {@link ErrorCode#INVALID_FIELD}; {@link ErrorCode#CONFLICT} when the database
   *     belongs to another device; {@link ErrorCode#UNAVAILABLE} when it cannot be written; {@link ErrorCode#DATA_LOSS}
   *     when it is damaged
   */
  public GateEngine(Path dataDir, long deviceId, byte[] deviceSeed) {
    super(
        Native.gateOpen(
            Native.utf8(dataDir.toString()), deviceId, Objects.requireNonNull(deviceSeed, "deviceSeed")));
  }

  /**
   * Takes in an event copy or a delta, as the server sent it.
   *
   * @throws TicketingException with {@link ErrorCode#BAD_SYNTAX}, {@link ErrorCode#INVALID_FIELD}, {@link
   *     ErrorCode#PRECONDITION_FAILED} for a delta that does not fit, or {@link ErrorCode#CONFLICT} for too many events
   */
  public synchronized void loadEvent(byte[] copy) {
    Native.gateLoadEvent(handle(), Objects.requireNonNull(copy, "copy"));
  }

  /** Decides about a scanned text: an entry at a gate that leads everywhere. */
  public Scan scan(String text) {
    return scan(text, new ScanOptions());
  }

  /**
   * Decides about a scanned text and records it before it answers. A refusal is a result, not an exception.
   *
   * @throws TicketingException with {@link ErrorCode#INVALID_FIELD} for a gate that the event does not have; {@link
   *     ErrorCode#CONFLICT} for a scan id that was used with another ticket; {@link ErrorCode#UNAVAILABLE} or {@link
   *     ErrorCode#DATA_LOSS} of the database
   */
  public synchronized Scan scan(String text, ScanOptions options) {
    return Native.gateScan(handle(), Native.utf8(text), options.values(), Native.utf8(options.languageTag()));
  }

  @Override
  void free(long handle) {
    Native.gateFree(handle);
  }
}
