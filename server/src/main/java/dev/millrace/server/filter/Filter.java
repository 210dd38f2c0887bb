package dev.millrace.server.filter;

/**
 * A condition on the rows of one table in the form in which Postgres prints it: every cast written
 * out, every constant with its type, fully parenthesised, on one line. What makes two conditions
 * the same is this text. Immutable.
 *
 * <p>Columns stand by their names alone. Types, functions and operators outside {@code pg_catalog}
 * carry their schema ({@code 'a'::public.mood}, {@code OPERATOR(public.=)}), so the text means the
 * same on every search path.
 *
 * @param canonical such as {@code ((year >= 1900) AND (title ~~ 'a%'::text))}; at most 512 kB, with
 *     at most 500 parentheses in one another
 */
public record Filter(String canonical) {

  /** Some texts grow a lot when they are printed. */
  static final int MOST_CHARACTERS = 512 << 10;

  private static final int MOST_DEPTH = 500;

  /**
   * What Postgres has printed.
   *
   * @throws InvalidExpression if it is too long, or too deep for those who walk through it
   */
  static Filter of(String printed) throws InvalidExpression {
    if (printed.length() > MOST_CHARACTERS) {
      throw new InvalidExpression("the expression is bigger than maximum size (512 kB)");
    }
    if (depth(printed) > MOST_DEPTH) {
      throw new InvalidExpression("the expression is nested too deeply");
    }
    return new Filter(printed);
  }

  /** What both take. */
  public Filter and(Filter other) {
    return new Filter("(" + canonical + " AND " + other.canonical + ")");
  }

  private static int depth(String printed) {
    int depth = 0;
    int deepest = 0;
    char quote = 0;
    for (int i = 0; i < printed.length(); i++) {
      char c = printed.charAt(i);
      if (quote != 0) {
        quote = c == quote ? 0 : quote;
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == '(') {
        deepest = Math.max(deepest, ++depth);
      } else if (c == ')') {
        depth--;
      }
    }
    return deepest;
  }
}
