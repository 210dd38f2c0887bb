package dev.millrace.server.filter;

import dev.millrace.server.filter.SqlToken.Kind;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A condition with its constants taken out, so that conditions which differ in nothing else are
 * analysed once. Immutable.
 *
 * <p>Strings and parameters leave a NULL of type {@code unknown}, of which Postgres makes what it
 * makes of a string; numbers one of their own type. What is no plain constant stays: the qualifiers
 * of a type, a number that something is attached to, an odd literal. That costs an analysis for
 * each value, and is never wrong. Constants that are equal share a number, so that the template
 * says which of them are: {@code a = $1 and b = $2 or c = $1}.
 *
 * @param template the condition with {@code $1} for a string and {@code $1::integer} for a number
 * @param trial the same with the NULLs
 * @param constants in the order of their numbers
 * @param uses for each place in {@code template}, from left to right, the number less one
 * @param fixed strings that stay where they are
 */
record Lifted(
    String template,
    String trial,
    List<Constant> constants,
    List<Integer> uses,
    List<Constant> fixed) {

  /**
   * A constant of a condition.
   *
   * @param type of a number; empty for a string, whose type Postgres decides
   * @param value what the string means, or the number with its sign
   * @param place characters before it where it stands first
   */
  record Constant(String type, String value, int place) {

    boolean isString() {
      return type.isEmpty();
    }

    private String meaning() {
      return type + ' ' + value;
    }
  }

  private static final BigInteger INT_MIN = BigInteger.valueOf(Integer.MIN_VALUE);
  private static final BigInteger INT_MAX = BigInteger.valueOf(Integer.MAX_VALUE);
  private static final BigInteger LONG_MIN = BigInteger.valueOf(Long.MIN_VALUE);
  private static final BigInteger LONG_MAX = BigInteger.valueOf(Long.MAX_VALUE);

  /** Words after which an operand comes; after other names a string is a constant of that type. */
  private static final Set<String> BEFORE_OPERAND =
      Set.of(
          "and",
          "asymmetric",
          "between",
          "both",
          "case",
          "else",
          "escape",
          "for",
          "from",
          "ilike",
          "in",
          "leading",
          "like",
          "not",
          "or",
          "placing",
          "symmetric",
          "then",
          "to",
          "trailing",
          "variadic",
          "when");

  /** Last words of types with several: a string after them stays. */
  private static final Set<String> TYPE_ENDS = Set.of("precision", "varying", "zone");

  private static final Set<String> INTERVAL_FIELDS =
      Set.of("year", "month", "day", "hour", "minute", "second");

  /**
   * An operator that holds one of these may end in a minus sign; others leave it to what follows.
   */
  private static final String KEEP_MINUS = "~!@#%^&|`?";

  Lifted {
    constants = List.copyOf(constants);
    uses = List.copyOf(uses);
    fixed = List.copyOf(fixed);
  }

  /**
   * Takes the constants out of {@code expression}.
   *
   * @throws InvalidExpression if a parameter has no value
   */
  static Lifted of(SqlExpression expression, Map<Integer, String> parameters)
      throws InvalidExpression {
    return new Lifting(expression, parameters).lift();
  }

  /** One pass over the tokens. */
  private static final class Lifting {

    private final String text;
    private final List<SqlToken> tokens;
    private final Map<Integer, String> parameters;
    private final StringBuilder template = new StringBuilder();
    private final StringBuilder trial = new StringBuilder();
    private final Map<String, Integer> numbers = new LinkedHashMap<>();
    private final List<Constant> constants = new ArrayList<>();
    private final List<Integer> uses = new ArrayList<>();
    private final List<Constant> fixed = new ArrayList<>();

    /** For each open parenthesis whether it holds the modifiers of a type. */
    private final Deque<Boolean> modifiers = new ArrayDeque<>();

    private int copied;

    private Lifting(SqlExpression expression, Map<Integer, String> parameters) {
      this.text = expression.text();
      this.tokens = expression.tokens();
      this.parameters = parameters;
    }

    private Lifted lift() throws InvalidExpression {
      for (int i = 0; i < tokens.size(); i++) {
        SqlToken token = tokens.get(i);
        switch (token.kind()) {
          case STRING, PARAMETER -> string(i);
          case NUMBER -> number(i);
          case SYMBOL -> symbol(i);
          case NAME, QUOTED_NAME -> {}
        }
      }
      copy(text.length());
      return new Lifted(template.toString(), trial.toString(), constants, uses, fixed);
    }

    private void copy(int end) {
      template.append(text, copied, end);
      trial.append(text, copied, end);
      copied = end;
    }

    private void lift(Constant constant, int start, int end, String suffix) {
      copy(start);
      int number = numbers.computeIfAbsent(constant.meaning(), meaning -> numbers.size());
      if (number == constants.size()) {
        constants.add(constant);
      }
      uses.add(number);
      String type = constant.isString() ? "" : "::" + constant.type();
      template.append(" $").append(number + 1).append(type).append(suffix).append(' ');
      String nullType = constant.isString() ? "::unknown" : type;
      trial.append(" NULL").append(nullType).append(suffix).append(' ');
      copied = end;
    }

    private SqlToken token(int place) {
      return place >= 0 && place < tokens.size()
          ? tokens.get(place)
          : new SqlToken(Kind.SYMBOL, 0, 0, "");
    }

    private void string(int i) throws InvalidExpression {
      SqlToken token = tokens.get(i);
      Optional<String> value =
          token.kind() == Kind.STRING
              ? SqlString.meaning(token)
              : Optional.of(SqlExpression.value(token, parameters));
      if (value.isEmpty()) {
        return;
      }
      Constant constant = new Constant("", value.get(), token.start());
      if (!isOperandOrTyped(i)) {
        stay(token, constant);
        return;
      }
      if (token(i - 1).isName() && !isBeforeOperand(i - 1)) {
        SqlToken type = token(i - 1);
        lift(constant, type.start(), token.end(), "::" + text.substring(type.start(), type.end()));
      } else {
        lift(constant, token.start(), token.end(), "");
      }
    }

    private void stay(SqlToken token, Constant constant) {
      fixed.add(constant);
      if (token.kind() == Kind.PARAMETER) {
        copy(token.start());
        String literal = " " + SqlString.literal(constant.value()) + " ";
        template.append(literal);
        trial.append(literal);
        copied = token.end();
      }
    }

    /** Whether the string at {@code i} stands by itself or has a type of one word before it. */
    private boolean isOperandOrTyped(int i) {
      SqlToken before = token(i - 1);
      if (before.isSymbol(")") || before.isSymbol("]")) {
        return false;
      }
      if (!before.isName() || isBeforeOperand(i - 1)) {
        return true;
      }
      boolean hasFields =
          before.isKeyword("interval")
              && INTERVAL_FIELDS.stream().anyMatch(token(i + 1)::isKeyword);
      boolean isLastWord = TYPE_ENDS.stream().anyMatch(before::isKeyword);
      // Another type may stand between this one's start and a lifted constant before it.
      return !hasFields && !isLastWord && before.start() >= copied;
    }

    private boolean isBeforeOperand(int i) {
      SqlToken token = token(i);
      return token.kind() == Kind.NAME
          && (BEFORE_OPERAND.contains(token.text())
              || (token.isKeyword("zone")
                  && token(i - 1).isKeyword("time")
                  && token(i - 2).isKeyword("at")));
    }

    private void number(int i) {
      SqlToken token = tokens.get(i);
      boolean isPlain = token.text().matches("[0-9]+(\\.[0-9]*)?|\\.[0-9]+");
      if (!isPlain || (!modifiers.isEmpty() && modifiers.peek())) {
        return;
      }
      boolean isNegative = hasMinus(i - 1) && !hasMore(i + 1);
      int start = isNegative ? token(i - 1).end() - 1 : token.start();
      lift(numeric((isNegative ? "-" : "") + token.text(), start), start, token.end(), "");
    }

    /** Postgres makes a number negative itself where the sign stands right before it. */
    private boolean hasMinus(int i) {
      SqlToken sign = token(i);
      if (sign.kind() != Kind.SYMBOL || !sign.text().endsWith("-")) {
        return false;
      }
      if (sign.text().length() > 1) {
        return sign.text().chars().noneMatch(c -> KEEP_MINUS.indexOf(c) >= 0);
      }
      SqlToken before = token(i - 1);
      boolean isOperand =
          switch (before.kind()) {
            case SYMBOL -> before.isSymbol(")") || before.isSymbol("]");
            case NAME -> !isBeforeOperand(i - 1);
            case QUOTED_NAME, STRING, NUMBER, PARAMETER -> true;
          };
      return !isOperand;
    }

    /** Whether what follows the number belongs to it rather than to its negative. */
    private boolean hasMore(int i) {
      return token(i).isSymbol("::") || token(i).isSymbol("[") || token(i).isSymbol(".");
    }

    private static Constant numeric(String text, int place) {
      BigDecimal value = new BigDecimal(text.endsWith(".") ? text + "0" : text);
      if (text.contains(".")) {
        return new Constant("numeric", text, place);
      }
      BigInteger whole = value.toBigIntegerExact();
      String type =
          whole.compareTo(INT_MIN) >= 0 && whole.compareTo(INT_MAX) <= 0
              ? "integer"
              : whole.compareTo(LONG_MIN) >= 0 && whole.compareTo(LONG_MAX) <= 0
                  ? "bigint"
                  : "numeric";
      return new Constant(type, whole.toString(), place);
    }

    private void symbol(int i) {
      SqlToken token = tokens.get(i);
      if (token.isSymbol("(")) {
        modifiers.push(isAfterType(i - 1));
      } else if (token.isSymbol(")")) {
        modifiers.pop();
      }
    }

    private boolean isAfterType(int i) {
      int first = token(i).isKeyword("varying") ? i - 1 : i;
      return token(i).isName()
          && (token(first - 1).isSymbol("::") || token(first - 1).isKeyword("as"));
    }
  }
}
