package dev.libticketing;

import java.util.Objects;

/** The issuers' public keys that a verifier trusts. Keys rotate, so several are trusted at once. */
public final class KeyRing extends NativeHandle {
  public KeyRing() {
    super(Native.ringCreate());
  }

  /** Trusts a public key of 32 bytes under an id (1-255), at any time. */
  public void add(int keyId, byte[] publicKey) {
    add(keyId, publicKey, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  /**
   * Trusts a public key from {@code notBefore} on and before {@code notAfter}, in microseconds since 1970.
   *
   * @throws TicketingException with {@link ErrorCode#INVALID_FIELD}, or {@link ErrorCode#CONFLICT} when the id already
   *     names another key
   */
  public synchronized void add(int keyId, byte[] publicKey, long notBefore, long notAfter) {
    Native.ringAdd(handle(), keyId, Objects.requireNonNull(publicKey, "publicKey"), notBefore, notAfter);
  }

  @Override
  void free(long handle) {
    Native.ringFree(handle);
  }
}
