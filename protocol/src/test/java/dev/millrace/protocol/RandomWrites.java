package dev.millrace.protocol;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Random documents, batches and answers, repeatable by {@code MILLRACE_SEED}, which is printed. */
final class RandomWrites {

  private static final String[] TEXTS = {
    "", "a", "ü名😀", "\"\\\u0001\u007f\u2028", "~/", "null", "x".repeat(300), "\u0000"
  };
  private static final String[] NUMERALS = {
    "0", "-0", "1", "-17", "0.10", "1E400", "1e-7", "9007199254740993", "123456789.123456789012345"
  };

  private final RandomGenerator random;

  RandomWrites() {
    String given = System.getenv("MILLRACE_SEED");
    long seed = given == null ? System.nanoTime() : Long.parseLong(given);
    System.out.println("MILLRACE_SEED=" + seed);
    random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  RandomGenerator random() {
    return random;
  }

  Json json(int depth) {
    return switch (random.nextInt(depth == 0 ? 4 : 6)) {
      case 0 -> new Json.Text(text());
      case 1 -> new Json.Numeral(NUMERALS[random.nextInt(NUMERALS.length)]);
      case 2 -> new Json.Bool(random.nextBoolean());
      case 3 -> Json.NULL;
      case 4 -> array(depth - 1);
      default -> members(depth - 1);
    };
  }

  private Json.Array array(int depth) {
    List<Json> items = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      items.add(json(depth));
    }
    return new Json.Array(items);
  }

  Json.Members members(int depth) {
    Map<String, Json> members = new LinkedHashMap<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      members.put(text(), json(depth));
    }
    return new Json.Members(members);
  }

  private String text() {
    return TEXTS[random.nextInt(TEXTS.length)];
  }

  private String uuid() {
    return new UUID(random.nextLong(), random.nextLong()).toString();
  }

  private <T> Optional<T> perhaps(T value) {
    return random.nextBoolean() ? Optional.of(value) : Optional.empty();
  }

  WriteBatch batch() {
    List<WriteChange> changes = new ArrayList<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      changes.add(change());
    }
    OptionalInt version =
        random.nextBoolean() ? OptionalInt.of(random.nextInt(100)) : OptionalInt.empty();
    return new WriteBatch(perhaps(uuid()), version, changes);
  }

  private WriteChange change() {
    WriteChange.Op[] ops = WriteChange.Op.values();
    return new WriteChange(
        uuid(),
        "works",
        ops[random.nextInt(ops.length)],
        members(3),
        random.nextBoolean() ? OptionalLong.of(random.nextLong(1L << 50)) : OptionalLong.empty(),
        perhaps(members(2)),
        perhaps(uuid()),
        text(),
        random.nextInt(10));
  }

  WriteAnswer answer() {
    List<WriteResult> results = new ArrayList<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      results.add(result());
    }
    return new WriteAnswer(results);
  }

  private WriteResult result() {
    WriteResult.Status[] all = WriteResult.Status.values();
    WriteResult.Status status = all[random.nextInt(all.length)];
    WriteError error = new WriteError("some_code", text(), status == WriteResult.Status.RETRY);
    return new WriteResult(
        uuid(),
        status,
        perhaps("4711"),
        perhaps(new Lsn(random.nextLong())),
        random.nextBoolean() ? List.of(conflict()) : List.of(),
        perhaps(members(2)),
        status.isInDatabase() ? Optional.empty() : Optional.of(error));
  }

  private Conflict conflict() {
    Conflict.Kept kept = random.nextBoolean() ? Conflict.Kept.YOURS : Conflict.Kept.THEIRS;
    return new Conflict(text(), perhaps(json(1)), json(1), json(1), kept);
  }
}
