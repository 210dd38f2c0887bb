package dev.millrace.server.filter.value;

import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The operators {@code = <> < <= > >=}. */
final class Comparisons {

  private static final List<String> INTEGERS = List.of("int2", "int4", "int8");
  private static final List<String> FLOATS = List.of("float4", "float8");
  private static final List<String> OTHERS =
      List.of(
          "bool",
          "numeric",
          "uuid",
          "bytea",
          "date",
          "time",
          "timetz",
          "timestamp",
          "timestamptz",
          "interval",
          "jsonb",
          "anyenum",
          "anyarray",
          "text",
          "bpchar",
          "name");

  private Comparisons() {}

  static void addTo(Functions functions) {
    for (String type : OTHERS) {
      add(functions, type, type, Comparisons::ofSameType);
    }
    for (String left : INTEGERS) {
      for (String right : INTEGERS) {
        add(functions, left, right, site -> (a, b) -> Long.compare((Long) a, (Long) b));
      }
    }
    for (String left : FLOATS) {
      for (String right : FLOATS) {
        add(functions, left, right, site -> Comparisons::floats);
      }
    }
    add(functions, "name", "text", Comparisons::ofSameType);
    add(functions, "text", "name", Comparisons::ofSameType);
    addDates(functions);
  }

  private static void addDates(Functions functions) {
    Comparator<Object> moments = (a, b) -> Long.compare((Long) a, (Long) b);
    Comparator<Object> dateFirst = (a, b) -> Dates.compareDateWithTimestamp((Long) a, (Long) b);
    for (String timestamp : List.of("timestamp", "timestamptz")) {
      add(functions, "date", timestamp, site -> dateFirst);
      add(
          functions,
          timestamp,
          "date",
          site -> (a, b) -> Integer.compare(0, dateFirst.compare(b, a)));
    }
    add(functions, "timestamp", "timestamptz", site -> moments);
    add(functions, "timestamptz", "timestamp", site -> moments);
  }

  private static int floats(Object a, Object b) {
    return Floats.compare(((Number) a).doubleValue(), ((Number) b).doubleValue());
  }

  /** Decides how the values of a call compare. */
  private interface Comparing {
    Comparator<Object> of(CallSite site);
  }

  private static Comparator<Object> ofSameType(CallSite site) {
    return Order.of(site.types().getFirst());
  }

  private static void add(Functions functions, String left, String right, Comparing comparing) {
    String types = "(" + left + "," + right + ") bool";
    for (String operator : List.of("=", "<>")) {
      functions.make(operator + types, site -> equality(site, operator.equals("="), comparing));
    }
    for (String operator : List.of("<", "<=", ">", ">=")) {
      functions.make(operator + types, site -> ordering(site, operator, comparing));
    }
  }

  private static @Nullable Routine equality(CallSite site, boolean wanted, Comparing comparing) {
    if (!site.collation().isDeterministic() || !Order.hasEquality(site.types().getFirst())) {
      return null;
    }
    Comparator<Object> order = comparing.of(site);
    if (site.types().getFirst().isArray()) {
      return a ->
          Functions.array(a, 0).isEqual(Functions.array(a, 1), elementOrder(site)) == wanted;
    }
    return a -> (order.compare(Functions.value(a, 0), Functions.value(a, 1)) == 0) == wanted;
  }

  private static Comparator<Object> elementOrder(CallSite site) {
    return Order.of(site.element());
  }

  private static @Nullable Routine ordering(CallSite site, String operator, Comparing comparing) {
    Collation collation = site.collation();
    boolean isKnown =
        collation.isDeterministic()
            && collation.isByCodePoint()
            && Order.isKnown(site.types().getFirst());
    if (!isKnown) {
      return null;
    }
    Comparator<Object> order = comparing.of(site);
    return switch (operator) {
      case "<" -> a -> order.compare(Functions.value(a, 0), Functions.value(a, 1)) < 0;
      case "<=" -> a -> order.compare(Functions.value(a, 0), Functions.value(a, 1)) <= 0;
      case ">" -> a -> order.compare(Functions.value(a, 0), Functions.value(a, 1)) > 0;
      default -> a -> order.compare(Functions.value(a, 0), Functions.value(a, 1)) >= 0;
    };
  }
}
