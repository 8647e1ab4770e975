package dev.libticketing;

/** The library itself. */
public final class Ticketing {
  private Ticketing() {}

  /** The release of the native library, such as "0.1.0". */
  public static String version() {
    return Native.text(Native.version());
  }

  /** How many native objects are alive in the process; for leak tests. */
  public static long liveObjects() {
    return Native.liveObjects();
  }
}
