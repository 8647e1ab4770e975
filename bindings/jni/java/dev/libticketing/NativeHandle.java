package dev.libticketing;

/** An object of the native library, freed by {@link #close}. Safe from many threads: one call at a time. */
abstract class NativeHandle implements AutoCloseable {
  private long handle;

  NativeHandle(long handle) {
    this.handle = handle;
  }

  /** The handle; the caller holds this object's lock while it uses it. */
  final long handle() {
    if (handle == 0) {
      throw new IllegalStateException(getClass().getSimpleName() + " is closed");
    }
    return handle;
  }

  abstract void free(long handle);

  /** Frees the native object. Closing again does nothing. */
  @Override
  public final synchronized void close() {
    if (handle != 0) {
      free(handle);
      handle = 0;
    }
  }
}
