package dev.millrace.conformance;

import dev.millrace.conformance.OracleTable.Column;
import dev.millrace.protocol.SqlIdentifier;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * A where clause on a table of the oracle, that every row can be asked. It takes in the table's
 * mark, or a mark of its own, so that its clients learn of the end of a round.
 *
 * @param text the clause, with parameters as {@code $1}
 * @param parameters their values
 * @param reads the columns it reads, with their types
 * @param mark what a row with the id of a mark needs besides to be taken in
 */
record OracleFilter(
    String text,
    List<String> parameters,
    Map<String, OracleValue> reads,
    Map<String, String> mark) {

  /** A function that Postgres alone can evaluate. */
  static final String FUNCTION =
      """
      create function public.is_odd(n bigint) returns boolean immutable language plpgsql as $$
      begin
        return n % 2 <> 0;
      end $$
      """;

  /** So few of a table that some clients have the same. */
  private static final int OF_A_TABLE = 8;

  OracleFilter {
    parameters = List.copyOf(parameters);
    reads = Map.copyOf(reads);
    mark = Map.copyOf(mark);
  }

  /** One of a few that are made of the table's columns. */
  static OracleFilter random(Random random, OracleTable table) {
    Random own = new Random(table.toString().hashCode() * 31L + random.nextInt(OF_A_TABLE));
    own.nextInt();
    return new Maker(own, table).make();
  }

  /** Whether it can be asked of a table. */
  boolean fits(OracleTable table) {
    return reads.entrySet().stream()
        .allMatch(read -> {
          Column column = table.find(read.getKey());
          return column != null && column.type().sql().equals(read.getValue().sql());
        });
  }

  /** Without parameters. */
  String sql() {
    String sql = text;
    for (int number = parameters.size(); number > 0; number--) {
      String literal = "'" + parameters.get(number - 1).replace("'", "''") + "'";
      sql = sql.replace("$" + number, literal);
    }
    return sql;
  }

  /** As a request has it. */
  Stream<String> requestParameters() {
    Stream.Builder<String> all = Stream.builder();
    all.add("where").add(text);
    for (int i = 0; i < parameters.size(); i++) {
      all.add("params[%d]".formatted(i + 1)).add(parameters.get(i));
    }
    return all.build();
  }

  /** Puts a clause together. */
  private static final class Maker {
    private final Random random;
    private final OracleTable table;
    private final List<String> parameters = new ArrayList<>();
    private final Map<String, OracleValue> reads = new LinkedHashMap<>();

    Maker(Random random, OracleTable table) {
      this.random = random;
      this.table = table;
    }

    OracleFilter make() {
      List<Column> equal = table.payload().stream().filter(Maker::hasFewValues).toList();
      return switch (random.nextInt(4)) {
        case 0 -> ofIds();
        case 1 -> equal.isEmpty() ? ofAny() : ofOne(equal.get(random.nextInt(equal.size())));
        default -> ofAny();
      };
    }

    private OracleFilter filter(String text, Map<String, String> mark) {
      return new OracleFilter(text, parameters, reads, mark);
    }

    /** Whether a row may well have a value that is named beforehand. */
    private static boolean hasFewValues(Column column) {
      return switch (column.type()) {
        case BOOL, SLASHED, PADDED -> true;
        default -> false;
      };
    }

    /** What takes in every row is asked of every row. */
    private OracleFilter ofAny() {
      return filter("%s or %s".formatted(condition(2), isMark()), Map.of());
    }

    /** Found by the values of the key that it names. */
    private OracleFilter ofIds() {
      boolean isNumber = table.id().type() == OracleValue.INT;
      List<String> ids = new ArrayList<>(List.of(table.markId()));
      for (int i = 0; i < 15; i++) {
        ids.add(isNumber ? Integer.toString(random.nextInt(60)) : slashed());
      }
      String id = read(table.id());
      String any =
          random.nextBoolean()
              ? "%s in (%s)"
                  .formatted(id, String.join(", ", ids.stream().map(this::value).toList()))
              : "%s = any(%s)".formatted(id, value(array(ids)));
      String clause =
          random.nextBoolean() ? any : "(%s or %s) and %s".formatted(condition(1), isMark(), any);
      return filter(clause, Map.of());
    }

    /** Found by the value of a column that is no key. */
    private OracleFilter ofOne(Column column) {
      String wanted =
          switch (column.type()) {
            case BOOL -> Boolean.toString(random.nextBoolean());
            case PADDED -> "p" + random.nextInt(100);
            default -> slashed();
          };
      String clause =
          "%s = %s and (%s or %s)".formatted(read(column), value(wanted), condition(1), isMark());
      return filter(clause, Map.of(column.name(), wanted));
    }

    private String isMark() {
      boolean isNumber = table.id().type() == OracleValue.INT;
      return read(table.id()) + (isNumber ? " < 0" : " like 'mark%'");
    }

    private String slashed() {
      return "k/" + random.nextInt(30) + "\"/";
    }

    private static String array(List<String> elements) {
      return elements.stream()
          .map(element -> '"' + element.replace("\"", "\\\"") + '"')
          .toList()
          .toString()
          .replace('[', '{')
          .replace(']', '}');
    }

    private String read(Column column) {
      reads.put(column.name(), column.type());
      return SqlIdentifier.quote(column.name());
    }

    /** A constant, written out or as a parameter. */
    private String value(String text) {
      if (random.nextInt(3) != 0) {
        return "'" + text.replace("'", "''") + "'";
      }
      parameters.add(text);
      return "$" + parameters.size();
    }

    private String number(int origin, int bound) {
      return value(Integer.toString(random.nextInt(origin, bound)));
    }

    private String choose(String... choices) {
      return choices[random.nextInt(choices.length)];
    }

    private String condition(int depth) {
      if (depth == 0 || random.nextInt(4) == 0) {
        return "(" + simple() + ")";
      }
      String a = condition(depth - 1);
      String b = condition(depth - 1);
      return switch (random.nextInt(8)) {
        case 0, 1 -> "(%s and %s)".formatted(a, b);
        case 2, 3 -> "(%s or %s)".formatted(a, b);
        case 4 -> "(not %s)".formatted(a);
        case 5 -> "(case when %s then %s else %s end)".formatted(a, b, condition(0));
        case 6 -> "(coalesce(%s, %s))".formatted(a, b);
        default -> "(%s is %s)".formatted(a, choose("not true", "not false", "true", "unknown"));
      };
    }

    private String simple() {
      Column column = table.columns().get(random.nextInt(table.columns().size()));
      String c = read(column);
      if (random.nextInt(12) == 0) {
        return c + choose(" is null", " is not null");
      }
      if (column.name().equals(OracleTable.STAMP)) {
        // A row comes or goes with most of its updates.
        return choose(
            "%s::bigint %% %d = 0".formatted(c, 2 + random.nextInt(3)),
            "right(%s, 1) < '5'".formatted(c),
            "is_odd(%s::bigint)".formatted(c));
      }
      return switch (column.type()) {
        case INT, BIGINT -> ofInteger(c, column.name().equals(OracleTable.ID) ? 60 : 1000);
        case BOOL -> ofBoolean(c);
        case NUMERIC -> ofNumeric(c);
        case DOUBLE ->
            choose(
                c + " > 0",
                c + " between -0.7 and 1",
                c + " = '-Infinity'",
                "abs(%s) < 1".formatted(c));
        case TEXT -> ofText(c);
        case SLASHED ->
            choose(
                c + " like 'k/1%'",
                c + " < 'k/2'",
                "%s <> %s".formatted(c, value(slashed())),
                "%s in ('k/1\"/', %s)".formatted(c, value(slashed())));
        case LARGE ->
            choose(
                "length(%s) > 2000".formatted(c),
                "%s ~ '^[0-7]'".formatted(c),
                "%s like %s".formatted(c, value("a%")),
                "md5(%s) < '8'".formatted(c));
        case PADDED ->
            choose(
                c + " < 'p5'",
                c + " like 'p1%'",
                "%s in ('p1 ', 'p2', %s)".formatted(c, value("p" + random.nextInt(100))));
        case TIMESTAMP -> ofTime(c);
        case JSONB -> ofJson(c);
        case INTS -> ofIntegers(c);
        case BYTES ->
            choose(
                c + " > '\\x00ff80000000'",
                "get_byte(%s, 2) < 128".formatted(c),
                "length(%s) = 6".formatted(c));
      };
    }

    private String ofInteger(String c, int bound) {
      return switch (random.nextInt(7)) {
        case 0 -> "%s > %s".formatted(c, number(0, bound));
        case 1 -> "%s between %s and 5000".formatted(c, number(0, bound));
        case 2 -> "%s %% 3 = %d".formatted(c, random.nextInt(3));
        case 3 -> "%s <> all(%s)".formatted(c, value("{1,2,3,4,NULL}"));
        case 4 -> "int8range(%s, %s) @> %s::bigint".formatted(number(0, 10), number(10, bound), c);
        case 5 -> "is_odd(%s)".formatted(c);
        default -> "%s is distinct from %s".formatted(c, number(0, bound));
      };
    }

    private String ofBoolean(String c) {
      return choose(
          c,
          "not " + c,
          c + " is not true",
          "%s = %s".formatted(c, value("yes")),
          c + " is unknown");
    }

    private String ofNumeric(String c) {
      return choose(
          "%s > %s".formatted(c, value("500000000000.0005")),
          "trunc(%s) %% 2 = 0".formatted(c),
          "round(%s / 3, 1) < 1e11".formatted(c),
          "numrange(%s, null) @> %s".formatted(value("250000000000"), c));
    }

    private String ofText(String c) {
      return choose(
          "%s like %s".formatted(c, value("%plain%")),
          "%s ilike %s".formatted(c, value("%NULL%")),
          c + " not like '%it''s%'",
          c + " ~ 'back\\\\slash|ü'",
          "length(%s) > %s".formatted(c, number(0, 40)),
          "%s > %s".formatted(c, value("it")),
          "coalesce(%s, '') <> ''".formatted(c),
          "strpos(%s, '😀') = 0".formatted(c),
          "to_tsvector('simple', %s) @@ to_tsquery('simple', %s)"
              .formatted(c, value("plain & !null")));
    }

    private String ofTime(String c) {
      return choose(
          "%s < %s".formatted(c, value("2024-02-29T09:00:00.5Z")),
          "extract(milliseconds from %s) > 500".formatted(c),
          "%s::date = '2024-02-29'".formatted(c),
          "tstzrange(%s, null) @> %s".formatted(value("2024-02-29 09:00:00.3Z"), c));
    }

    private String ofJson(String c) {
      return choose(
          "%s ->> 'n' > %s".formatted(c, value("5")),
          "(%s -> 'n')::int %% 2 = 0".formatted(c),
          "%s @> %s".formatted(c, value("{\"a\": [1]}")),
          "%s ? 'n'".formatted(c),
          "%s @@ '$.n > 50'".formatted(c));
    }

    private String ofIntegers(String c) {
      return choose(
          "%s[1] > 4".formatted(c),
          "%s = any(%s)".formatted(number(0, 9), c),
          "%s && %s".formatted(c, value("{1,2,3}")),
          "%s[3] < 0".formatted(c),
          "%s @> %s".formatted(c, value("{4}")));
    }
  }
}
