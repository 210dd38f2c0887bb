package dev.millrace.server.filter;

import dev.millrace.server.filter.Expression.And;
import dev.millrace.server.filter.Expression.ArrayConstructor;
import dev.millrace.server.filter.Expression.BooleanTest;
import dev.millrace.server.filter.Expression.Branch;
import dev.millrace.server.filter.Expression.Call;
import dev.millrace.server.filter.Expression.Case;
import dev.millrace.server.filter.Expression.Cast;
import dev.millrace.server.filter.Expression.Coalesce;
import dev.millrace.server.filter.Expression.Collate;
import dev.millrace.server.filter.Expression.Constant;
import dev.millrace.server.filter.Expression.DistinctTest;
import dev.millrace.server.filter.Expression.Extreme;
import dev.millrace.server.filter.Expression.Not;
import dev.millrace.server.filter.Expression.NullIf;
import dev.millrace.server.filter.Expression.NullTest;
import dev.millrace.server.filter.Expression.Operation;
import dev.millrace.server.filter.Expression.Or;
import dev.millrace.server.filter.Expression.Place;
import dev.millrace.server.filter.Expression.RowComparison;
import dev.millrace.server.filter.Expression.ScalarArray;
import dev.millrace.server.filter.Expression.Subscript;
import dev.millrace.server.filter.Expression.Unknown;
import dev.millrace.server.filter.SqlToken.Kind;
import dev.millrace.server.postgres.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the one dialect in which Postgres prints expressions: every operation stands in parentheses
 * of its own, so there is no precedence to know. What it does not know it does not guess: the
 * conjunct that contains it becomes {@link Unknown}, with its text.
 *
 * <p>Methods that read something begin at the next token and leave the one after it as the next.
 *
 * @see <a
 *     href="https://github.com/postgres/postgres/blob/master/src/backend/utils/adt/ruleutils.c">
 *     ruleutils.c, which prints them</a>
 */
final class CanonicalParser {

  /** Deeper ones are Postgres' to evaluate; the stack is bounded. */
  private static final int MAX_DEPTH = 200;

  private static final TypeName INTEGER = TypeName.of("integer");
  private static final TypeName NUMERIC = TypeName.of("numeric");

  /** Of a string that nothing gives a type, as an argument that may be of any. */
  static final TypeName UNKNOWN = TypeName.of("unknown");

  private static final TypeName BOOLEAN = TypeName.of("boolean");
  static final TypeName TEXT = TypeName.of("text");

  /** Cannot be the name of a column or a function without quotes: something we do not know. */
  private static final Set<String> KEYWORDS =
      Set.of(
          "and",
          "or",
          "is",
          "any",
          "all",
          "from",
          "when",
          "then",
          "else",
          "end",
          "collate",
          "array",
          "row",
          "not",
          "case",
          "null",
          "true",
          "false",
          "variadic",
          "distinct");

  private final String text;
  private final List<SqlToken> tokens;
  private final List<Column> columns;
  private int at;
  private int depth;

  /** A form that this parser does not know. */
  private static final class UnknownForm extends Exception {
    private static final long serialVersionUID = 1L;

    UnknownForm() {
      super(null, null, false, false);
    }
  }

  private CanonicalParser(String text, List<SqlToken> tokens, List<Column> columns) {
    this.text = text;
    this.tokens = tokens;
    this.columns = columns;
  }

  /** A part of a filter, and the text it was read from. */
  record Conjunct(Expression expression, String sql) {}

  /** The parts of the filter that all have to hold. */
  static List<Conjunct> conjuncts(Filter filter, List<Column> columns) {
    List<SqlToken> tokens;
    try {
      tokens = SqlScanner.scan(filter.canonical());
    } catch (InvalidExpression e) {
      return List.of(new Conjunct(new Unknown(filter.canonical()), filter.canonical()));
    }
    List<Conjunct> conjuncts = new ArrayList<>();
    split(filter.canonical(), tokens, columns, conjuncts);
    return List.copyOf(conjuncts);
  }

  /** Takes conjunctions apart by their parentheses alone, so that each part is read by itself. */
  private static void split(
      String text, List<SqlToken> tokens, List<Column> columns, List<Conjunct> conjuncts) {
    List<SqlToken> inner = isEnclosed(tokens) ? tokens.subList(1, tokens.size() - 1) : tokens;
    List<Integer> separators = separators(inner);
    if (separators.isEmpty()) {
      conjuncts.add(new CanonicalParser(text, tokens, columns).conjunct());
      return;
    }
    int start = 0;
    for (int separator : separators) {
      split(text, inner.subList(start, separator), columns, conjuncts);
      start = separator + 1;
    }
    split(text, inner.subList(start, inner.size()), columns, conjuncts);
  }

  /** Whether the first parenthesis is closed by the last token. */
  private static boolean isEnclosed(List<SqlToken> tokens) {
    if (tokens.isEmpty() || !tokens.getFirst().isSymbol("(")) {
      return false;
    }
    int open = 0;
    for (int i = 0; i < tokens.size(); i++) {
      open += nesting(tokens.get(i));
      if (open == 0) {
        return i == tokens.size() - 1;
      }
    }
    return false;
  }

  private static int nesting(SqlToken token) {
    if (token.isSymbol("(") || token.isSymbol("[")) {
      return 1;
    }
    return token.isSymbol(")") || token.isSymbol("]") ? -1 : 0;
  }

  /** Places of AND outside all parentheses; none if there is anything else beside operands. */
  private static List<Integer> separators(List<SqlToken> tokens) {
    List<Integer> separators = new ArrayList<>();
    int open = 0;
    for (int i = 0; i < tokens.size(); i++) {
      SqlToken token = tokens.get(i);
      open += nesting(token);
      if (open == 0 && token.isKeyword("and")) {
        separators.add(i);
      } else if (open == 0 && (token.isKeyword("case") || token.isKeyword("or"))) {
        return List.of();
      }
    }
    return separators;
  }

  private Conjunct conjunct() {
    String sql = text.substring(tokens.getFirst().start(), tokens.getLast().end());
    try {
      Expression whole = expression();
      requireEnd();
      return new Conjunct(whole, sql);
    } catch (UnknownForm e) {
      return new Conjunct(new Unknown(sql), sql);
    }
  }

  private void requireEnd() throws UnknownForm {
    if (at < tokens.size()) {
      throw new UnknownForm();
    }
  }

  private @Nullable SqlToken peek() {
    return at < tokens.size() ? tokens.get(at) : null;
  }

  private SqlToken next() throws UnknownForm {
    if (at >= tokens.size()) {
      throw new UnknownForm();
    }
    return tokens.get(at++);
  }

  private boolean isSymbol(String symbol) {
    SqlToken token = peek();
    return token != null && token.isSymbol(symbol);
  }

  private boolean isKeyword(String word) {
    SqlToken token = peek();
    return token != null && token.isKeyword(word);
  }

  private boolean take(String wordOrSymbol) {
    boolean isThere = isSymbol(wordOrSymbol) || isKeyword(wordOrSymbol);
    at += isThere ? 1 : 0;
    return isThere;
  }

  private void expect(String wordOrSymbol) throws UnknownForm {
    if (!take(wordOrSymbol)) {
      throw new UnknownForm();
    }
  }

  /** What may stand between parentheses or commas. */
  private Expression expression() throws UnknownForm {
    if (++depth > MAX_DEPTH) {
      throw new UnknownForm();
    }
    Expression result = operation();
    depth--;
    return result;
  }

  private Expression operation() throws UnknownForm {
    if (take("not")) {
      return new Not(operand());
    }
    SqlToken first = peek();
    if (first != null && isOperator(first)) {
      at++;
      return new Operation(first.text(), List.of(operand()));
    }
    if (isKeyword("row")) {
      return rowComparison();
    }
    Expression left = operand();
    SqlToken token = peek();
    if (token == null) {
      return left;
    }
    if (isOperator(token)) {
      at++;
      return binary(token.text(), left);
    }
    return switch (token.kind() == Kind.NAME ? token.text() : "") {
      case "and" -> new And(list(left, "and"));
      case "or" -> new Or(list(left, "or"));
      case "is" -> test(left);
      case "collate" -> collate(left);
      case "at" -> atTimeZone(left);
      default -> left;
    };
  }

  private static boolean isOperator(SqlToken token) {
    return token.kind() == Kind.SYMBOL
        && !Set.of("(", ")", "[", "]", ",", ".", ":", "::").contains(token.text());
  }

  private Expression binary(String operator, Expression left) throws UnknownForm {
    boolean isAny = isKeyword("any");
    if (take("any") || take("all")) {
      expect("(");
      Expression array = expression();
      expect(")");
      return new ScalarArray(operator, left, array, isAny);
    }
    return new Operation(operator, List.of(left, operand()));
  }

  private List<Expression> list(Expression first, String separator) throws UnknownForm {
    List<Expression> all = new ArrayList<>(List.of(first));
    while (take(separator)) {
      all.add(operand());
    }
    return all;
  }

  private Expression test(Expression operand) throws UnknownForm {
    expect("is");
    boolean isNegated = take("not");
    if (take("null")) {
      return new NullTest(operand, isNegated);
    }
    if (take("true")) {
      return new BooleanTest(operand, true, isNegated);
    }
    if (take("false")) {
      return new BooleanTest(operand, false, isNegated);
    }
    if (take("unknown")) {
      return new BooleanTest(operand, null, isNegated);
    }
    expect("distinct");
    expect("from");
    Expression distinct = new DistinctTest(operand, operand());
    return isNegated ? new Not(distinct) : distinct;
  }

  private Expression collate(Expression operand) throws UnknownForm {
    expect("collate");
    return new Collate(operand, qualifiedName());
  }

  /** As SQL: quoted where it was. */
  private String qualifiedName() throws UnknownForm {
    int start = at;
    do {
      if (!next().isName()) {
        throw new UnknownForm();
      }
    } while (take("."));
    return text.substring(tokens.get(start).start(), tokens.get(at - 1).end());
  }

  private Expression atTimeZone(Expression operand) throws UnknownForm {
    expect("at");
    expect("time");
    expect("zone");
    return new Call("timezone", List.of(operand(), operand), true);
  }

  private Expression rowComparison() throws UnknownForm {
    List<Expression> left = row();
    SqlToken operator = next();
    if (!isOperator(operator)) {
      throw new UnknownForm();
    }
    List<Expression> right = row();
    if (left.size() != right.size()) {
      throw new UnknownForm();
    }
    return new RowComparison(operator.text(), left, right);
  }

  private List<Expression> row() throws UnknownForm {
    expect("row");
    return arguments();
  }

  /** Something with casts and subscripts behind it. */
  private Expression operand() throws UnknownForm {
    Expression operand = primary();
    while (true) {
      if (take("::")) {
        operand = cast(operand, typeName());
      } else if (isSymbol("[")) {
        operand = subscript(operand);
      } else {
        return operand;
      }
    }
  }

  /** A constant has no type before its first cast, which says what it is. */
  private static Expression cast(Expression operand, TypeName type) {
    if (!(operand instanceof Constant constant) || !constant.type().equals(UNTYPED)) {
      return new Cast(operand, type);
    }
    TypeName plain = new TypeName(type.name(), List.of(), type.isArray());
    Constant typed = new Constant(constant.text(), plain);
    // What the modifiers ask for may not have been done yet.
    return type.modifiers().isEmpty() ? typed : new Cast(typed, type);
  }

  private static final TypeName UNTYPED = TypeName.of("");

  private Expression primary() throws UnknownForm {
    SqlToken token = next();
    return switch (token.kind()) {
      case STRING -> string(token);
      case NUMBER -> number(token.text());
      case QUOTED_NAME -> quotedName(token.text());
      case NAME -> named(token.text());
      case SYMBOL -> token.isSymbol("(") ? enclosed() : unknown();
      case PARAMETER -> unknown();
    };
  }

  /** Functions whose names are keywords have quotes too. */
  private Expression quotedName(String name) throws UnknownForm {
    if (isSymbol("(")) {
      return new Call(name, arguments(), false);
    }
    return isSymbol(".") ? unknown() : column(name);
  }

  private Expression enclosed() throws UnknownForm {
    Expression inner = expression();
    expect(")");
    return inner;
  }

  private static Expression unknown() throws UnknownForm {
    throw new UnknownForm();
  }

  /** Strings are printed without escapes, and bit strings with a prefix. */
  private Expression string(SqlToken token) throws UnknownForm {
    String quoted = token.text();
    if (!quoted.startsWith("'")) {
      throw new UnknownForm();
    }
    String value = quoted.substring(1, quoted.length() - 1).replace("''", "'");
    return new Constant(value, isSymbol("::") ? UNTYPED : UNKNOWN);
  }

  private static Expression number(String digits) {
    boolean isInteger = digits.chars().allMatch(c -> c >= '0' && c <= '9');
    return new Constant(digits, isInteger ? INTEGER : NUMERIC);
  }

  private Expression column(String name) throws UnknownForm {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equals(name)) {
        return new Expression.Column(i, name);
      }
    }
    throw new UnknownForm();
  }

  private Expression named(String name) throws UnknownForm {
    return switch (name) {
      case "true" -> new Constant("t", BOOLEAN);
      case "false" -> new Constant("f", BOOLEAN);
      case "null" -> isSymbol("::") ? new Constant(null, UNTYPED) : unknown();
      case "case" -> caseExpression();
      case "array" -> arrayConstructor();
      default -> {
        if (isSymbol("(")) {
          yield call(name);
        }
        yield KEYWORDS.contains(name) || isSymbol(".") ? unknown() : column(name);
      }
    };
  }

  private Expression caseExpression() throws UnknownForm {
    Expression operand = isKeyword("when") ? null : expression();
    List<Branch> branches = new ArrayList<>();
    while (take("when")) {
      Expression condition = expression();
      expect("then");
      branches.add(new Branch(condition, expression()));
    }
    Expression otherwise = take("else") ? expression() : null;
    expect("end");
    return new Case(operand, branches, otherwise);
  }

  private Expression arrayConstructor() throws UnknownForm {
    expect("[");
    List<Expression> elements = new ArrayList<>();
    if (!isSymbol("]")) {
      do {
        elements.add(expression());
      } while (take(","));
    }
    expect("]");
    return new ArrayConstructor(elements);
  }

  private Expression subscript(Expression array) throws UnknownForm {
    List<Place> places = new ArrayList<>();
    boolean isSlice = false;
    while (take("[")) {
      Expression from = isSymbol(":") ? null : expression();
      if (take(":")) {
        isSlice = true;
        places.add(new Place(from, isSymbol("]") ? null : expression()));
      } else {
        places.add(new Place(null, from));
      }
      expect("]");
    }
    return new Subscript(array, places, isSlice);
  }

  private Expression call(String name) throws UnknownForm {
    return switch (name) {
      case "coalesce" -> new Coalesce(arguments());
      case "greatest" -> new Extreme(true, arguments());
      case "least" -> new Extreme(false, arguments());
      case "nullif" -> {
        List<Expression> both = arguments();
        yield both.size() == 2 ? new NullIf(both.get(0), both.get(1)) : unknown();
      }
      case "extract" -> extract();
      case "substring" -> substring();
      case "position" -> position();
      case "trim" -> trim();
      case "row", "any", "all", "exists", "operator", "overlay", "normalize" -> unknown();
      default -> new Call(name, arguments(), false);
    };
  }

  private List<Expression> arguments() throws UnknownForm {
    expect("(");
    List<Expression> arguments = new ArrayList<>();
    if (!isSymbol(")")) {
      do {
        arguments.add(expression());
      } while (take(","));
    }
    expect(")");
    return arguments;
  }

  /** {@code EXTRACT(year FROM d)}. */
  private Expression extract() throws UnknownForm {
    expect("(");
    SqlToken field = next();
    if (!field.isName()) {
      throw new UnknownForm();
    }
    expect("from");
    Expression source = expression();
    expect(")");
    return new Call("extract", List.of(new Constant(field.text(), TEXT), source), true);
  }

  /** {@code SUBSTRING(s FROM 1 FOR 2)}, or with commas. */
  private Expression substring() throws UnknownForm {
    int start = at;
    expect("(");
    List<Expression> arguments = new ArrayList<>(List.of(expression()));
    if (!take("from")) {
      at = start;
      return new Call("substring", arguments(), false);
    }
    arguments.add(expression());
    if (take("for")) {
      arguments.add(expression());
    }
    expect(")");
    return new Call("substring", arguments, true);
  }

  /** {@code POSITION((part) IN (whole))}. */
  private Expression position() throws UnknownForm {
    expect("(");
    Expression part = operand();
    if (!take("in")) {
      throw new UnknownForm();
    }
    Expression whole = operand();
    expect(")");
    return new Call("position", List.of(whole, part), true);
  }

  /** {@code TRIM(BOTH FROM s)}, {@code TRIM(LEADING 'x' FROM s)}. */
  private Expression trim() throws UnknownForm {
    expect("(");
    String function = take("leading") ? "ltrim" : take("trailing") ? "rtrim" : "btrim";
    if (function.equals("btrim")) {
      expect("both");
    }
    List<Expression> arguments = new ArrayList<>();
    if (!isKeyword("from")) {
      arguments.add(expression());
    }
    expect("from");
    arguments.addFirst(expression());
    expect(")");
    return new Call(function, arguments, true);
  }

  private TypeName typeName() throws UnknownForm {
    StringBuilder name = new StringBuilder(qualifiedName());
    List<Integer> modifiers = modifiers();
    String first = name.toString();
    if (first.equals("double")) {
      expect("precision");
      name.append(" precision");
    } else if (first.equals("character") && take("varying")) {
      name.append(" varying");
      modifiers = modifiers();
    } else if (first.equals("timestamp") || first.equals("time")) {
      boolean isZoned = take("with");
      if (isZoned || take("without")) {
        expect("time");
        expect("zone");
        name.append(isZoned ? " with time zone" : " without time zone");
      }
    } else if (first.equals("bit") && take("varying")) {
      throw new UnknownForm();
    } else if (first.equals("interval") && isIntervalField()) {
      throw new UnknownForm();
    }
    boolean isArray = take("[");
    if (isArray) {
      expect("]");
    }
    return new TypeName(name.toString(), modifiers, isArray);
  }

  private boolean isIntervalField() {
    SqlToken token = peek();
    return token != null
        && Set.of("year", "month", "day", "hour", "minute", "second").contains(token.text());
  }

  private List<Integer> modifiers() throws UnknownForm {
    List<Integer> modifiers = new ArrayList<>();
    if (take("(")) {
      do {
        boolean isNegative = take("-");
        SqlToken number = next();
        if (number.kind() != Kind.NUMBER || number.text().length() > 9) {
          throw new UnknownForm();
        }
        int value = Integer.parseInt(number.text());
        modifiers.add(isNegative ? -value : value);
      } while (take(","));
      expect(")");
    }
    return modifiers;
  }
}
