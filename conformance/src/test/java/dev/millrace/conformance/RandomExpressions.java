package dev.millrace.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Random SQL expressions over the columns of {@link FilterOracle}'s table, made by types so that
 * Postgres accepts most of them.
 */
final class RandomExpressions {

  /** Per type its literals: ordinary ones, and those that are known for trouble. */
  static final Map<String, List<String>> LITERALS =
      Map.ofEntries(
          Map.entry("boolean", List.of("true", "false", "null::boolean")),
          Map.entry(
              "smallint",
              List.of("0::smallint", "'-32768'::smallint", "32767::smallint", "7::smallint")),
          Map.entry(
              "integer",
              List.of(
                  "0",
                  "1",
                  "-1",
                  "2",
                  "3",
                  "17",
                  "2147483647",
                  "'-2147483648'::integer",
                  "null::integer")),
          Map.entry(
              "bigint",
              List.of(
                  "0::bigint",
                  "5::bigint",
                  "9223372036854775807",
                  "'-9223372036854775808'::bigint",
                  "4294967296")),
          Map.entry(
              "real",
              List.of(
                  "0::real",
                  "1.5::real",
                  "'NaN'::real",
                  "'Infinity'::real",
                  "'-0'::real",
                  "3.4e38::real",
                  "1e-45::real",
                  "0.1::real")),
          Map.entry(
              "double precision",
              List.of(
                  "0::float8",
                  "'-0'::float8",
                  "1.5::float8",
                  "'NaN'::float8",
                  "'Infinity'::float8",
                  "'-Infinity'::float8",
                  "1e308::float8",
                  "5e-324::float8",
                  "0.1::float8",
                  "1e15::float8",
                  "123456789.125::float8")),
          Map.entry(
              "numeric",
              List.of(
                  "0.0",
                  "1.10",
                  "'NaN'::numeric",
                  "'Infinity'::numeric",
                  "'-Infinity'::numeric",
                  "12345678901234567890.123456789",
                  "-0.0001",
                  "3",
                  "1e-20",
                  "2.5",
                  "-2.5",
                  "null::numeric",
                  "99999.995")),
          Map.entry(
              "text",
              List.of(
                  "''",
                  "'a'",
                  "'Ab'",
                  "'héllo'",
                  "'ÄÖÜ'",
                  "'😀x'",
                  "'a%b'",
                  "'a_b'",
                  "'a\\b'",
                  "' x '",
                  "'1'",
                  "'-17'",
                  "' 2.50 '",
                  "'true'",
                  "'NaN'",
                  "'{\"a\": 1}'",
                  "'[1,2]'",
                  "'straße'",
                  "'ΣΑΣ'",
                  "'İi'",
                  "null::text",
                  "'a,b,c'",
                  "E'tab\\there'",
                  "'1e5'",
                  "'0x1F'",
                  "'1_000'",
                  "'{a0eebc99-9c0b4ef8bb6d6bb9bd380a11}'")),
          Map.entry("varchar", List.of("'a'::varchar", "'Abc'::varchar(2)", "'héllo'::varchar")),
          Map.entry("char", List.of("'a'::char(5)", "'ab '::char(3)", "'x'::bpchar")),
          Map.entry("name", List.of("'a'::name", "'Ab'::name")),
          Map.entry(
              "uuid",
              List.of(
                  "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid",
                  "'00000000-0000-0000-0000-000000000000'::uuid",
                  "'FFFFFFFF-ffff-4fff-bfff-ffffffffffff'::uuid")),
          Map.entry(
              "bytea",
              List.of("'\\x'::bytea", "'\\x00ff'::bytea", "'\\xdeadbeef'::bytea", "'abc'::bytea")),
          Map.entry(
              "date",
              List.of(
                  "'2024-02-29'::date",
                  "'0044-03-15 BC'::date",
                  "'infinity'::date",
                  "'-infinity'::date",
                  "'1999-12-31'::date",
                  "'5874897-12-31'::date",
                  "'2000-01-01'::date")),
          Map.entry(
              "time",
              List.of(
                  "'00:00'::time",
                  "'24:00'::time",
                  "'12:34:56.789'::time",
                  "'23:59:59.999999'::time")),
          Map.entry(
              "timetz",
              List.of(
                  "'00:00+00'::timetz", "'12:34:56.5+02'::timetz", "'12:34:56.5-05:30'::timetz")),
          Map.entry(
              "timestamp",
              List.of(
                  "'2024-02-29 12:34:56.789'::timestamp",
                  "'infinity'::timestamp",
                  "'-infinity'::timestamp",
                  "'0044-03-15 01:02:03 BC'::timestamp",
                  "'294276-12-31 23:59:59.999999'::timestamp",
                  "'2000-01-01'::timestamp",
                  "'1969-07-20 20:17:40'::timestamp",
                  "'2023-03-26 02:30:00'::timestamp")),
          Map.entry(
              "timestamptz",
              List.of(
                  "'2024-02-29 12:34:56.789+00'::timestamptz",
                  "'infinity'::timestamptz",
                  "'2023-03-26 01:30:00+02'::timestamptz",
                  "'0001-01-01 00:00:00+00 BC'::timestamptz",
                  "'1900-01-01 00:00:00+05:30'::timestamptz")),
          Map.entry(
              "interval",
              List.of(
                  "'1 day'::interval",
                  "'-1 month'::interval",
                  "'30 days'::interval",
                  "'1 mon 2 days 03:04:05.678'::interval",
                  "'-00:00:00.000001'::interval",
                  "'1 year -1 day'::interval",
                  "'100 years'::interval",
                  "'0'::interval",
                  "'25:00:00'::interval",
                  "'-1 day 25:00:00'::interval",
                  "'infinity'::interval")),
          Map.entry(
              "json",
              List.of(
                  "'{\"a\": 1, \"b\": [1, 2, {\"c\": \"d\"}], \"a\": 2}'::json",
                  "'[1, \"two\", null, true]'::json",
                  "'\"x\\u00e9\"'::json",
                  "'null'::json",
                  "'1.50'::json")),
          Map.entry(
              "jsonb",
              List.of(
                  "'{\"a\": 1, \"b\": [1, 2, {\"c\": \"d\"}]}'::jsonb",
                  "'[1, \"two\", null, true, 1.0]'::jsonb",
                  "'\"x\"'::jsonb",
                  "'null'::jsonb",
                  "'1.50'::jsonb",
                  "'{}'::jsonb",
                  "'[]'::jsonb",
                  "'{\"a\": {\"b\": null}}'::jsonb",
                  "'true'::jsonb",
                  "'[[1,2],[3]]'::jsonb",
                  "'2'::jsonb")),
          Map.entry(
              "mood",
              List.of(
                  "'sad'::public.mood",
                  "'ok'::public.mood",
                  "'happy'::public.mood",
                  "'a b'::public.mood")),
          Map.entry(
              "integer[]",
              List.of(
                  "'{}'::integer[]",
                  "'{1,2,3}'::integer[]",
                  "'{1,NULL,3}'::integer[]",
                  "'{{1,2},{3,4}}'::integer[]",
                  "'[0:1]={5,6}'::integer[]",
                  "array[1,2]")),
          Map.entry(
              "text[]",
              List.of(
                  "'{}'::text[]",
                  "array['a','b']",
                  "'{a,NULL,\"NULL\",\"\",\"x y\",\"q\\\"q\"}'::text[]",
                  "'{{a,b},{c,d}}'::text[]")),
          Map.entry("numeric[]", List.of("'{1.0,2.50,NaN}'::numeric[]", "array[1.5,2]")),
          Map.entry("uuid[]", List.of("'{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}'::uuid[]")),
          Map.entry("mood[]", List.of("array['sad','happy']::public.mood[]")),
          Map.entry("double precision[]", List.of("'{1,NaN,-0,Infinity}'::float8[]")));

  private static final List<String> INTEGERS = List.of("smallint", "integer", "bigint");
  private static final List<String> NUMBERS =
      List.of("smallint", "integer", "bigint", "real", "double precision", "numeric");
  private static final List<String> ORDERED =
      List.of(
          "boolean",
          "smallint",
          "integer",
          "bigint",
          "real",
          "double precision",
          "numeric",
          "text",
          "varchar",
          "char",
          "name",
          "uuid",
          "bytea",
          "date",
          "time",
          "timetz",
          "timestamp",
          "timestamptz",
          "interval",
          "mood",
          "integer[]",
          "text[]",
          "numeric[]",
          "mood[]",
          "double precision[]",
          "uuid[]");
  private static final List<String> ARRAYS =
      List.of("integer[]", "text[]", "numeric[]", "uuid[]", "mood[]", "double precision[]");
  private static final List<String> COMPARISONS = List.of("=", "<>", "<", "<=", ">", ">=");

  private static final List<String> PATTERNS =
      List.of(
          "'%'",
          "'a%'", "'%b'", "'%L%'", "'_'", "'a_b'", "'a\\%b'", "'%\\_%'", "''", "'%é%'", "'h_llo'",
          "'%a%b%'", "'😀_'", "'%ö%'", "'%\\'", "'_%_'", "'%ß%'", "'%σ%'");
  private static final List<String> REGEXES =
      List.of(
          "'^a'",
          "'b$'",
          "'[a-c]+'",
          "'^[^a]*$'",
          "'(a|b)c?'",
          "'a{2,3}'",
          "'\\d+'",
          "'\\w'",
          "'\\s'",
          "'^$'",
          "''",
          "'h.llo'",
          "'[[:alpha:]]+'",
          "'\\mab\\M'",
          "'a.*b'",
          "'[é-ü]'",
          "'^(?:a|h)'",
          "'\\yx\\y'",
          "'x|'",
          "'[]a]'",
          "'a**'",
          "'('",
          "'[[:upper:]]'",
          "'[A-Z]{2}'",
          "'\\.'",
          "'^\\s*-?\\d+(\\.\\d+)?\\s*$'",
          "'(.)\\1'",
          "'a(?=b)'",
          "'\\W'",
          "'ß|Σ'");
  private static final List<String> COLLATIONS = List.of("\"C\"", "\"POSIX\"", "\"ucs_basic\"");
  private static final List<String> TIME_FIELDS =
      List.of("microseconds", "milliseconds", "second", "minute", "hour", "epoch");
  private static final List<String> DATE_FIELDS =
      List.of(
          "day",
          "week",
          "month",
          "quarter",
          "year",
          "decade",
          "century",
          "millennium",
          "isoyear",
          "dow",
          "isodow",
          "doy",
          "julian",
          "epoch");
  private static final List<String> INTERVAL_FIELDS =
      List.of(
          "day",
          "month",
          "quarter",
          "year",
          "decade",
          "century",
          "millennium",
          "epoch",
          "hour",
          "second",
          "microseconds",
          "milliseconds",
          "minute");
  private static final List<String> TRUNCATIONS =
      List.of(
          "microseconds",
          "milliseconds",
          "second",
          "minute",
          "hour",
          "day",
          "week",
          "month",
          "quarter",
          "year",
          "decade",
          "century",
          "millennium");

  private final RandomGenerator random;
  private final Map<String, List<String>> columns;

  /**
   * A source of expressions.
   *
   * @param columns names by type
   */
  RandomExpressions(RandomGenerator random, Map<String, List<String>> columns) {
    this.random = random;
    this.columns = columns;
  }

  private <T> T one(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  String condition() {
    return of("boolean", 1 + random.nextInt(3));
  }

  /** An expression of a type, nested at most so deep. */
  private String of(String type, int depth) {
    if (depth <= 0 || chance(10)) {
      return leaf(type);
    }
    if (chance(6)) {
      return general(type, depth - 1);
    }
    return switch (type) {
      case "boolean" -> bool(depth - 1);
      case "smallint", "integer", "bigint" -> integer(type, depth - 1);
      case "real", "double precision" -> floating(type, depth - 1);
      case "numeric" -> numeric(depth - 1);
      case "text" -> text(depth - 1);
      case "varchar" ->
          "(" + of("text", depth - 1) + ")::varchar" + one(List.of("", "(3)", "(10)"));
      case "char" -> "(" + of("text", depth - 1) + ")::char(" + (1 + random.nextInt(6)) + ")";
      case "name" -> "(" + of("text", depth - 1) + ")::name";
      case "uuid" -> leaf(type);
      case "bytea" -> chance(50) ? binary("bytea", "||", "bytea", depth - 1) : leaf(type);
      case "date" -> date(depth - 1);
      case "time" -> time(depth - 1);
      case "timestamp", "timestamptz" -> timestamp(type, depth - 1);
      case "interval" -> interval(depth - 1);
      case "json", "jsonb" -> json(type, depth - 1);
      case "mood" -> chance(30) ? "(" + of("text", depth - 1) + ")::public.mood" : leaf(type);
      default -> type.endsWith("[]") ? array(type, depth - 1) : leaf(type);
    };
  }

  private String leaf(String type) {
    List<String> names = columns.getOrDefault(type, List.of());
    return names.isEmpty() || chance(30)
        ? one(LITERALS.getOrDefault(type, List.of("null")))
        : one(names);
  }

  /** What is there for every type. */
  private String general(String type, int depth) {
    return switch (random.nextInt(5)) {
      case 0 -> "coalesce(%s, %s)".formatted(of(type, depth), of(type, depth));
      case 1 ->
          type.equals("json")
              ? leaf(type)
              : "nullif(%s, %s)".formatted(of(type, depth), of(type, depth));
      case 2 ->
          "case when %s then %s else %s end"
              .formatted(of("boolean", depth), of(type, depth), of(type, depth));
      case 3 -> {
        String operand = one(List.of("integer", "text", "date"));
        yield "case %s when %s then %s when %s then %s end"
            .formatted(
                of(operand, depth),
                of(operand, depth),
                of(type, depth),
                of(operand, depth),
                of(type, depth));
      }
      default ->
          ORDERED.contains(type)
              ? "%s(%s, %s, %s)"
                  .formatted(
                      one(List.of("greatest", "least")),
                      of(type, depth),
                      of(type, depth),
                      of(type, depth))
              : leaf(type);
    };
  }

  private String binary(String left, String operator, String right, int depth) {
    return "(%s %s %s)".formatted(of(left, depth), operator, of(right, depth));
  }

  private String bool(int depth) {
    return switch (random.nextInt(24)) {
      case 0, 1 -> "(%s and %s)".formatted(of("boolean", depth), of("boolean", depth));
      case 2, 3 -> "(%s or %s)".formatted(of("boolean", depth), of("boolean", depth));
      case 4 -> "(not %s)".formatted(of("boolean", depth));
      case 5 ->
          "(%s is %s%s)"
              .formatted(
                  of("boolean", depth),
                  one(List.of("", "not ")),
                  one(List.of("true", "false", "unknown", "null")));
      case 6 -> "(%s is %snull)".formatted(of(one(ORDERED), depth), one(List.of("", "not ")));
      case 7, 8, 9, 10 -> comparison(depth);
      case 11 -> {
        String type = one(ORDERED);
        yield "(%s is %sdistinct from %s)"
            .formatted(of(type, depth), one(List.of("", "not ")), of(type, depth));
      }
      case 12 -> {
        String type = one(ORDERED);
        yield "(%s %sin (%s, %s, %s))"
            .formatted(
                of(type, depth), one(List.of("", "not ")), leaf(type), of(type, depth), leaf(type));
      }
      case 13 -> {
        String type = one(ORDERED);
        yield "(%s %sbetween %s%s and %s)"
            .formatted(
                of(type, depth),
                one(List.of("", "not ")),
                one(List.of("", "", "symmetric ")),
                of(type, depth),
                of(type, depth));
      }
      case 14 -> {
        String type = one(ARRAYS);
        yield "(%s %s %s (%s))"
            .formatted(
                of(type.substring(0, type.length() - 2), depth),
                one(COMPARISONS),
                one(List.of("any", "all")),
                of(type, depth));
      }
      case 15 ->
          "(%s %s %s%s)"
              .formatted(
                  of(one(List.of("text", "text", "varchar", "char", "name")), depth),
                  one(List.of("like", "not like", "ilike", "not ilike")),
                  chance(80) ? one(PATTERNS) : of("text", depth),
                  chance(10) ? " escape " + one(List.of("'!'", "'%'", "''", "'a'")) : "");
      case 16 ->
          "(%s %s %s)"
              .formatted(
                  of(one(List.of("text", "text", "varchar", "char")), depth),
                  one(List.of("~", "!~", "~*", "!~*")),
                  one(REGEXES));
      case 17 -> {
        String type = one(ARRAYS);
        yield "(%s %s %s)"
            .formatted(of(type, depth), one(List.of("@>", "<@", "&&")), of(type, depth));
      }
      case 18 ->
          "(%s %s %s)"
              .formatted(
                  of("jsonb", depth), one(List.of("@>", "<@", "=", "<>")), of("jsonb", depth));
      case 19 ->
          chance(50)
              ? "(%s ? %s)"
                  .formatted(of("jsonb", depth), one(List.of("'a'", "'b'", "'x'", "'two'")))
              : "(%s %s %s)"
                  .formatted(of("jsonb", depth), one(List.of("?|", "?&")), of("text[]", depth));
      case 20 -> "starts_with(%s, %s)".formatted(of("text", depth), of("text", depth));
      case 21 ->
          "isfinite(%s)"
              .formatted(of(one(List.of("date", "timestamp", "timestamptz", "interval")), depth));
      case 22 ->
          "((%s, %s) %s (%s, %s))"
              .formatted(
                  of("integer", depth),
                  of("date", depth),
                  one(COMPARISONS),
                  of("integer", depth),
                  of("date", depth));
      default -> "(%s)::boolean".formatted(of(one(List.of("text", "integer", "jsonb")), depth));
    };
  }

  private String comparison(int depth) {
    String operator = one(COMPARISONS);
    if (chance(15)) {
      return "(%s %s %s)".formatted(of(one(NUMBERS), depth), operator, of(one(NUMBERS), depth));
    }
    if (chance(5)) {
      List<String> days = List.of("date", "timestamp", "timestamptz");
      return "(%s %s %s)".formatted(of(one(days), depth), operator, of(one(days), depth));
    }
    String type = one(ORDERED);
    String collate = type.equals("text") && chance(20) ? " collate " + one(COLLATIONS) : "";
    return "(%s%s %s %s)".formatted(of(type, depth), collate, operator, of(type, depth));
  }

  private String integer(String type, int depth) {
    return switch (random.nextInt(14)) {
      case 0, 1, 2, 3 ->
          "(%s %s %s)"
              .formatted(
                  of(type, depth),
                  one(List.of("+", "-", "*", "/", "%", "&", "|", "#")),
                  of(type, depth));
      case 4 -> "(- %s)".formatted(of(type, depth));
      case 5 -> "abs(%s)".formatted(of(type, depth));
      case 6, 7 -> "(%s)::%s".formatted(of(one(NUMBERS), depth), type);
      case 8 -> "(%s)::%s".formatted(of(one(List.of("text", "jsonb")), depth), type);
      case 9 -> "mod(%s, %s)".formatted(of(type, depth), of(type, depth));
      default -> type.equals("integer") ? counted(depth) : leaf(type);
    };
  }

  private String counted(int depth) {
    return switch (random.nextInt(14)) {
      case 0 ->
          "%s(%s)"
              .formatted(
                  one(List.of("length", "char_length", "octet_length", "ascii", "bit_length")),
                  of("text", depth));
      case 1 -> "length(%s)".formatted(of(one(List.of("char", "bytea", "varchar")), depth));
      case 2 -> "position(%s in %s)".formatted(of("text", depth), of("text", depth));
      case 3 -> "strpos(%s, %s)".formatted(of("text", depth), of("text", depth));
      case 4 ->
          "%s(%s, %d)"
              .formatted(
                  one(List.of("array_length", "array_lower", "array_upper")),
                  of(one(ARRAYS), depth),
                  random.nextInt(3));
      case 5 ->
          "%s(%s)".formatted(one(List.of("cardinality", "array_ndims")), of(one(ARRAYS), depth));
      case 6 -> {
        String type = one(ARRAYS);
        yield "array_position(%s, %s)"
            .formatted(of(type, depth), of(type.substring(0, type.length() - 2), depth));
      }
      case 7 -> "%s_array_length(%s)".formatted("jsonb", of("jsonb", depth));
      case 8 -> "(%s - %s)".formatted(of("date", depth), of("date", depth));
      case 9 -> "(%s)[%s]".formatted(of("integer[]", depth), of("integer", 0));
      case 10 -> "(%s)::integer".formatted(of("boolean", depth));
      case 11 -> "json_array_length(%s)".formatted(of("json", depth));
      case 12 -> "scale(%s)".formatted(of("numeric", depth));
      default -> leaf("integer");
    };
  }

  private String floating(String type, int depth) {
    return switch (random.nextInt(9)) {
      case 0, 1, 2 ->
          "(%s %s %s)"
              .formatted(of(type, depth), one(List.of("+", "-", "*", "/")), of(type, depth));
      case 3 -> "(- %s)".formatted(of(type, depth));
      case 4 -> "abs(%s)".formatted(of(type, depth));
      case 5 -> "(%s)::%s".formatted(of(one(NUMBERS), depth), type);
      case 6 -> "(%s)::%s".formatted(of(one(List.of("text", "jsonb")), depth), type);
      case 7 ->
          type.equals("real")
              ? leaf(type)
              : "%s(%s)"
                  .formatted(
                      one(List.of("ceil", "floor", "round", "trunc", "sign", "sqrt")),
                      of(type, depth));
      default -> type.equals("real") ? leaf(type) : "date_part" + part(depth);
    };
  }

  private String part(int depth) {
    return switch (random.nextInt(4)) {
      case 0 ->
          "('%s', %s)".formatted(one(TIME_FIELDS), of(one(List.of("time", "timestamp")), depth));
      case 1 ->
          "('%s', %s)"
              .formatted(one(DATE_FIELDS), of(one(List.of("timestamp", "timestamptz")), depth));
      case 2 -> "('%s', %s)".formatted(one(DATE_FIELDS), of("timestamp", depth));
      default -> "('%s', %s)".formatted(one(INTERVAL_FIELDS), of("interval", depth));
    };
  }

  private String extract(int depth) {
    return switch (random.nextInt(4)) {
      case 0 ->
          "extract(%s from %s)"
              .formatted(
                  one(TIME_FIELDS), of(one(List.of("time", "timestamp", "timestamptz")), depth));
      case 1 ->
          "extract(%s from %s)"
              .formatted(one(DATE_FIELDS), of(one(List.of("timestamp", "timestamptz")), depth));
      case 2 -> "extract(%s from %s)".formatted(one(DATE_FIELDS), of("date", depth));
      default -> "extract(%s from %s)".formatted(one(INTERVAL_FIELDS), of("interval", depth));
    };
  }

  private String numeric(int depth) {
    return switch (random.nextInt(12)) {
      case 0, 1, 2, 3 ->
          "(%s %s %s)"
              .formatted(
                  of("numeric", depth),
                  one(List.of("+", "-", "*", "/", "%")),
                  of("numeric", depth));
      case 4 -> "(- %s)".formatted(of("numeric", depth));
      case 5 ->
          "%s(%s)"
              .formatted(
                  one(List.of("abs", "ceil", "floor", "round", "trunc", "sign", "trim_scale")),
                  of("numeric", depth));
      case 6 ->
          "%s(%s, %d)"
              .formatted(
                  one(List.of("round", "trunc")), of("numeric", depth), random.nextInt(9) - 4);
      case 7 -> "(%s)::numeric".formatted(of(one(NUMBERS), depth));
      case 8 -> "(%s)::numeric".formatted(of(one(List.of("text", "jsonb")), depth));
      case 9 ->
          "(%s)::numeric(%s)".formatted(of("numeric", depth), one(List.of("10,2", "5", "20,10")));
      default -> extract(depth);
    };
  }

  private String text(int depth) {
    return switch (random.nextInt(22)) {
      case 0, 1 -> "(%s || %s)".formatted(of("text", depth), of("text", depth));
      case 2 ->
          "%s(%s)".formatted(one(List.of("lower", "upper", "reverse", "md5")), of("text", depth));
      case 3 -> "substring(%s from %s)".formatted(of("text", depth), of("integer", 0));
      case 4 ->
          "substr(%s, %s, %s)".formatted(of("text", depth), of("integer", 0), of("integer", 0));
      case 5 ->
          "%s(%s, %s)"
              .formatted(one(List.of("left", "right")), of("text", depth), of("integer", 0));
      case 6 -> "%s(%s)".formatted(one(List.of("btrim", "ltrim", "rtrim")), of("text", depth));
      case 7 ->
          "trim(%s %s from %s)"
              .formatted(
                  one(List.of("both", "leading", "trailing")),
                  one(List.of("'a'", "' '", "'éa'")),
                  of("text", depth));
      case 8 -> "replace(%s, %s, %s)".formatted(of("text", depth), leaf("text"), leaf("text"));
      case 9 ->
          "split_part(%s, %s, %s)"
              .formatted(of("text", depth), one(List.of("','", "'a'", "''")), of("integer", 0));
      case 10 ->
          "%s(%s, %d%s)"
              .formatted(
                  one(List.of("lpad", "rpad")),
                  of("text", depth),
                  random.nextInt(8) - 1,
                  one(List.of("", ", 'xy'", ", ''")));
      case 11 -> "repeat(%s, %d)".formatted(of("text", depth), random.nextInt(4) - 1);
      case 12 -> "concat(%s, %s)".formatted(of(one(ORDERED), depth), of("text", depth));
      case 13 -> "(%s)::text".formatted(of(one(ORDERED), depth));
      case 14 ->
          "(%s ->> %s)"
              .formatted(
                  of(one(List.of("json", "jsonb")), depth),
                  one(List.of("'a'", "'b'", "0", "1", "-1")));
      case 15 -> "(%s #>> %s)".formatted(of(one(List.of("json", "jsonb")), depth), path(depth));
      case 16 -> "(%s)::text".formatted(of(one(List.of("json", "jsonb")), depth));
      case 17 -> "(%s)[%s]".formatted(of("text[]", depth), of("integer", 0));
      case 18 -> "jsonb_typeof(%s)".formatted(of("jsonb", depth));
      case 19 -> "translate(%s, 'ab', 'é')".formatted(of("text", depth));
      case 20 ->
          "array_to_string(%s, ','%s)".formatted(of(one(ARRAYS), depth), one(List.of("", ", '*'")));
      default -> "concat_ws(',', %s, %s)".formatted(of("text", depth), of(one(NUMBERS), depth));
    };
  }

  private String path(int depth) {
    return chance(70)
        ? one(List.of("'{a}'", "'{b,2,c}'", "'{b,-1}'", "'{}'", "'{0}'", "'{a,b}'"))
        : of("text[]", depth);
  }

  private String date(int depth) {
    return switch (random.nextInt(5)) {
      case 0 -> "(%s + %s)".formatted(of("date", depth), of("integer", 0));
      case 1 -> "(%s - %s)".formatted(of("date", depth), of("integer", 0));
      case 2 -> "(%s)::date".formatted(of(one(List.of("timestamp", "timestamptz")), depth));
      case 3 ->
          "make_date(%d, %d, %d)"
              .formatted(random.nextInt(4000) - 1000, random.nextInt(14), random.nextInt(33));
      default -> leaf("date");
    };
  }

  private String time(int depth) {
    return switch (random.nextInt(4)) {
      case 0 ->
          "(%s %s %s)".formatted(of("time", depth), one(List.of("+", "-")), of("interval", depth));
      case 1 ->
          "(%s)::time".formatted(of(one(List.of("timestamp", "timestamptz", "interval")), depth));
      case 2 -> "(%s)::time(%d)".formatted(of("time", depth), random.nextInt(7));
      default -> leaf("time");
    };
  }

  private String timestamp(String type, int depth) {
    return switch (random.nextInt(7)) {
      case 0, 1 ->
          "(%s %s %s)".formatted(of(type, depth), one(List.of("+", "-")), of("interval", depth));
      case 2 -> "date_trunc('%s', %s)".formatted(one(TRUNCATIONS), of(type, depth));
      case 3 ->
          "(%s)::%s".formatted(of(one(List.of("date", "timestamp", "timestamptz")), depth), type);
      case 4 -> "(%s)::%s(%d)".formatted(of(type, depth), type, random.nextInt(7));
      case 5 ->
          type.equals("timestamp")
              ? "(%s + %s)"
                  .formatted(of("date", depth), of(one(List.of("time", "interval")), depth))
              : "(%s at time zone 'UTC')".formatted(of("timestamp", depth));
      default ->
          type.equals("timestamp")
              ? "(%s at time zone 'UTC')".formatted(of("timestamptz", depth))
              : leaf(type);
    };
  }

  private String interval(int depth) {
    return switch (random.nextInt(8)) {
      case 0, 1 ->
          "(%s %s %s)"
              .formatted(of("interval", depth), one(List.of("+", "-")), of("interval", depth));
      case 2 ->
          "(%s %s %s)"
              .formatted(of("interval", depth), one(List.of("*", "/")), of("double precision", 0));
      case 3 -> "(- %s)".formatted(of("interval", depth));
      case 4 -> {
        String type = one(List.of("timestamp", "timestamptz", "time"));
        yield "(%s - %s)".formatted(of(type, depth), of(type, depth));
      }
      case 5 -> {
        String type = one(List.of("timestamp", "timestamptz"));
        yield "age(%s, %s)".formatted(of(type, depth), of(type, depth));
      }
      case 6 ->
          "%s(%s)".formatted(one(List.of("justify_hours", "justify_days")), of("interval", depth));
      default -> "(%s)::interval".formatted(of("time", depth));
    };
  }

  private String json(String type, int depth) {
    return switch (random.nextInt(5)) {
      case 0 ->
          "(%s -> %s)".formatted(of(type, depth), one(List.of("'a'", "'b'", "0", "1", "-1", "7")));
      case 1 -> "(%s #> %s)".formatted(of(type, depth), path(depth));
      case 2 -> "(%s)::%s".formatted(of("text", depth), type);
      case 3 -> "(%s)::%s".formatted(of(type.equals("json") ? "jsonb" : "json", depth), type);
      default -> leaf(type);
    };
  }

  private String array(String type, int depth) {
    String element = type.substring(0, type.length() - 2);
    return switch (random.nextInt(9)) {
      case 0, 1 -> {
        List<String> elements = new ArrayList<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
          elements.add(of(element, depth));
        }
        yield "(array["
            + String.join(", ", elements)
            + "])"
            + (element.equals("mood") ? "" : "::" + type);
      }
      case 2 -> "(%s || %s)".formatted(of(type, depth), of(type, depth));
      case 3 -> "array_append(%s, %s)".formatted(of(type, depth), of(element, depth));
      case 4 -> "array_prepend(%s, %s)".formatted(of(element, depth), of(type, depth));
      case 5 ->
          "(%s)[%s:%s]"
              .formatted(
                  of(type, depth),
                  one(List.of("", "0", "1", "2")),
                  one(List.of("", "1", "2", "5")));
      case 6 -> "array_remove(%s, %s)".formatted(of(type, depth), of(element, depth));
      case 7 -> "array_cat(%s, %s)".formatted(of(type, depth), of(type, depth));
      default -> leaf(type);
    };
  }

  /** Whether values of the type are whole numbers. */
  static boolean isInteger(String type) {
    return INTEGERS.contains(type);
  }
}
