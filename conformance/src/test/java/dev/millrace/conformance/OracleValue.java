package dev.millrace.conformance;

import java.util.Random;

/** Types of the oracle's columns, with values out of a random source as SQL writes them. */
enum OracleValue {
  INT("int"),
  BIGINT("bigint"),
  BOOL("bool"),
  NUMERIC("numeric(20, 3)"),
  DOUBLE("float8"),
  TEXT("text"),
  /** Text whose slashes and quotes are doubled or escaped in keys. */
  SLASHED("text"),
  /**
   * Text that Postgres keeps outside the row, and leaves out of an update that does not touch it.
   */
  LARGE("text"),
  PADDED("char(8)"),
  TIMESTAMP("timestamptz"),
  JSONB("jsonb"),
  INTS("int[]"),
  BYTES("bytea");

  private static final String[] WORDS = {
    "", "plain", "it's", "a \"b\"", "back\\slash", "sl/ash", "\\N", "tab\tnew\nline", "ü漢😀", "NULL"
  };

  private final String sql;

  OracleValue(String sql) {
    this.sql = sql;
  }

  String sql() {
    return sql;
  }

  static OracleValue random(Random random) {
    return values()[random.nextInt(values().length)];
  }

  /** A value for a column that is no key; sometimes null. */
  String nullable(Random random) {
    return random.nextInt(8) == 0 ? "null" : literal(random);
  }

  String literal(Random random) {
    return switch (this) {
      case INT -> quote(random.nextInt(-5, 1000));
      case BIGINT -> quote(random.nextLong());
      case BOOL -> quote(random.nextBoolean());
      case NUMERIC -> quote(random.nextLong(1_000_000_000_000L) + "." + random.nextInt(1000));
      case DOUBLE -> quote(random.nextInt(20) == 0 ? "-Infinity" : random.nextGaussian());
      case TEXT -> quote(words(random, random.nextInt(8)));
      case SLASHED -> quote("k/" + random.nextInt(30) + "\"/");
      case LARGE ->
          "(select string_agg(md5(g::text || '%d'), '') from generate_series(1, %d) g)"
              .formatted(
                  random.nextInt(), 10 + random.nextInt(random.nextInt(5) == 0 ? 1200 : 150));
      case PADDED -> quote("p" + random.nextInt(100));
      case TIMESTAMP -> quote("2024-02-29 12:00:00.%d+03".formatted(random.nextInt(1000)));
      case JSONB -> quote("{\"n\": %d, \"a\": [1, null, \"/\"]}".formatted(random.nextInt(100)));
      case INTS -> quote("{%d,NULL,%d}".formatted(random.nextInt(9), random.nextInt()));
      case BYTES -> quote("\\x00ff%08x".formatted(random.nextInt()));
    };
  }

  private static String words(Random random, int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(WORDS[random.nextInt(WORDS.length)]).append(' ');
    }
    return text.toString();
  }

  private static String quote(Object text) {
    return "'" + text.toString().replace("'", "''") + "'";
  }
}
