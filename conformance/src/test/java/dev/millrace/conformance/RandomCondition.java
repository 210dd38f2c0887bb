package dev.millrace.conformance;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A where clause made by chance on the columns of {@link #COLUMNS}. Two of the same form differ in
 * their constants only.
 */
record RandomCondition(String text, Map<Integer, String> parameters) {

  static final String TYPES =
      """
      create type mood as enum ('sad', 'ok', 'very happy', 'it''s', 'now');
      create domain year as int check (value > 0);
      create domain short as varchar(5)
      """;

  static final String COLUMNS =
      """
      i int, b bigint, s smallint, n numeric, n2 numeric(10, 2), f float8, r real, t text,
      v varchar(20), c char(5), u uuid, ts timestamp, tz timestamptz, d date, tm time, iv interval,
      ok boolean, m mood, ia int[], ta text[], j jsonb, by bytea, y year, sh short, rg int4range,
      ip inet, o oid, "Odd ""one" text, ct text collate "C", bt bit(3), x xml, ch "char", nm name
      """;

  private static final List<String> OPERATORS = List.of("=", "<>", "<", "<=", ">", ">=", "!=");

  /** The form is drawn from one source of chance, the constants from another. */
  static RandomCondition of(long form, long constants) {
    return new Maker(new Random(form), new Random(constants)).make();
  }

  private static final class Maker {

    private final Random form;
    private final Random constants;
    private final Map<Integer, String> parameters = new HashMap<>();

    Maker(Random form, Random constants) {
      this.form = form;
      this.constants = constants;
    }

    RandomCondition make() {
      String text = condition(form.nextInt(3));
      return new RandomCondition(text, Map.copyOf(parameters));
    }

    @SafeVarargs
    private <T> T choose(T... choices) {
      return choices[form.nextInt(choices.length)];
    }

    private String condition(int depth) {
      if (depth == 0) {
        return simple();
      }
      return switch (form.nextInt(7)) {
        case 0 -> "not (%s)".formatted(condition(depth - 1));
        case 1 -> "%s and %s".formatted(condition(depth - 1), condition(depth - 1));
        case 2 -> "(%s or\n%s)".formatted(condition(depth - 1), condition(depth - 1));
        case 3 ->
            "case when %s then %s else %s end"
                .formatted(simple(), condition(depth - 1), condition(depth - 1));
        case 4 -> "(%s) is %s".formatted(condition(depth - 1), choose("true", "not unknown"));
        case 5 -> "coalesce((%s), false)".formatted(condition(depth - 1));
        default -> "(%s)  AND (%s)".formatted(condition(depth - 1), simple());
      };
    }

    /** What stands for a constant of some type; the value is drawn apart. */
    private String constant(Function<Random, String> value) {
      String text = value.apply(constants);
      return switch (form.nextInt(4)) {
        case 0 -> parameter(text);
        case 1 -> "E'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
        default -> quoted(text);
      };
    }

    private String parameter(String text) {
      int number = parameters.size() + 1;
      parameters.put(number, text);
      return "$" + number;
    }

    private static String quoted(String text) {
      return "'" + text.replace("'", "''") + "'";
    }

    private static String pick(Random random, String... values) {
      return values[random.nextInt(values.length)];
    }

    private static String whole(Random random) {
      return pick(
          random,
          "0",
          "1",
          "-1",
          " 7 ",
          "+5",
          "007",
          "-0",
          "32767",
          "2147483647",
          "-2147483648",
          "2147483648",
          "9223372036854775807",
          "x",
          "1.5",
          "",
          "0x10",
          "1_000",
          String.valueOf(random.nextInt(1000)));
    }

    private static String decimal(Random random) {
      return pick(
          random,
          "0",
          "-0.00",
          "1.50",
          "+1.5",
          "00.5",
          ".5",
          "5.",
          "1e3",
          "1.5e-7",
          "NaN",
          "Infinity",
          "-inf",
          " 2 ",
          "x",
          "123456789012345678901234567890.123",
          String.valueOf(random.nextInt(100000) / 100.0));
    }

    private static String words(Random random) {
      return pick(
          random,
          "",
          "a",
          "abc",
          "it's",
          "back\\slash",
          "a%_b",
          "NULL",
          "NULL::text",
          "'::text",
          "Now",
          "tomorrow",
          "Straße",
          "😀",
          "line\nbreak",
          "a?b",
          "{d '2020-01-01'}",
          "\"quoted\"",
          "$1",
          "t",
          " padded ",
          "abcdefgh",
          String.valueOf(random.nextInt(100)));
    }

    private static String uuid(Random random) {
      return pick(
          random,
          "ada00000-0000-4000-8000-000000000001",
          "ADA00000-0000-4000-8000-000000000001",
          "{ada00000-0000-4000-8000-000000000001}",
          "ada0000000004000800000000000000" + random.nextInt(10) + "2",
          "x",
          new java.util.UUID(random.nextLong(), random.nextLong()).toString());
    }

    private static String instant(Random random) {
      return pick(
          random,
          "2020-01-02",
          "2020-01-02 03:04:05.678900+02",
          "2020-01-02T03:04:05Z",
          "infinity",
          "epoch",
          "now",
          "today",
          "4713-01-01 BC",
          "2020-02-30",
          "Jan 5 2021 10:00 Europe/Rome",
          "20200102",
          "2020-01-02 24:00:00",
          "x",
          "19%02d-%02d-%02d"
              .formatted(random.nextInt(100), 1 + random.nextInt(12), 1 + random.nextInt(28)));
    }

    private static String span(Random random) {
      return pick(
          random,
          "1 day",
          "P1Y2M3DT4H5M6.7S",
          "1 year -2 months",
          "04:05",
          "-1 day +02:03",
          "0",
          "x",
          random.nextInt(100) + " hours");
    }

    private static String bool(Random random) {
      return pick(random, "t", "true", "FALSE", "yes", "off", "1", " f ", "x");
    }

    private static String json(Random random) {
      return pick(
          random,
          "{}",
          "[1, 2.50, \"a\"]",
          "{\"b\": 1, \"a\":null}",
          "\"now\"",
          "1e2",
          "{",
          "null",
          "{\"k\":\"" + random.nextInt(10) + "\"}");
    }

    private static String ints(Random random) {
      return pick(
          random,
          "{}",
          "{1,2}",
          "{ 1 , NULL }",
          "[2:3]={1,2}",
          "{{1},{2}}",
          "{x}",
          "{" + random.nextInt(100) + "}");
    }

    private static String texts(Random random) {
      return pick(
          random,
          "{}",
          "{a,b}",
          "{\"a b\",NULL}",
          "{\"it's\",\"\\\\\"}",
          "{now}",
          "{a",
          "{" + random.nextInt(100) + "}");
    }

    /** A number as SQL has it, its class drawn with the form. */
    private String number() {
      return switch (form.nextInt(9)) {
        case 0 -> "-" + constants.nextInt(1000);
        case 1 -> String.valueOf(3_000_000_000L + constants.nextInt(1000));
        case 2 -> constants.nextInt(100) + "." + constants.nextInt(10);
        case 3 -> "." + constants.nextInt(10);
        case 4 -> "- " + constants.nextInt(100) + ".50";
        case 5 -> "99999999999999999999" + constants.nextInt(10);
        default -> "" + constants.nextInt(1000);
      };
    }

    private String few(Function<Random, String> value) {
      return IntStream.rangeClosed(0, form.nextInt(4))
          .mapToObj(i -> constant(value))
          .collect(Collectors.joining(", "));
    }

    private String fewNumbers() {
      return IntStream.rangeClosed(0, form.nextInt(4))
          .mapToObj(i -> number())
          .collect(Collectors.joining(","));
    }

    private String operator() {
      return choose(OPERATORS.toArray(String[]::new));
    }

    /** A column with constants that suit it. */
    private record Typed(String column, Function<Random, String> value) {}

    private Typed typed() {
      return choose(
          new Typed("i", Maker::whole),
          new Typed("b", Maker::whole),
          new Typed("s", Maker::whole),
          new Typed("o", Maker::whole),
          new Typed("y", Maker::whole),
          new Typed("n", Maker::decimal),
          new Typed("n2", Maker::decimal),
          new Typed("f", Maker::decimal),
          new Typed("r", Maker::decimal),
          new Typed("t", Maker::words),
          new Typed("v", Maker::words),
          new Typed("c", Maker::words),
          new Typed("ct", Maker::words),
          new Typed("sh", Maker::words),
          new Typed("nm", Maker::words),
          new Typed("ch", Maker::words),
          new Typed("\"Odd \"\"one\"", Maker::words),
          new Typed("u", Maker::uuid),
          new Typed("ts", Maker::instant),
          new Typed("tz", Maker::instant),
          new Typed("d", Maker::instant),
          new Typed("tm", r -> pick(r, "10:00", "10:00:00.5", "now", "allballs", "24:00", "x")),
          new Typed("iv", Maker::span),
          new Typed("ok", Maker::bool),
          new Typed("m", r -> pick(r, "sad", "ok", "very happy", "it's", "now", "angry")),
          new Typed("ia", Maker::ints),
          new Typed("ta", Maker::texts),
          new Typed("j", Maker::json),
          new Typed("by", r -> pick(r, "\\x00ff", "abc", "now", "\\x0", "\\001")),
          new Typed("rg", r -> pick(r, "[1,3]", "empty", "(,5)", "[5,1]", "x")),
          new Typed("ip", r -> pick(r, "10.0.0.1", "::1", "10.1/16", "x")),
          new Typed("bt", r -> pick(r, "101", "x", "1")));
    }

    private String simple() {
      Typed typed = typed();
      String column = typed.column();
      Function<Random, String> value = typed.value();
      return switch (form.nextInt(46)) {
        case 0, 1, 2, 3 -> "%s %s %s".formatted(column, operator(), constant(value));
        case 4 -> "%s%s%s".formatted(constant(value), choose("=", "<>"), column);
        case 5 -> "%s in (%s)".formatted(column, few(value));
        case 6 -> "%s not in (%s, null)".formatted(column, few(value));
        case 7 -> "%s between %s and %s".formatted(column, constant(value), constant(value));
        case 8 -> "%s is distinct from %s".formatted(column, constant(value));
        case 9 -> "coalesce(%s, %s) = %s".formatted(column, constant(value), constant(value));
        case 10 -> "%s = any(array[%s])".formatted(column, few(value));
        case 11 -> "nullif(%s, %s) is null".formatted(column, constant(value));
        case 12 -> "case %s when %s then true end".formatted(column, constant(value));
        case 13 -> "greatest(%s, %s) = %s".formatted(column, constant(value), column);
        case 14 -> "(%s, i) = (%s, %s)".formatted(column, constant(value), number());
        case 15 ->
            "%s between symmetric %s and %s".formatted(column, constant(value), constant(value));
        case 16, 17 -> "i %s %s".formatted(operator(), number());
        case 18 ->
            "%s %s %s".formatted(choose("b", "s", "n", "n2", "f", "r", "y"), operator(), number());
        case 19 -> "i%s-%d".formatted(choose("=", "<", ">", "<>", " = "), constants.nextInt(50));
        case 20 -> "i in (%s)".formatted(fewNumbers());
        case 21 -> "i + %s - %s * 2 > -(%s)".formatted(number(), number(), number());
        case 22 -> "(%s)::numeric(10,2) = n2".formatted(number());
        case 23 -> "-%d::int < i".formatted(constants.nextInt(50));
        case 24 -> "2 ^ -%d < f".formatted(constants.nextInt(50));
        case 25 -> "n2 = %s::numeric(10,2)".formatted(constant(Maker::decimal));
        case 26 ->
            "t %s %s"
                .formatted(
                    choose("like", "ilike", "not like", "~", "~*", "similar to"),
                    constant(r -> pick(r, "a%", "%b_", "\\%", "x", "[a-z]+", "it's", "(")));
        case 27 ->
            "t like %s escape %s"
                .formatted(constant(Maker::words), constant(r -> pick(r, "x", "!", "")));
        case 28 -> "t || %s = %s".formatted(constant(Maker::words), constant(Maker::words));
        case 29 -> "v::varchar(5) = %s::varchar(5)".formatted(constant(Maker::words));
        case 30 ->
            "ts at time zone %s > %s"
                .formatted(
                    constant(r -> pick(r, "UTC", "Europe/Rome", "x")), constant(Maker::instant));
        case 31 -> "d > date %s".formatted(quoted(instant(constants)));
        case 32 -> "tz > timestamp with time zone %s".formatted(quoted(instant(constants)));
        case 33 ->
            "iv > interval %s".formatted(quoted(span(constants)))
                + choose("", "", " day", " hour to minute");
        case 34 ->
            "j -> %s = %s".formatted(constant(r -> pick(r, "a", "b", "1")), constant(Maker::json));
        case 35 ->
            "j %s %s"
                    .formatted(
                        choose("?", "@>", "<@", "->>"), constant(r -> pick(r, "a", "{}", "1")))
                + choose("", " = 'x'");
        case 36 -> "ia[%d] = %s".formatted(1 + constants.nextInt(3), number());
        case 37 -> "ia %s %s".formatted(choose("@>", "<@", "&&", "="), constant(Maker::ints));
        case 38 -> "ta || %s = %s".formatted(constant(Maker::texts), constant(Maker::texts));
        case 39 ->
            "substring(t from %d for %d) = %s"
                .formatted(1 + constants.nextInt(9), constants.nextInt(9), constant(Maker::words));
        case 40 ->
            "position(%s in t) %s %s".formatted(constant(Maker::words), operator(), number());
        case 41 -> "extract(%s from ts) = %s".formatted(choose("year", "'month'"), number());
        case 42 ->
            "trim(%s %s from t) = %s"
                .formatted(
                    choose("both", "leading", "trailing"),
                    constant(Maker::words),
                    constant(Maker::words));
        case 43 -> "tz::date = %s".formatted(constant(Maker::instant));
        case 44 ->
            "concat(t, %s, i) = %s".formatted(constant(Maker::words), constant(Maker::words));
        default ->
            "(t::date > %s or v = %s)".formatted(constant(Maker::instant), constant(Maker::words));
      };
    }
  }
}
