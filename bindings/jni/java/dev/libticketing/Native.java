package dev.libticketing;

import java.nio.charset.StandardCharsets;

/**
 * The functions of {@code bindings/jni/ticketing_jni.c}. Texts cross as UTF-8 bytes, because JNI's own strings are a
 * dialect; handles cross as numbers. Every function throws {@link TicketingException} when the library refuses.
 */
final class Native {
  /** The ABI version of the C library that these classes were written for. */
  static final int ABI_VERSION = 1;

  static {
    System.loadLibrary("ticketing_jni");
    if (abiVersion() < ABI_VERSION) {
      throw new UnsatisfiedLinkError("libticketing_c has ABI version " + abiVersion() + ", older than " + ABI_VERSION);
    }
  }

  private Native() {}

  static native int abiVersion();

  static native byte[] version();

  /** Null when the number is no code. */
  static native byte[] codeName(int code);

  static native long liveObjects();

  static native long keyCreate(byte[] seed);

  static native byte[] keyPublic(long key);

  static native void keyFree(long key);

  static native long ringCreate();

  static native void ringAdd(long ring, int keyId, byte[] publicKey, long notBefore, long notAfter);

  static native void ringFree(long ring);

  // A ticket is {form, ticket id, event number, ordinal, issue, zone, ticket type, key id, window}.

  static native byte[] codeIssue(long[] ticket, long issuer);

  static native byte[] rotatingTicketIssue(long[] ticket, byte[] devicePublicKey, long issuer);

  static native byte[] rotatingCodeMake(byte[] rotatingTicket, long device, long now);

  static native long[] codeParse(byte[] text);

  static native long[] codeVerify(byte[] text, long ring, long now);

  static native long gateOpen(byte[] dataDir, long deviceId, byte[] deviceSeed);

  static native void gateLoadEvent(long gate, byte[] copy);

  static native void gateFree(long gate);

  /** Options are {gate, event number, direction, scan id, staff override}. */
  static native Scan gateScan(long gate, byte[] text, long[] options, byte[] language);

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String text(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }
}
