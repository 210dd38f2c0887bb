package dev.millrace.server.filter;

import dev.millrace.server.filter.value.ArrayValue;
import dev.millrace.server.filter.value.TextForm;
import dev.millrace.server.filter.value.Type;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a filter requires of one column, or of one of some, whatever else it says. Immutable. */
sealed interface Requirement {

  /** More values than this are not entered one by one: a filter costs less to ask than they do. */
  int MOST_VALUES = 10_000;

  /** Of which one has to be met; none if no row can meet the filter. */
  List<Single> alternatives();

  /** A requirement of one column. */
  sealed interface Single extends Requirement {

    Place place();

    @Override
    default List<Single> alternatives() {
      return List.of(this);
    }
  }

  /** Requirements of several columns, of which a row meets one. */
  record AnyOf(List<Single> alternatives) implements Requirement {

    public AnyOf {
      alternatives = List.copyOf(alternatives);
    }
  }

  /** What no row meets. */
  Requirement NEVER = new AnyOf(List.of());

  /** One of these values, or an array with one of them among its elements. */
  record OneOf(Place place, Set<KeyText> values) implements Single {

    public OneOf {
      values = Set.copyOf(values);
    }

    OneOf(Place place, KeyText value) {
      this(place, Set.of(value));
    }

    /** If all values are required, looking for one is enough. */
    private Optional<OneOf> one() {
      return values.stream()
          .min(Comparator.comparing(KeyText::toString))
          .map(value -> new OneOf(place, value));
    }
  }

  /** A number, or a time as one, between two bounds that are included. */
  record Within(Place place, long low, long high) implements Single {

    /** The narrowest bounds that these conditions set to one column. */
    private static Optional<Within> of(List<Expression> conjuncts, Columns columns) {
      Map<Place, Within> bounds = new LinkedHashMap<>();
      for (Expression conjunct : conjuncts) {
        bound(conjunct, columns).ifPresent(one -> bounds.merge(one.place, one, Within::and));
      }
      return bounds.values().stream().min(Comparator.comparing((Within one) -> !one.isClosed()));
    }

    private boolean isClosed() {
      return low != Long.MIN_VALUE && high != Long.MAX_VALUE;
    }

    private static Optional<Within> bound(Expression condition, Columns columns) {
      if (!(condition instanceof Expression.Operation(String operator, List<Expression> operands))
          || operands.size() != 2) {
        return Optional.empty();
      }
      Expression left = operands.getFirst();
      Expression right = operands.getLast();
      return left instanceof Expression.Constant
          ? bound(mirrored(operator), right, left, columns)
          : bound(operator, left, right, columns);
    }

    private static String mirrored(String operator) {
      return switch (operator) {
        case "<" -> ">";
        case "<=" -> ">=";
        case ">" -> "<";
        case ">=" -> "<=";
        default -> "";
      };
    }

    private static Optional<Within> bound(
        String operator, Expression column, Expression constant, Columns columns) {
      if (!(column instanceof Expression.Column(int index, String name))
          || !(constant instanceof Expression.Constant(String text, TypeName typeName))
          || text == null) {
        return Optional.empty();
      }
      Type type = columns.type(index);
      if (type == null || !isNumber(type) || !isOfType(typeName.name(), type)) {
        return Optional.empty();
      }
      Place place = new Place(index, Form.NUMBER, type);
      long value = (Long) TextForm.parse(type, text);
      return Optional.ofNullable(
          switch (operator) {
            case "<" ->
                value == Long.MIN_VALUE ? null : new Within(place, Long.MIN_VALUE, value - 1);
            case "<=" -> new Within(place, Long.MIN_VALUE, value);
            case ">" ->
                value == Long.MAX_VALUE ? null : new Within(place, value + 1, Long.MAX_VALUE);
            case ">=" -> new Within(place, value, Long.MAX_VALUE);
            default -> null;
          });
    }

    private static boolean isNumber(Type type) {
      return switch (type.kind()) {
        case INT2, INT4, INT8, DATE, TIMESTAMP, TIMESTAMPTZ -> true;
        default -> false;
      };
    }

    private Within and(Within other) {
      return new Within(place, Math.max(low, other.low), Math.min(high, other.high));
    }
  }

  /** How the value is found in a row. */
  enum Form {
    /** The column's text: equal values have equal texts. */
    TEXT,
    /** The column's text without the zeros that end a numeric's fraction. */
    NUMERIC,
    /** The column's text without the spaces that end it. */
    PADDED,
    /** The text of each of the array's elements. */
    ELEMENT,
    /** Not by a text, but as a number. */
    NUMBER
  }

  /**
   * Where a value is looked for.
   *
   * @param column its place in the table's list of columns
   * @param type of the column
   */
  record Place(int column, Form form, Type type) {

    /** Sets {@code probe} to each value that {@code row} has here, and calls {@code found}. */
    void forEachValue(FilterRow row, KeyText probe, Runnable found) {
      if (row.isNull(column)) {
        return;
      }
      if (form == Form.ELEMENT) {
        elements(row)
            .forEach(key -> {
              probe.set(key);
              found.run();
            });
        return;
      }
      int place = row.place(column);
      var source = row.source(column);
      int start = source.start(place);
      int length = source.length(place);
      byte[] bytes = source.bytes();
      probe.set(bytes, start, trimmed(bytes, start, length));
      found.run();
    }

    /** The number that {@code row} has here; null for NULL. */
    @Nullable Long number(FilterRow row) {
      return (Long) row.value(column, type);
    }

    private Set<KeyText> elements(FilterRow row) {
      ArrayValue array = (ArrayValue) row.value(column, type);
      return array == null ? Set.of() : keys(array, type.element());
    }

    /** The length without what makes no difference. */
    private int trimmed(byte[] bytes, int start, int length) {
      return switch (form) {
        case TEXT, ELEMENT, NUMBER -> length;
        case PADDED -> withoutTrailing(bytes, start, length, ' ');
        case NUMERIC -> numericLength(bytes, start, length);
      };
    }

    private static int withoutTrailing(byte[] bytes, int start, int length, char dropped) {
      int end = length;
      while (end > 0 && bytes[start + end - 1] == dropped) {
        end--;
      }
      return end;
    }

    private static int numericLength(byte[] bytes, int start, int length) {
      for (int i = start; i < start + length; i++) {
        if (bytes[i] == '.') {
          int end = withoutTrailing(bytes, start, length, '0');
          return bytes[start + end - 1] == '.' ? end - 1 : end;
        }
      }
      return length;
    }

    private Set<KeyText> keys(ArrayValue array, Type element) {
      return Arrays.stream(array.elements())
          .filter(Objects::nonNull)
          .map(value -> key(TextForm.print(element, value)))
          .collect(Collectors.toSet());
    }

    private KeyText key(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      KeyText key = new KeyText();
      key.set(bytes, 0, trimmed(bytes, 0, bytes.length));
      return key;
    }
  }

  /** The requirement of these conditions, all of which a row meets, that is met least often. */
  static Optional<Requirement> of(List<Expression> conjuncts, Columns columns) {
    if (conjuncts.stream().anyMatch(Requirement::isNeverMet)) {
      return Optional.of(NEVER);
    }
    Optional<OneOf> values =
        conjuncts.stream()
            .flatMap(conjunct -> of(conjunct, columns).stream())
            .filter(requirement -> requirement.values.size() <= MOST_VALUES)
            .min(Comparator.comparingInt(Requirement::frequency));
    if (values.isPresent() && frequency(values.get()) <= MOST_VALUES) {
      return Optional.of(values.get());
    }
    return Within.of(conjuncts, columns)
        .map(Requirement.class::cast)
        .or(() -> anyOf(conjuncts, columns))
        .or(() -> values);
  }

  /**
   * Whether these conditions say nothing but {@code requirement}: one equality of a column, of
   * which the same text is the same value.
   */
  static boolean isAllOf(List<Expression> conjuncts, @Nullable Requirement requirement) {
    return conjuncts.size() == 1
        && conjuncts.getFirst() instanceof Expression.Operation(String operator, var operands)
        && operator.equals("=")
        && operands.size() == 2
        && requirement instanceof OneOf(Place place, Set<KeyText> values)
        && place.form() == Form.TEXT
        && values.size() == 1;
  }

  /** Whether Postgres finds it false or unknown for every row. */
  private static boolean isNeverMet(Expression conjunct) {
    return Simplification.isFalse(conjunct)
        || (conjunct instanceof Expression.Operation(String operator, List<Expression> operands)
            && operator.equals("=")
            && operands.stream().anyMatch(Requirement::isNull));
  }

  private static boolean isNull(Expression operand) {
    return operand instanceof Expression.Constant(String text, TypeName type) && text == null;
  }

  /** Of alternatives on several columns; the first such conjunct in which each has one. */
  private static Optional<Requirement> anyOf(List<Expression> conjuncts, Columns columns) {
    return conjuncts.stream()
        .filter(Expression.Or.class::isInstance)
        .flatMap(or -> anyOf((Expression.Or) or, columns).stream())
        .findFirst();
  }

  private static Optional<Requirement> anyOf(Expression.Or or, Columns columns) {
    List<Single> all = new ArrayList<>();
    for (Expression operand : or.operands()) {
      List<Expression> conjuncts =
          operand instanceof Expression.And(List<Expression> both) ? both : List.of(operand);
      Optional<Requirement> one = of(conjuncts, columns);
      if (one.isEmpty()) {
        return Optional.empty();
      }
      all.addAll(one.get().alternatives());
    }
    return all.stream().mapToInt(Requirement::frequency).sum() <= MOST_VALUES
        ? Optional.of(new AnyOf(all))
        : Optional.empty();
  }

  /** What is known of the columns of a table. */
  @FunctionalInterface
  interface Columns {
    /** The type of the column at that place; null if we do not understand it. */
    @Nullable Type type(int column);
  }

  /** How often it is met, as a guess. */
  private static int frequency(Single requirement) {
    return switch (requirement) {
      case OneOf(Place place, Set<KeyText> values) ->
          place.type().kind() == Type.Kind.BOOL ? MOST_VALUES + 1 : values.size();
      case Within within -> 1;
    };
  }

  private static Optional<OneOf> of(Expression condition, Columns columns) {
    return switch (condition) {
      case Expression.Operation(String operator, List<Expression> operands)
          when operands.size() == 2 ->
          of(operator, operands.getFirst(), operands.getLast(), columns);
      case Expression.ScalarArray(String operator, Expression left, Expression array, boolean isAny)
          when isAny && operator.equals("=") ->
          ofAny(left, array, columns);
      case Expression.Or(List<Expression> operands) -> ofOr(operands, columns);
      case Expression.Column column -> isTrue(column, "t", columns);
      case Expression.Not(Expression.Column column) -> isTrue(column, "f", columns);
      default -> Optional.empty();
    };
  }

  private static Optional<OneOf> of(
      String operator, Expression left, Expression right, Columns columns) {
    return switch (operator) {
      case "=" -> equality(left, right, columns).or(() -> equality(right, left, columns));
      case "@>" -> elements(left, right, columns).flatMap(OneOf::one);
      case "<@" -> elements(right, left, columns).flatMap(OneOf::one);
      case "&&" -> elements(left, right, columns).or(() -> elements(right, left, columns));
      default -> Optional.empty();
    };
  }

  private static Optional<OneOf> isTrue(Expression.Column column, String text, Columns columns) {
    return value(column, columns)
        .filter(place -> place.type().kind() == Type.Kind.BOOL)
        .map(place -> new OneOf(place, place.key(text)));
  }

  private static Optional<OneOf> equality(Expression left, Expression right, Columns columns) {
    if (!(right instanceof Expression.Constant(String text, TypeName type)) || text == null) {
      return Optional.empty();
    }
    return value(left, columns)
        .filter(place -> isOfType(type.name(), place.type()))
        .map(place -> new OneOf(place, place.key(text)));
  }

  /** {@code column = ANY (array)}, or {@code value = ANY (column)}. */
  private static Optional<OneOf> ofAny(Expression left, Expression array, Columns columns) {
    if (left instanceof Expression.Constant(String text, TypeName type) && text != null) {
      return element(array, columns)
          .filter(place -> isOfType(type.name(), place.type().element()))
          .map(place -> new OneOf(place, place.key(text)));
    }
    return value(left, columns)
        .flatMap(place -> keys(array, place, place.type()).map(keys -> new OneOf(place, keys)));
  }

  /** An array column that has something to do with a constant array. */
  private static Optional<OneOf> elements(Expression column, Expression array, Columns columns) {
    return element(column, columns)
        .flatMap(place ->
            keys(array, place, place.type().element()).map(keys -> new OneOf(place, keys)));
  }

  private static Optional<OneOf> ofOr(List<Expression> operands, Columns columns) {
    List<OneOf> all = operands.stream().flatMap(operand -> of(operand, columns).stream()).toList();
    boolean isOfOne =
        all.size() == operands.size() && all.stream().map(OneOf::place).distinct().count() == 1;
    if (!isOfOne) {
      return Optional.empty();
    }
    Set<KeyText> values =
        all.stream().flatMap(one -> one.values.stream()).collect(Collectors.toSet());
    return Optional.of(new OneOf(all.getFirst().place, values));
  }

  /** A column whose equal values have equal keys. */
  private static Optional<Place> value(Expression expression, Columns columns) {
    Expression plain = expression;
    if (expression instanceof Expression.Cast(Expression.Column column, TypeName type)
        && type.equals(TypeName.of("text"))
        && kind(column, columns) == Type.Kind.VARCHAR) {
      plain = column;
    }
    if (!(plain instanceof Expression.Column(int index, String name))) {
      return Optional.empty();
    }
    Type type = columns.type(index);
    if (type == null) {
      return Optional.empty();
    }
    return Optional.ofNullable(form(type)).map(form -> new Place(index, form, type));
  }

  private static Type.@Nullable Kind kind(Expression.Column column, Columns columns) {
    Type type = columns.type(column.index());
    return type == null ? null : type.kind();
  }

  /** A column of arrays whose equal elements have equal texts. */
  private static Optional<Place> element(Expression expression, Columns columns) {
    if (!(expression instanceof Expression.Column(int index, String name))) {
      return Optional.empty();
    }
    Type type = columns.type(index);
    if (type == null || !type.isArray() || form(type.element()) != Form.TEXT) {
      return Optional.empty();
    }
    return Optional.of(new Place(index, Form.ELEMENT, type));
  }

  /** How equal values can be told by their texts; null if they cannot. */
  private static @Nullable Form form(Type type) {
    return switch (type.kind()) {
      case BOOL,
          INT2,
          INT4,
          INT8,
          TEXT,
          VARCHAR,
          NAME,
          UUID,
          BYTEA,
          DATE,
          TIME,
          TIMESTAMP,
          TIMESTAMPTZ,
          ENUM ->
          Form.TEXT;
      case NUMERIC -> Form.NUMERIC;
      case BPCHAR -> Form.PADDED;
      case FLOAT4, FLOAT8, TIMETZ, INTERVAL, JSON, JSONB, ARRAY, PSEUDO -> null;
    };
  }

  /** The keys of a constant array, NULLs left out; empty if it is none. */
  private static Optional<Set<KeyText>> keys(Expression array, Place place, Type element) {
    return switch (array) {
      case Expression.Cast(Expression inner, TypeName type)
          when type.isArray() && type.name().equals("text") && element.isText() ->
          keys(inner, place, element);
      case Expression.Constant(String text, TypeName type)
          when text != null && isOfType(type.name(), element) ->
          Optional.of(
              place.keys((ArrayValue) TextForm.parse(Type.array(0, element), text), element));
      case Expression.ArrayConstructor(List<Expression> elements) -> keys(elements, place, element);
      default -> Optional.empty();
    };
  }

  private static Optional<Set<KeyText>> keys(List<Expression> elements, Place place, Type element) {
    Set<KeyText> keys = new LinkedHashSet<>();
    for (Expression one : elements) {
      if (!(one instanceof Expression.Constant(String text, TypeName type))
          || !isOfType(type.name(), element)) {
        return Optional.empty();
      }
      if (text != null) {
        keys.add(place.key(text));
      }
    }
    return Optional.of(keys);
  }

  /** Whether a constant of that type has the text that an equal value of {@code type} has. */
  private static boolean isOfType(String constant, Type type) {
    Set<String> names =
        switch (type.kind()) {
          case INT2, INT4, INT8 -> Set.of("smallint", "integer", "bigint");
          case TEXT, VARCHAR -> Set.of("text", "character varying");
          case BOOL -> Set.of("boolean");
          case NAME -> Set.of("name");
          case UUID -> Set.of("uuid");
          case BYTEA -> Set.of("bytea");
          case DATE -> Set.of("date");
          case TIME -> Set.of("time without time zone");
          case TIMESTAMP -> Set.of("timestamp without time zone");
          case TIMESTAMPTZ -> Set.of("timestamp with time zone");
          case NUMERIC -> Set.of("numeric");
          case BPCHAR -> Set.of("bpchar", "character");
          case ENUM -> Set.of(constant);
          case FLOAT4, FLOAT8, TIMETZ, INTERVAL, JSON, JSONB, ARRAY, PSEUDO -> Set.of();
        };
    return names.contains(constant);
  }
}
