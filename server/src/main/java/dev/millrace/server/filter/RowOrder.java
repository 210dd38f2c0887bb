package dev.millrace.server.filter;

import dev.millrace.protocol.SqlIdentifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * An ORDER BY list of plain columns. Immutable.
 *
 * @param terms at least one
 */
public record RowOrder(List<Term> terms) {

  public RowOrder {
    terms = List.copyOf(terms);
  }

  /**
   * One column.
   *
   * @param location characters before it
   * @param suffix {@code desc nulls last} and the like, made of keywords only
   */
  public record Term(String column, int location, String suffix) {}

  /**
   * Reads {@code a, "B" desc, c asc nulls first}.
   *
   * @throws InvalidExpression if a term is anything but a column
   */
  public static RowOrder parse(String text) throws InvalidExpression {
    List<SqlToken> tokens = SqlExpression.of(text).tokens();
    List<Term> terms = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= tokens.size(); i++) {
      if (i == tokens.size() || tokens.get(i).isSymbol(",")) {
        terms.add(term(tokens.subList(start, i), text));
        start = i + 1;
      }
    }
    return new RowOrder(terms);
  }

  private static Term term(List<SqlToken> tokens, String text) throws InvalidExpression {
    if (tokens.isEmpty()) {
      throw new InvalidExpression(text.length(), "syntax error in ORDER BY clause");
    }
    SqlToken first = tokens.getFirst();
    if (first.kind() == SqlToken.Kind.PARAMETER) {
      throw new InvalidExpression(
          first.start(),
          "parameter $%s is not supported in ORDER BY clauses".formatted(first.text()));
    }
    List<SqlToken> rest = tokens.subList(1, tokens.size());
    boolean allNames = rest.stream().allMatch(token -> token.kind() == SqlToken.Kind.NAME);
    String suffix = rest.stream().map(SqlToken::text).collect(Collectors.joining(" "));
    boolean isPlain =
        first.isName() && allNames && suffix.matches("(asc|desc)?( ?nulls (first|last))?");
    if (!isPlain) {
      throw new InvalidExpression(first.start(), "expressions are not allowed in ORDER BY clauses");
    }
    return new Term(first.text(), first.start(), suffix);
  }

  /** Refuses columns that are none of {@code known}. */
  public void requireColumns(Set<String> known) throws InvalidExpression {
    for (Term term : terms) {
      if (!known.contains(term.column())) {
        throw new InvalidExpression(term.location(), "unknown reference " + term.column());
      }
    }
  }

  /** The list as SQL, names quoted. */
  public String sql() {
    return terms.stream()
        .map(term -> SqlIdentifier.quote(term.column()) + " " + term.suffix())
        .collect(Collectors.joining(", "));
  }
}
