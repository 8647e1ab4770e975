package dev.libticketing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Goal: a JVM program can do what the C interface offers, with exceptions for codes and no leak. Method: the golden
 * ticket codes of tests/golden, a gate on a temporary folder, wrong input, many threads.
 *
 * <p>BindingTest &lt;golden rows&gt; &lt;event copy&gt;; tests/capi/golden_rows.cmake describes the rows.
 */
final class BindingTest {
  private static int failures = 0;

  private static void check(boolean holds, String what) {
    if (!holds) {
      ++failures;
      System.err.println("FAILED: " + what + " at " + new Throwable().getStackTrace()[1]);
    }
  }

  private static void equal(Object got, Object expected, String what) {
    if (!got.equals(expected)) {
      ++failures;
      System.err.println("FAILED: " + what + ": got " + got + ", expected " + expected);
    }
  }

  private static void refused(ErrorCode code, Runnable call) {
    try {
      call.run();
      check(false, "not refused with " + code);
    } catch (TicketingException e) {
      equal(e.code(), code, "code of \"" + e.getMessage() + "\"");
      equal(e.number(), code.number(), "number");
      check(!e.getMessage().isEmpty(), "an exception says what happened");
    }
  }

  private static byte[] unhex(String digits) {
    if (digits.equals("-")) {
      return new byte[0];
    }
    byte[] bytes = new byte[digits.length() / 2];
    for (int i = 0; i < bytes.length; ++i) {
      bytes[i] = (byte) Integer.parseInt(digits.substring(2 * i, 2 * i + 2), 16);
    }
    return bytes;
  }

  private static String text(String digits) {
    return new String(unhex(digits), StandardCharsets.UTF_8);
  }

  private final Map<Integer, SigningKey> issuers = new HashMap<>();
  private final KeyRing ring = new KeyRing();
  private SigningKey phone;
  private String ordinary;

  private static TicketCode claims(String[] row) {
    return TicketCode.of(
        Integer.parseInt(row[2]),
        Long.parseLong(row[3]),
        Long.parseLong(row[4]),
        Long.parseLong(row[5]),
        Integer.parseInt(row[6]),
        Integer.parseInt(row[7]),
        Integer.parseInt(row[8]));
  }

  private static List<Object> listed(TicketCode code) {
    return List.of(
        code.keyId(), code.eventNumber(), code.ticketId(), code.ordinal(), code.issue(), code.zone(), code.ticketType());
  }

  private SigningKey key(String seed, String publicKey) {
    SigningKey key = new SigningKey(unhex(seed));
    check(Arrays.equals(key.publicKey(), unhex(publicKey)), "public key of " + seed);
    return key;
  }

  private void golden(Path rows) throws IOException {
    Map<String, Integer> seen = new HashMap<>();
    for (String line : Files.readAllLines(rows)) {
      String[] row = line.split("\t", -1);
      seen.merge(row[0], 1, Integer::sum);
      switch (row[0]) {
        case "key":
          issuers.put(Integer.parseInt(row[1]), key(row[2], row[3]));
          ring.add(Integer.parseInt(row[1]), unhex(row[3]));
          break;
        case "device":
          phone = key(row[2], row[3]);
          break;
        case "static":
          goldenStatic(row);
          break;
        case "rotating":
          goldenRotating(row);
          break;
        default:
          goldenRefused(row);
      }
    }
    equal(seen.get("static"), 3, "static codes");
    equal(seen.get("rotating"), 3, "rotating codes");
    check(seen.get("refused") >= 29, "refused codes");
  }

  private void goldenStatic(String[] row) {
    TicketCode code = claims(row);
    equal(code.issue(issuers.get(code.keyId())), text(row[9]), row[1]);
    equal(listed(TicketCode.parse(text(row[9]))), listed(code), row[1]);
    TicketCode verified = TicketCode.verify(text(row[9]), ring, Instant.EPOCH);
    equal(listed(verified), listed(code), row[1]);
    equal(verified.form(), TicketCode.Form.STATIC, row[1]);
    if (row[1].equals("ordinary")) {
      ordinary = text(row[9]);
    }
  }

  private void goldenRotating(String[] row) {
    TicketCode code = claims(row);
    Instant now = Instant.ofEpochSecond(Long.parseLong(row[11]));
    equal(code.issueRotating(phone.publicKey(), issuers.get(code.keyId())), text(row[10]), row[1]);
    equal(TicketCode.makeRotatingCode(text(row[10]), phone, now), text(row[9]), row[1]);
    TicketCode verified = TicketCode.verify(text(row[9]), ring, now);
    equal(listed(verified), listed(code), row[1]);
    equal(verified.form(), TicketCode.Form.ROTATING, row[1]);
    equal(verified.window(), Long.parseLong(row[12]), row[1]);
  }

  private void goldenRefused(String[] row) {
    try {
      TicketCode.verify(text(row[4]), ring, Instant.ofEpochSecond(Long.parseLong(row[3])));
      check(false, row[1] + " was not refused");
    } catch (TicketingException e) {
      equal(Native.text(Native.codeName(e.number())), row[2], row[1]);
    }
  }

  /** Each error code of the library is named here, and nothing else. */
  private static void parity() {
    List<Integer> known =
        IntStream.range(1, 10000).filter(code -> Native.codeName(code) != null).boxed().collect(Collectors.toList());
    List<Integer> named =
        Arrays.stream(ErrorCode.values()).map(ErrorCode::number).filter(code -> code > 0).collect(Collectors.toList());
    equal(named, known, "error codes");
    for (ErrorCode code : ErrorCode.values()) {
      if (code != ErrorCode.UNKNOWN) {
        String name = Native.text(Native.codeName(code.number()));
        equal(code.name().toLowerCase().replace('_', '-'), name, "name of " + code.number());
      }
    }
    check(Ticketing.version().matches("[0-9]+\\.[0-9]+\\.[0-9]+"), "version");
  }

  private void badInput() {
    SigningKey issuer = issuers.get(1);
    refused(ErrorCode.INVALID_FIELD, () -> new SigningKey(new byte[31]));
    refused(ErrorCode.INVALID_FIELD, () -> new SigningKey(new byte[1000]));
    refused(ErrorCode.INVALID_FIELD, () -> TicketCode.of(0, 1, 1, 0, 0, 0, 0).issue(issuer));
    refused(ErrorCode.INVALID_FIELD, () -> TicketCode.of(1, 1, -1, 0, 0, 0, 0).issue(issuer));
    refused(ErrorCode.INVALID_FIELD, () -> TicketCode.of(1, 1, 1, 0, -1, 0, 0).issue(issuer));
    refused(ErrorCode.INVALID_FIELD, () -> TicketCode.of(1, 1, 1, 0, 0, 0, 0).issueRotating(new byte[32], issuer));
    refused(ErrorCode.CODE_MALFORMED, () -> TicketCode.parse("¿Qué? \ud83c\udfab"));
    refused(ErrorCode.CONFLICT, () -> ring.add(1, phone.publicKey()));
    SigningKey closed = new SigningKey(new byte[32]);
    closed.close();
    closed.close();
    try {
      closed.publicKey();
      check(false, "a closed key was used");
    } catch (IllegalStateException e) {
      check(e.getMessage().contains("closed"), "says that it is closed");
    }
  }

  private void gate(Path folder, byte[] copy) throws Exception {
    byte[] seed = new byte[32];
    ScanOptions gate1 = new ScanOptions().gate(1).language(ScanOptions.Language.ENGLISH);
    try (GateEngine gate = new GateEngine(folder, 5, seed)) {
      refused(ErrorCode.BAD_SYNTAX, () -> gate.loadEvent(new byte[] {8, -128}));
      gate.loadEvent(copy);
      Scan first = admittedOnce(gate, gate1);
      equal(first.seatLabel(), "Norte 104-F-23", "seat");
      equal(first.ticketId(), 1234605616436508552L, "ticket");
      equal(first.reason(), 1, "reason");
      check(Math.abs(first.decidedAt().toEpochMilli() - System.currentTimeMillis()) < 600_000, "time");

      Scan again = gate.scan(ordinary, gate1.scanId(first.scanId()));
      check(again.admitted() && again.scanId() == first.scanId(), "the same scan again");
      refused(ErrorCode.CONFLICT, () -> gate.scan(other(), gate1));
      gate1.scanId(0);
      Scan wrong = gate.scan(other(), gate1);
      equal(wrong.reasonName(), "wrong_gate", "other zone");
      check(wrong.explanation().contains("Puerta 2"), wrong.explanation());
      Scan altered = gate.scan(ordinary.replace('7', '8'), gate1);
      check(!altered.admitted() && !altered.explanation().isEmpty(), "altered");
      refused(ErrorCode.INVALID_FIELD, () -> gate.scan(ordinary, new ScanOptions().gate(9)));
      equal(gate.scan(other(), new ScanOptions().gate(2)).seatLabel(), "Sur 201-Ñ-4", "seat");
    }
    refused(ErrorCode.CONFLICT, () -> new GateEngine(folder, 6, seed));
    try (GateEngine gate = new GateEngine(folder, 5, seed)) {
      Scan scan = gate.scan(ordinary);
      equal(scan.reasonName(), "already_used", "after a restart");
      check(scan.explanation().contains("Puerta 1"), scan.explanation());
    }
  }

  /** A ticket of zone 13, as this moment's rotating code. */
  private String other() {
    String ticket = TicketCode.of(1, 4021, 77, 1, 0, 13, 7).issueRotating(phone.publicKey(), issuers.get(1));
    return TicketCode.makeRotatingCode(ticket, phone, Instant.now());
  }

  /** Of many threads that scan one ticket exactly one lets it in. */
  private Scan admittedOnce(GateEngine gate, ScanOptions options) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    Callable<Scan> scan = () -> gate.scan(ordinary, options);
    Scan admitted = null;
    for (Future<Scan> result : threads.invokeAll(List.of(scan, scan, scan, scan))) {
      Scan one = result.get();
      // The same device reading again within some seconds is told the same, silently.
      check(one.admitted(), one.reasonName());
      if (one.reasonName().equals("ok")) {
        check(admitted == null, "admitted twice");
        admitted = one;
      }
    }
    threads.shutdown();
    return admitted;
  }

  private void close() {
    check(Ticketing.liveObjects() > 0, "keys are alive");
    issuers.values().forEach(SigningKey::close);
    phone.close();
    ring.close();
    equal(Ticketing.liveObjects(), 0L, "live objects");
  }

  public static void main(String[] arguments) throws Exception {
    Path folder = Files.createTempDirectory("ticketing-jni-");
    try {
      BindingTest test = new BindingTest();
      parity();
      test.golden(Path.of(arguments[0]));
      test.badInput();
      test.gate(folder, Files.readAllBytes(Path.of(arguments[1])));
      test.close();
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      }
    }
    System.out.println(failures == 0 ? "ok" : "FAILED");
    System.exit(failures == 0 ? 0 : 1);
  }
}
