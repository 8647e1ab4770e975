package dev.libticketing;

import java.util.Objects;

/** An Ed25519 key pair: an issuer's, or a customer's device's. The private key is wiped by {@link #close}. */
public final class SigningKey extends NativeHandle {
  /**
   * From a seed of 32 random bytes, which the caller keeps secret and wipes.
   *
   * @throws TicketingException with {@link ErrorCode#INVALID_FIELD} for another length
   */
  public SigningKey(byte[] seed) {
    super(Native.keyCreate(Objects.requireNonNull(seed, "seed")));
  }

  /** 32 bytes. */
  public synchronized byte[] publicKey() {
    return Native.keyPublic(handle());
  }

  @Override
  void free(long handle) {
    Native.keyFree(handle);
  }
}
