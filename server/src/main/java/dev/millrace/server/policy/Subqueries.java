package dev.millrace.server.policy;

import dev.millrace.protocol.RelationName;
import dev.millrace.protocol.SqlIdentifier;
import dev.millrace.server.filter.InvalidExpression;
import dev.millrace.server.filter.SqlScanner;
import dev.millrace.server.filter.SqlToken;
import dev.millrace.server.postgres.Column;
import dev.millrace.server.postgres.Table;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Brings the queries in a condition into one form, {@code = ANY (ARRAY(SELECT …))}, where the query
 * names nothing of the row and its values can be asked for once. Relies on how Postgres prints.
 *
 * <ul>
 *   <li>{@code x IN (SELECT …)} means that already.
 *   <li>{@code (x, y) IN (SELECT …)} becomes {@code (x, y) IN (ARRAY(SELECT …))}, for which rows
 *       have to be put in.
 *   <li>{@code EXISTS (SELECT … WHERE m.a = t.x AND …)} does where it is not negated: there it is
 *       the same whether NULL is unknown or false.
 *   <li>{@code (SELECT auth.uid() AS uid)} reads no table, and is what it selects.
 * </ul>
 */
final class Subqueries {

  /** What ends a condition in a query. */
  private static final List<String> CLAUSES =
      List.of(
          "except",
          "fetch",
          "for",
          "group",
          "having",
          "intersect",
          "limit",
          "offset",
          "order",
          "union",
          "window");

  private final String table;
  private String text;
  private List<SqlToken> tokens;
  private int[] partners;

  private Subqueries(String table, String text) throws InvalidExpression {
    this.table = table;
    this.text = text;
    this.tokens = SqlScanner.scan(text);
    this.partners = Brackets.partners(tokens);
  }

  private void become(String other) throws InvalidExpression {
    text = other;
    tokens = SqlScanner.scan(other);
    partners = Brackets.partners(tokens);
  }

  /**
   * The same condition in that form.
   *
   * @param table by which the condition names the columns of its row within queries
   * @throws InvalidExpression if there is a query of another kind
   */
  static String rewritten(String condition, String table) throws InvalidExpression {
    Subqueries subqueries = new Subqueries(table, condition);
    while (subqueries.rewriteOne()) {
      // There may be more.
    }
    return subqueries.text;
  }

  private boolean rewriteOne() throws InvalidExpression {
    for (int i = 1; i < tokens.size(); i++) {
      boolean isQuery = tokens.get(i).isKeyword("select") && tokens.get(i - 1).isSymbol("(");
      if (isQuery && !isKeyword(i - 2, "array")) {
        rewrite(i);
        return true;
      }
    }
    return false;
  }

  private void rewrite(int select) throws InvalidExpression {
    int open = select - 1;
    int close = partners[open];
    String query = between(open, close);
    if (isKeyword(open - 1, "in")) {
      boolean isRow = isList(select, find("from", select, close));
      replace(open - 1, close, (isRow ? "IN" : "= ANY") + " (ARRAY(" + query + "))");
    } else if (isKeyword(open - 1, "exists") && isPositive(open - 1, close)) {
      replace(open - 1, close, membership(select, close));
    } else if (find("from", select, close) < 0 && isPlain(select, close)) {
      int end = find("as", select, close);
      replace(open, close, "(" + between(select, end < 0 ? close : end) + ")");
    } else {
      throw new InvalidExpression("it has a subquery that is neither IN nor a plain EXISTS");
    }
  }

  /** Whether it is one expression, perhaps with a name, and nothing else decides on its value. */
  private boolean isPlain(int select, int close) {
    int end = find("as", select, close);
    boolean isNamedLast = end < 0 || end + 2 == close;
    return isNamedLast
        && find("where", select, close) < 0
        && CLAUSES.stream().noneMatch(word -> find(word, select, close) >= 0);
  }

  /** Whether a comma stands between two tokens, outside all parentheses. */
  private boolean isList(int after, int before) {
    int i = after + 1;
    while (i < before) {
      if (isSymbol(i, ",")) {
        return true;
      }
      i = partners[i] > i ? partners[i] + 1 : i + 1;
    }
    return false;
  }

  private boolean isKeyword(int i, String word) {
    return i >= 0 && i < tokens.size() && tokens.get(i).isKeyword(word);
  }

  private boolean isName(int i) {
    return i < tokens.size() && tokens.get(i).isName();
  }

  private boolean isSymbol(int i, String symbol) {
    return i >= 0 && i < tokens.size() && tokens.get(i).isSymbol(symbol);
  }

  /** What stands between two tokens. */
  private String between(int before, int after) {
    return text.substring(tokens.get(before).end(), tokens.get(after).start()).strip();
  }

  private void replace(int first, int last, String other) throws InvalidExpression {
    become(
        text.substring(0, tokens.get(first).start())
            + other
            + text.substring(tokens.get(last).end()));
  }

  /** The first such word after one token and before another, outside all parentheses. */
  private int find(String word, int after, int before) {
    int i = after + 1;
    while (i < before) {
      if (isKeyword(i, word)) {
        return i;
      }
      i = partners[i] > i ? partners[i] + 1 : i + 1;
    }
    return -1;
  }

  /** Whether nothing but AND and OR is made of it. */
  private boolean isPositive(int first, int last) {
    int from = first;
    int to = last;
    while (true) {
      boolean isOperand =
          (from == 0 || isSymbol(from - 1, "(") || isJunction(from - 1))
              && (to == tokens.size() - 1 || isSymbol(to + 1, ")") || isJunction(to + 1));
      if (!isOperand) {
        return false;
      }
      int open = enclosing(from, to);
      if (open < 0) {
        return true;
      }
      from = open;
      to = partners[open];
    }
  }

  private boolean isJunction(int i) {
    return isKeyword(i, "and") || isKeyword(i, "or");
  }

  private int enclosing(int from, int to) {
    for (int i = from - 1; i >= 0; i--) {
      if (partners[i] > to) {
        return i;
      }
    }
    return -1;
  }

  // --- EXISTS ---

  /** Of {@code SELECT … FROM … WHERE}, in which one conjunct says what is equal to the row's. */
  private String membership(int select, int close) throws InvalidExpression {
    int from = find("from", select, close);
    int where = find("where", select, close);
    if (from < 0 || where < 0) {
      throw new InvalidExpression("it has an EXISTS that does not depend on the row");
    }
    for (int i = select + 1; i < from; i++) {
      // A call may be an aggregate, or give any number of rows.
      if (isSymbol(i, "(") || isKeyword(i, "distinct")) {
        throw new InvalidExpression("it has an EXISTS that selects more than columns");
      }
    }
    List<String> others = new ArrayList<>();
    String element = "";
    String value = "";
    for (Range conjunct : conjuncts(where + 1, close - 1)) {
      if (!namesRow(conjunct)) {
        others.add(text(conjunct));
        continue;
      }
      Range equality = unwrapped(conjunct);
      if (!element.isEmpty() || equality.size() != 7 || !isSymbol(equality.first() + 3, "=")) {
        throw new InvalidExpression("it has an EXISTS with more than one equality of columns");
      }
      Range left = new Range(equality.first(), equality.first() + 2);
      Range right = new Range(equality.first() + 4, equality.last());
      boolean isMirrored = namesRow(left);
      element = text(isMirrored ? right : left);
      value =
          text(new Range((isMirrored ? left : right).last(), (isMirrored ? left : right).last()));
      if (namesRow(isMirrored ? right : left)) {
        throw new InvalidExpression("it has an EXISTS that compares the row with itself");
      }
    }
    if (element.isEmpty()) {
      throw new InvalidExpression("it has an EXISTS that does not depend on the row");
    }
    String condition = others.isEmpty() ? "" : " WHERE (" + String.join(" AND ", others) + ")";
    return "(%s = ANY (ARRAY(SELECT %s FROM %s%s)))"
        .formatted(value, element, between(from, where), condition);
  }

  /** From one token to another, both included. */
  private record Range(int first, int last) {
    int size() {
      return last - first + 1;
    }
  }

  private String text(Range range) {
    return text.substring(tokens.get(range.first()).start(), tokens.get(range.last()).end());
  }

  private Range unwrapped(Range range) {
    Range inner = range;
    while (isSymbol(inner.first(), "(") && partners[inner.first()] == inner.last()) {
      inner = new Range(inner.first() + 1, inner.last() - 1);
    }
    return inner;
  }

  private List<Range> conjuncts(int first, int last) {
    Range all = unwrapped(new Range(first, last));
    List<Range> conjuncts = new ArrayList<>();
    int start = all.first();
    int and = find("and", start - 1, all.last());
    while (and >= 0) {
      conjuncts.add(new Range(start, and - 1));
      start = and + 1;
      and = find("and", start - 1, all.last());
    }
    conjuncts.add(new Range(start, all.last()));
    return conjuncts;
  }

  /** Whether a column of the row that the policy is about stands there. */
  private boolean namesRow(Range range) {
    for (int i = range.first(); i <= range.last(); i++) {
      boolean isQualifier = tokens.get(i).isName() && isSymbol(i + 1, ".") && !isSymbol(i - 1, ".");
      if (isQualifier && tokens.get(i).text().equals(table)) {
        return true;
      }
    }
    return false;
  }

  // --- the form that all have in the end ---

  /**
   * A query for values of a column, or of several together.
   *
   * @param where which rows count, naming columns of the table alone but for what {@code
   *     ARRAY(SELECT …)} asks in it
   */
  record Values(RelationName table, List<String> columns, String where) {

    boolean isOfRows() {
      return columns.size() > 1;
    }

    Values where(String other) {
      return new Values(table, columns, other);
    }

    /** Each once; tables that inherit have changes of their own. */
    String query() {
      return "SELECT DISTINCT %s FROM ONLY %s WHERE %s"
          .formatted(
              columns.stream().map(SqlIdentifier::quote).collect(Collectors.joining(", ")),
              table.quoted(),
              where);
    }
  }

  /**
   * What {@code ARRAY(SELECT …)} asks for.
   *
   * @throws InvalidExpression if it reads more than one table, or the row
   */
  static Values values(String array) throws InvalidExpression {
    return new Subqueries("", array).values();
  }

  private Values values() throws InvalidExpression {
    int select = 2;
    int close = tokens.size() - 1;
    if (!isKeyword(0, "array") || partners[1] != close) {
      throw new InvalidExpression("it has a subquery that more is made of");
    }
    int target = isKeyword(select + 1, "distinct") ? select + 2 : select + 1;
    int from = find("from", select, close);
    List<String> columns = columns(target, from);
    int where = find("where", from, close);
    int end = where < 0 ? close : where;
    int name = isSymbol(from + 2, ".") ? from + 3 : from + 1;
    int alias = name + 1 < end ? name + 1 : name;
    boolean isOneTable =
        isSymbol(from + 2, ".")
            && end == alias + 1
            && tokens.get(alias).text().equals(tokens.get(target).text());
    if (!isOneTable || CLAUSES.stream().anyMatch(word -> find(word, from, close) >= 0)) {
      throw new InvalidExpression("it has a subquery over more than the rows of one table");
    }
    return new Values(
        new RelationName(tokens.get(from + 1).text(), tokens.get(name).text()),
        columns,
        where < 0 ? "true" : withoutQualifier(where, close, tokens.get(alias).text()));
  }

  /** The targets of a query, which must be columns of one table. */
  private List<String> columns(int first, int from) throws InvalidExpression {
    List<String> columns = new ArrayList<>();
    int i = first;
    while (i < from) {
      int end = isKeyword(i + 3, "as") ? i + 5 : i + 3;
      boolean isColumn =
          isColumnAt(i)
              && tokens.get(i).text().equals(tokens.get(first).text())
              && (end == from || isSymbol(end, ","));
      if (!isColumn) {
        break;
      }
      columns.add(tokens.get(i + 2).text());
      i = end == from ? from : end + 1;
    }
    if (i != from || columns.isEmpty()) {
      throw new InvalidExpression("it has a subquery for more than columns");
    }
    return columns;
  }

  private boolean isColumnAt(int i) {
    return isName(i) && isSymbol(i + 1, ".") && isName(i + 2);
  }

  private String withoutQualifier(int where, int close, String alias) throws InvalidExpression {
    StringBuilder out = new StringBuilder();
    int at = tokens.get(where).end();
    int i = where;
    while (++i < close) {
      if (isKeyword(i, "array") && isSymbol(i + 1, "(")) {
        // It names its own columns.
        i = partners[i + 1];
        continue;
      }
      if (isKeyword(i, "select")) {
        throw new InvalidExpression("it has a subquery that is neither IN nor a plain EXISTS");
      }
      boolean isColumn =
          isColumnAt(i)
              && i + 2 < close
              && !isSymbol(i - 1, ".")
              && !isSymbol(i - 1, "::")
              && !isSymbol(i + 3, "(");
      if (isColumn) {
        if (!tokens.get(i).text().equals(alias)) {
          throw new InvalidExpression("it has a subquery that depends on the row");
        }
        out.append(text, at, tokens.get(i).start());
        at = tokens.get(i + 2).start();
      }
    }
    return out.append(text, at, tokens.get(close).start()).toString().strip();
  }

  /**
   * Asks for the values in an order of their own: an array, or for rows a text, {@code ('1'::int,
   * '2'::int), …}.
   */
  static String question(Values values, Table table) {
    if (!values.isOfRows()) {
      return "ARRAY(%s ORDER BY 1)".formatted(values.query());
    }
    List<String> types = new ArrayList<>();
    for (String name : values.columns()) {
      Column column =
          table.columns().stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow();
      types.add(typeName(column.typeOid()));
    }
    String form = String.join(", ", Collections.nCopies(types.size(), "%L::%s"));
    List<String> arguments = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      arguments.add(SqlIdentifier.quote(values.columns().get(i)));
      arguments.add(types.get(i));
    }
    return """
    SELECT coalesce(pg_catalog.string_agg(row, ', ' ORDER BY row COLLATE "C"), '')
      FROM (SELECT DISTINCT pg_catalog.format('(%s)', %s) AS row
              FROM ONLY %s WHERE %s) AS rows\
    """
        .formatted(form, String.join(", ", arguments), values.table().quoted(), values.where());
  }

  private static String typeName(int oid) {
    return """
    (SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(t.typname)
       FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
      WHERE t.oid = %d)\
    """
        .formatted(Integer.toUnsignedLong(oid));
  }
}
