package dev.millrace.server.filter;

import dev.millrace.server.filter.SqlToken.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The text of one SQL expression, as far as that can be told without a parser: it has no statement
 * separator and no comment, its quotes are closed, and its parentheses match and never close one
 * that stands outside. Put between parentheses it cannot reach beyond them. Immutable.
 */
public final class SqlExpression {

  private static final int MAX_LENGTH = 64 << 10;

  /** Of the text with its parameters in their places. */
  private static final int MOST_WITH_PARAMETERS = 1 << 20;

  /** Protocol section 7.6: places of syntax errors count from the statement Electric makes. */
  private static final int SYNTAX_OFFSET = "SELECT 1 WHERE ".length();

  private static final Map<String, String> CLOSERS = Map.of("(", ")", "[", "]");

  private final String text;
  private final List<SqlToken> tokens;

  private SqlExpression(String text, List<SqlToken> tokens) {
    this.text = text;
    this.tokens = tokens;
  }

  /**
   * Takes {@code text} for an expression.
   *
   * @throws InvalidExpression if it is none, or longer than 64 kB, or would grow out of bounds
   */
  public static SqlExpression of(String text) throws InvalidExpression {
    return of(text, MAX_LENGTH);
  }

  /**
   * The same for a text that we have made ourselves.
   *
   * @throws InvalidExpression if it is none, or longer than 512 kB
   */
  public static SqlExpression ofPrinted(String text) throws InvalidExpression {
    return of(text, Filter.MOST_CHARACTERS);
  }

  private static SqlExpression of(String text, int most) throws InvalidExpression {
    if (text.length() > most) {
      throw new InvalidExpression(
          "the expression is bigger than maximum size (%d kB)".formatted(most >> 10));
    }
    List<SqlToken> tokens = SqlScanner.scan(text);
    if (tokens.isEmpty()) {
      throw new InvalidExpression(text.length() + SYNTAX_OFFSET, "syntax error at end of input");
    }
    requireBalance(text, tokens);
    CopiedOperands.check(tokens);
    return new SqlExpression(text, tokens);
  }

  private static void requireBalance(String text, List<SqlToken> tokens) throws InvalidExpression {
    Deque<String> open = new ArrayDeque<>();
    for (SqlToken token : tokens) {
      if (token.kind() == Kind.SYMBOL) {
        String closer = CLOSERS.get(token.text());
        if (closer != null) {
          open.push(closer);
        } else if (CLOSERS.containsValue(token.text()) && !token.text().equals(open.poll())) {
          throw syntaxError(token.start(), token.text());
        }
      }
    }
    if (!open.isEmpty()) {
      throw new InvalidExpression(text.length() + SYNTAX_OFFSET, "syntax error at end of input");
    }
  }

  /** What Postgres would say of {@code word} at {@code place} in a filter. */
  static InvalidExpression syntaxError(int place, String word) {
    return new InvalidExpression(
        place + SYNTAX_OFFSET, "syntax error at or near \"%s\"".formatted(word));
  }

  /**
   * What Postgres found wrong, with its place in this text.
   *
   * @param place in {@link #withParameters}' result
   * @param state Postgres' code of the error
   */
  public InvalidExpression mistake(
      int place,
      String state,
      String message,
      Map<Integer, String> values,
      UnaryOperator<String> quote) {
    int origin = Math.min(origin(place, values, quote), text.length());
    boolean isSyntax = state.equals("42601");
    return new InvalidExpression(origin + (isSyntax ? SYNTAX_OFFSET : 0), message);
  }

  public String text() {
    return text;
  }

  List<SqlToken> tokens() {
    return tokens;
  }

  /** Whether a query may stand in it. */
  public boolean hasSubquery() {
    return subquery().isPresent();
  }

  /** Where a query may stand in it: none does without one of these words. */
  OptionalInt subquery() {
    for (int i = 0; i < tokens.size(); i++) {
      SqlToken token = tokens.get(i);
      if (token.isKeyword("select")
          || token.isKeyword("table")
          || (token.isKeyword("values") && isSymbolAt(i + 1, "("))) {
        return OptionalInt.of(token.start());
      }
    }
    return OptionalInt.empty();
  }

  /** What is wrong with the first of some names, at its place. */
  InvalidExpression wrongName(Predicate<String> isIt, UnaryOperator<String> reason) {
    return tokens.stream()
        .filter(token -> token.isName() && isIt.test(token.text()))
        .findFirst()
        .map(token -> new InvalidExpression(token.start(), reason.apply(token.text())))
        .orElseGet(() -> new InvalidExpression(reason.apply("")));
  }

  private boolean isSymbolAt(int place, String symbol) {
    return place >= 0 && place < tokens.size() && tokens.get(place).isSymbol(symbol);
  }

  /** Every name that stands in it: keywords, functions, types and columns. */
  public Set<String> names() {
    return tokens.stream()
        .filter(SqlToken::isName)
        .map(SqlToken::text)
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Refuses names with a qualifier: only columns are meant to be named, and a dot is also a way to
   * call a function.
   */
  public void requirePlainNames() throws InvalidExpression {
    for (SqlToken token : tokens) {
      if (token.isSymbol(".")) {
        throw new InvalidExpression(token.start(), "names cannot be qualified");
      }
    }
  }

  /** Keywords and other names without quotes. */
  Set<String> words() {
    return tokens.stream()
        .filter(token -> token.kind() == Kind.NAME)
        .map(SqlToken::text)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** The names that stand where a function is called, types of a cast left out. */
  Set<String> calls() {
    Set<String> calls = new HashSet<>();
    for (int i = 0; i < tokens.size(); i++) {
      boolean isCall = tokens.get(i).isName() && isSymbolAt(i + 1, "(");
      boolean isType = isSymbolAt(i - 1, "::") || (i > 0 && tokens.get(i - 1).isKeyword("as"));
      if (isCall && !isType) {
        calls.add(tokens.get(i).text());
      }
    }
    return calls;
  }

  /**
   * The text with each parameter replaced.
   *
   * @param values by number
   * @param quote makes a literal of a value
   * @throws InvalidExpression if a parameter has no value
   */
  public String withParameters(Map<Integer, String> values, UnaryOperator<String> quote)
      throws InvalidExpression {
    StringBuilder out = new StringBuilder();
    int copied = 0;
    for (SqlToken token : tokens) {
      if (token.kind() == Kind.PARAMETER) {
        out.append(text, copied, token.start()).append(' ');
        out.append(quote.apply(value(token, values))).append(' ');
        copied = token.end();
      }
      if (out.length() > MOST_WITH_PARAMETERS) {
        throw new InvalidExpression("the parameters are bigger than maximum size (1 MB)");
      }
    }
    return out.append(text, copied, text.length()).toString();
  }

  /** Of a parameter. */
  static String value(SqlToken token, Map<Integer, String> values) throws InvalidExpression {
    String value = token.text().length() > 5 ? null : values.get(Integer.parseInt(token.text()));
    if (value == null) {
      throw new InvalidExpression(
          token.start(), "parameter $%s was not provided".formatted(token.text()));
    }
    if (value.indexOf('\0') >= 0 || !StandardCharsets.UTF_8.newEncoder().canEncode(value)) {
      throw new InvalidExpression(
          token.start(), "parameter $%s is no text that Postgres can have".formatted(token.text()));
    }
    return value;
  }

  /**
   * Where in this text the character at {@code place} of {@link #withParameters}' result comes
   * from.
   */
  int origin(int place, Map<Integer, String> values, UnaryOperator<String> quote) {
    int shift = 0;
    for (SqlToken token : tokens) {
      if (token.kind() != Kind.PARAMETER) {
        continue;
      }
      if (token.start() + shift >= place) {
        break;
      }
      int length = quote.apply(values.getOrDefault(Integer.valueOf(token.text()), "")).length() + 2;
      if (token.start() + shift + length > place) {
        return token.start();
      }
      shift += length - (token.end() - token.start());
    }
    return Math.max(0, place - shift);
  }
}
