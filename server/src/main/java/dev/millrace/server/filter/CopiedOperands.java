package dev.millrace.server.filter;

import dev.millrace.server.filter.SqlToken.Kind;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/**
 * Refuses texts that grow out of bounds when Postgres reads them. It takes {@code x in (a, b)} for
 * {@code x = a or x = b} and {@code x between a and b} for two comparisons, with a copy of {@code
 * x} in each: thirty of them around one another are a thousand million comparisons, and no time
 * limit ends that. So such a test may not stand in the operand of another, and a long operand not
 * before a long list.
 */
final class CopiedOperands {

  /** Words and marks that end an operand of a test. */
  private static final Set<String> SEPARATORS =
      Set.of("and", "or", "not", "when", "then", "else", ",");

  /** Tokens of an operand times items of the list after it. */
  private static final long MOST_COPIED = 200_000;

  /** Of {@code between symmetric}, which copies all three operands. */
  private static final int MOST_SYMMETRIC = 5;

  /** A text between parentheses, brackets or {@code case} and {@code end}. */
  private static final class Group {

    private final boolean isCase;
    private final int copied;
    private int operandStart;
    private int items = 1;
    private boolean hasTest;
    private boolean operandHasTest;

    /**
     * An empty one.
     *
     * @param start its first token
     * @param copied tokens that each of its items goes with
     */
    private Group(boolean isCase, int start, int copied) {
      this.isCase = isCase;
      this.copied = copied;
      this.operandStart = start;
    }

    private void beginOperand(int start) {
      operandStart = start;
      operandHasTest = false;
    }
  }

  private final List<SqlToken> tokens;
  private final Deque<Group> open = new ArrayDeque<>();
  private int symmetric;

  /** Tokens of the operand of the last test. */
  private int tested;

  private CopiedOperands(List<SqlToken> tokens) {
    this.tokens = tokens;
    open.push(new Group(false, 0, 0));
  }

  /**
   * Checks a text whose parentheses match.
   *
   * @throws InvalidExpression where it would grow too much
   */
  static void check(List<SqlToken> tokens) throws InvalidExpression {
    CopiedOperands operands = new CopiedOperands(tokens);
    for (int i = 0; i < tokens.size(); i++) {
      operands.take(i);
    }
  }

  private void take(int place) throws InvalidExpression {
    SqlToken token = tokens.get(place);
    if (token.isSymbol("(") || token.isSymbol("[") || token.isKeyword("case")) {
      boolean isList = place > 0 && tokens.get(place - 1).isKeyword("in");
      open.push(new Group(token.isKeyword("case"), place + 1, isList ? tested : 0));
    } else if (token.isSymbol(")") || token.isSymbol("]")) {
      while (open.element().isCase) {
        close(token);
      }
      close(token);
    } else if (token.isKeyword("end") && open.element().isCase) {
      close(token);
    } else if (isTest(place)) {
      test(place);
    } else if (token.isKeyword("symmetric") && ++symmetric > MOST_SYMMETRIC) {
      throw tooMuch(token);
    } else if (isSeparator(place)) {
      open.element().items += token.isSymbol(",") ? 1 : 0;
      open.element().beginOperand(place + 1);
    }
  }

  private boolean isSeparator(int place) {
    SqlToken token = tokens.get(place);
    boolean isWordOrMark = token.kind() == Kind.NAME || token.kind() == Kind.SYMBOL;
    // The operand of NOT IN stands before the NOT.
    return isWordOrMark
        && SEPARATORS.contains(token.text())
        && !(token.isKeyword("not") && isTest(place + 1));
  }

  private boolean isTest(int place) {
    return place < tokens.size()
        && (tokens.get(place).isKeyword("in") || tokens.get(place).isKeyword("between"));
  }

  private void close(SqlToken token) throws InvalidExpression {
    Group closed = open.pop();
    Group around = open.element();
    around.hasTest |= closed.hasTest;
    around.operandHasTest |= closed.hasTest;
    if ((long) closed.copied * closed.items > MOST_COPIED) {
      throw tooMuch(token);
    }
  }

  private void test(int place) throws InvalidExpression {
    Group group = open.element();
    if (group.operandHasTest) {
      throw tooMuch(tokens.get(place));
    }
    group.hasTest = true;
    tested = place - group.operandStart;
    group.beginOperand(place + 1);
  }

  private static InvalidExpression tooMuch(SqlToken token) {
    return new InvalidExpression(
        token.start(), "the operands of %s are too complex".formatted(token.text()));
  }
}
