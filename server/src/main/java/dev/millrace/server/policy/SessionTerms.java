package dev.millrace.server.policy;

import dev.millrace.server.filter.InvalidExpression;
import dev.millrace.server.filter.SqlScanner;
import dev.millrace.server.filter.SqlToken;
import dev.millrace.server.filter.SqlToken.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a condition asks of the session: {@code current_setting(…)}, {@code CURRENT_USER} and
 * functions that only wrap these, {@code ARRAY(SELECT …)}; and the largest parts around them that
 * name no column, so that {@code ((current_setting('request.jwt.claims'))::json ->> 'sub')::uuid}
 * becomes one value.
 *
 * <p>Relies on how Postgres prints conditions: what an operator takes stands in parentheses.
 */
final class SessionTerms {

  /** Words that name a role. */
  private static final Set<String> ROLE_WORDS =
      Set.of("current_role", "current_user", "session_user", "user");

  /** Before parentheses that hold operands of a comparison, not an expression. */
  private static final Set<String> BEFORE_OPERANDS = Set.of("all", "any", "in", "some");

  /** Before parentheses that hold an expression of its own; other names are functions. */
  private static final Set<String> BEFORE_EXPRESSIONS =
      Set.of(
          "and",
          "between",
          "both",
          "case",
          "collate",
          "else",
          "escape",
          "for",
          "from",
          "is",
          "leading",
          "like",
          "not",
          "or",
          "placing",
          "then",
          "trailing",
          "variadic",
          "when",
          "zone");

  /** Further words of the names of types. */
  private static final Set<String> TYPE_WORDS =
      Set.of("precision", "time", "varying", "with", "without", "zone");

  /**
   * A part of a condition.
   *
   * @param start characters before it
   * @param end one after its last character
   */
  record Part(int start, int end) {

    String of(String text) {
      return text.substring(start, end);
    }
  }

  /** From one token to another, both included. */
  private record Range(int first, int last) {}

  /**
   * What a call gives, when it asks the session.
   *
   * @param substitute a NULL for it
   */
  private record Leaf(Range range, String substitute) {

    static Leaf of(Range range, String type) {
      return new Leaf(range, "(NULL::" + type + ")");
    }
  }

  private final String text;
  private final List<SqlToken> tokens;
  private final int[] partners;
  private final Set<String> columns;
  private final Map<String, String> wrappers;

  private SessionTerms(
      String text, List<SqlToken> tokens, Set<String> columns, Map<String, String> wrappers) {
    this.text = text;
    this.tokens = tokens;
    this.partners = Brackets.partners(tokens);
    this.columns = columns;
    this.wrappers = wrappers;
  }

  /**
   * Looks at a condition.
   *
   * @param columns that it may name
   * @param wrappers by {@link #key}, the type that each gives
   */
  static SessionTerms in(String text, Set<String> columns, Map<String, String> wrappers)
      throws InvalidExpression {
    return new SessionTerms(text, SqlScanner.scan(text), columns, wrappers);
  }

  /** Whether a part of a condition is one that asks a table, {@code ARRAY(SELECT …)}. */
  static boolean readsTables(String part) throws InvalidExpression {
    return SqlScanner.scan(part).stream().anyMatch(token -> token.isKeyword("select"));
  }

  /** Whether a condition that Postgres has printed calls what is not in {@code pg_catalog}. */
  static boolean callsOthers(String canonical) throws InvalidExpression {
    return !others(canonical).isEmpty();
  }

  /**
   * A function or an operator that is not in {@code pg_catalog}.
   *
   * @param name of any of that name, whatever it takes
   */
  record Other(String schema, String name) {}

  /** What a condition that Postgres has printed calls outside {@code pg_catalog}. */
  static Set<Other> others(String canonical) throws InvalidExpression {
    List<SqlToken> tokens = SqlScanner.scan(canonical);
    Set<Other> others = new HashSet<>();
    for (int i = 3; i < tokens.size(); i++) {
      boolean isQualifiedCall =
          tokens.get(i).isSymbol("(")
              && tokens.get(i - 2).isSymbol(".")
              && !(i > 3 && tokens.get(i - 4).isSymbol("::"));
      if (isQualifiedCall) {
        others.add(new Other(tokens.get(i - 3).text(), tokens.get(i - 1).text()));
      }
    }
    for (int i = 0; i + 4 < tokens.size(); i++) {
      if (tokens.get(i).isKeyword("operator") && tokens.get(i + 1).isSymbol("(")) {
        others.add(new Other(tokens.get(i + 2).text(), tokens.get(i + 4).text()));
      }
    }
    return others;
  }

  /** What a function with a schema is known by. */
  static String key(String schema, String function) {
    return schema + "\0" + function;
  }

  /** The largest parts that ask the session and name no column, in their order. */
  List<Part> parts() throws InvalidExpression {
    List<Range> largest = new ArrayList<>();
    for (Leaf leaf : leaves()) {
      Range range = widened(leaf.range());
      if (tokens.get(leaf.range().first()).isKeyword("array") && !isOperand(range)) {
        throw new InvalidExpression("it has a subquery that more is made of");
      }
      largest.removeIf(one -> one.first() >= range.first() && one.last() <= range.last());
      if (largest.isEmpty() || largest.getLast().last() < range.first()) {
        largest.add(range);
      }
    }
    return largest.stream().map(this::part).toList();
  }

  /** Whether it stands alone in {@code ANY (…)} or {@code ALL (…)}: there only its values count. */
  private boolean isOperand(Range range) {
    int before = range.first() - 2;
    return isSymbol(range.first() - 1, "(")
        && isSymbol(range.last() + 1, ")")
        && before >= 0
        && isWord(tokens.get(before), BEFORE_OPERANDS);
  }

  /**
   * A comparison of a row with what a query gives.
   *
   * @param whole {@code (x, y) IN (ARRAY(SELECT …))}
   * @param columns {@code x} and {@code y}
   */
  record RowComparison(Part whole, List<String> columns) {}

  /**
   * The comparison that a query for rows is part of.
   *
   * @throws InvalidExpression if it is not of columns
   */
  RowComparison comparison(Part query) throws InvalidExpression {
    int first = 0;
    while (tokens.get(first).start() < query.start()) {
      first++;
    }
    if (first < 4 || !isSymbol(first - 3, ")") || !tokens.get(first - 2).isKeyword("in")) {
      throw new InvalidExpression("it has a subquery for more than a column");
    }
    Range row = new Range(partners[first - 3], first - 3);
    List<String> names = new ArrayList<>();
    for (int i = row.first() + 1; i < row.last(); i += 2) {
      if (!isNameAt(i) || !(isSymbol(i + 1, ",") || i + 1 == row.last())) {
        throw new InvalidExpression("it has a row of more than columns in front of IN");
      }
      names.add(part(new Range(i, i)).of(text));
    }
    int end = tokens.get(partners[first - 1]).end();
    return new RowComparison(new Part(part(row).start(), end), names);
  }

  /** The condition with NULLs in place of what it asks of the session. */
  String withoutSession() throws InvalidExpression {
    return replaced(
        leaves().stream().map(leaf -> part(leaf.range())).toList(),
        leaves().stream().map(Leaf::substitute).toList());
  }

  /** The condition with other texts in place of parts of it. */
  String replaced(List<Part> parts, List<String> others) {
    StringBuilder out = new StringBuilder();
    int at = 0;
    for (int i = 0; i < parts.size(); i++) {
      out.append(text, at, parts.get(i).start()).append(others.get(i));
      at = parts.get(i).end();
    }
    return out.append(text, at, text.length()).toString();
  }

  private Part part(Range range) {
    return new Part(tokens.get(range.first()).start(), tokens.get(range.last()).end());
  }

  // --- what asks the session ---

  private List<Leaf> leaves() throws InvalidExpression {
    List<Leaf> leaves = new ArrayList<>();
    int i = 0;
    while (i < tokens.size()) {
      Leaf leaf = leafAt(i);
      if (leaf != null) {
        if (namesColumn(leaf.range()) && !tokens.get(i).isKeyword("array")) {
          throw new InvalidExpression("what it asks of the session depends on the row");
        }
        leaves.add(leaf);
      }
      i = leaf == null ? i + 1 : leaf.range().last() + 1;
    }
    return leaves;
  }

  private @Nullable Leaf leafAt(int i) {
    SqlToken token = tokens.get(i);
    if (isSymbol(i - 1, ".") || isSymbol(i - 1, "::") || token.kind() == Kind.STRING) {
      return null;
    }
    if (token.kind() == Kind.NAME && ROLE_WORDS.contains(token.text()) && !isSymbol(i + 1, "(")) {
      return Leaf.of(new Range(i, i), "name");
    }
    if (token.isKeyword("array") && isSymbol(i + 1, "(")) {
      Range query = new Range(i, partners[i + 1]);
      return new Leaf(query, isOfRows(query) ? nulls(i - 3) : "NULL");
    }
    if (token.isKeyword("current_setting") && isSymbol(i + 1, "(")) {
      return Leaf.of(new Range(i, partners[i + 1]), "text");
    }
    boolean isQualifiedCall =
        token.isName() && isSymbol(i + 1, ".") && isNameAt(i + 2) && isSymbol(i + 3, "(");
    if (isQualifiedCall) {
      String type = wrappers.get(key(token.text(), tokens.get(i + 2).text()));
      return type == null ? null : Leaf.of(new Range(i, partners[i + 3]), type);
    }
    return null;
  }

  /** Whether it stands where rows are to be put in. */
  private boolean isOfRows(Range query) {
    int first = query.first();
    return first >= 4
        && isSymbol(first - 1, "(")
        && tokens.get(first - 2).isKeyword("in")
        && isSymbol(first - 3, ")");
  }

  /** A row of as many. */
  private String nulls(int close) {
    StringBuilder nulls = new StringBuilder("(NULL");
    for (int i = partners[close] + 1; i < close; i++) {
      if (isSymbol(i, ",")) {
        nulls.append(", NULL");
      }
    }
    return nulls.append(')').toString();
  }

  private boolean isSymbol(int i, String symbol) {
    return i >= 0 && i < tokens.size() && tokens.get(i).isSymbol(symbol);
  }

  private boolean isNameAt(int i) {
    return i >= 0 && i < tokens.size() && tokens.get(i).isName();
  }

  /** Rather once too often: then a part is smaller than it could be. */
  private boolean namesColumn(Range range) {
    for (int i = range.first(); i <= range.last(); i++) {
      boolean isElse = isSymbol(i + 1, "(") || isSymbol(i + 1, ".") || isSymbol(i - 1, "::");
      if (isNameAt(i) && !isElse && columns.contains(tokens.get(i).text())) {
        return true;
      }
    }
    return false;
  }

  // --- what stands around it ---

  private Range widened(Range leaf) {
    Range range = leaf;
    while (true) {
      Range wider = wider(withCasts(range));
      if (wider.equals(range)) {
        return range;
      }
      range = wider;
    }
  }

  /** With the casts that follow. */
  private Range withCasts(Range range) {
    int last = range.last();
    while (isSymbol(last + 1, "::")) {
      last = lastOfType(last + 2);
    }
    return new Range(range.first(), last);
  }

  private int lastOfType(int first) {
    int last = isSymbol(first + 1, ".") ? first + 2 : first;
    boolean goesOn = true;
    while (goesOn) {
      goesOn = false;
      if (isNameAt(last + 1) && TYPE_WORDS.contains(tokens.get(last + 1).text())) {
        last++;
        goesOn = true;
      } else if (isSymbol(last + 1, "(") || isSymbol(last + 1, "[")) {
        last = partners[last + 1];
        goesOn = true;
      }
    }
    return last;
  }

  /** The parentheses around it with what they belong to, if no column is named in them. */
  private Range wider(Range range) {
    int open = enclosing(range);
    if (open < 0 || namesColumn(new Range(open, partners[open]))) {
      return range;
    }
    int close = partners[open];
    if (has("collate", open)) {
      // A constant would not compare as this does.
      return range;
    }
    SqlToken before = open == 0 ? null : tokens.get(open - 1);
    if (tokens.get(open).isSymbol("[")) {
      boolean isArray = before != null && before.isKeyword("array");
      return isArray ? new Range(open - 1, close) : range;
    }
    if (before != null && before.isName() && !isWord(before, BEFORE_EXPRESSIONS)) {
      if (isWord(before, BEFORE_OPERANDS)) {
        return hasComma(open) ? range : new Range(open + 1, close - 1);
      }
      return new Range(isSymbol(open - 2, ".") ? open - 3 : open - 1, close);
    }
    return hasComma(open) ? range : new Range(open, close);
  }

  private static boolean isWord(SqlToken token, Set<String> words) {
    return token.kind() == Kind.NAME && words.contains(token.text());
  }

  private int enclosing(Range range) {
    for (int i = range.first() - 1; i >= 0; i--) {
      if (partners[i] > range.last()) {
        return i;
      }
    }
    return -1;
  }

  /** Whether that word stands in the parentheses, outside all others. */
  private boolean has(String word, int open) {
    int i = open + 1;
    while (i < partners[open]) {
      if (tokens.get(i).isKeyword(word)) {
        return true;
      }
      i = partners[i] > i ? partners[i] : i + 1;
    }
    return false;
  }

  private boolean hasComma(int open) {
    int i = open + 1;
    while (i < partners[open]) {
      if (isSymbol(i, ",")) {
        return true;
      }
      i = partners[i] > i ? partners[i] : i + 1;
    }
    return false;
  }
}
