package dev.libticketing;

/** Where and how a scan happens; what is not set is an entry at a gate that leads everywhere, told in Spanish. */
public final class ScanOptions {
  /** What explanations are written in. */
  public enum Language {
    SPANISH("es"),
    ENGLISH("en");

    private final String tag;

    Language(String tag) {
      this.tag = tag;
    }
  }

  private final long[] values = {0, 0, 1, 0, 0};
  private Language language = Language.SPANISH;

  /** Number of the gate in the event copy. */
  public ScanOptions gate(int number) {
    values[0] = number;
    return this;
  }

  /** Only codes of this event are good. */
  public ScanOptions event(long number) {
    values[1] = TicketCode.u32(number);
    return this;
  }

  /** The person leaves. */
  public ScanOptions exit() {
    values[2] = 2;
    return this;
  }

  /** The id of a scan that is tried again. */
  public ScanOptions scanId(long id) {
    values[3] = id;
    return this;
  }

  /** Staff with the right to do so let the person pass. */
  public ScanOptions staffOverride() {
    values[4] = 1;
    return this;
  }

  public ScanOptions language(Language wanted) {
    language = wanted;
    return this;
  }

  long[] values() {
    return values.clone();
  }

  String languageTag() {
    return language.tag;
  }
}
