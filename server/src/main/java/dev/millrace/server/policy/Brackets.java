package dev.millrace.server.policy;

import dev.millrace.server.filter.SqlToken;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/** Which parentheses and brackets of a text belong together. */
final class Brackets {
  private Brackets() {}

  /** For each opening or closing token the place of the other; -1 for all others. */
  static int[] partners(List<SqlToken> tokens) {
    int[] partners = new int[tokens.size()];
    Arrays.fill(partners, -1);
    Deque<Integer> open = new ArrayDeque<>();
    for (int i = 0; i < partners.length; i++) {
      SqlToken token = tokens.get(i);
      if (token.isSymbol("(") || token.isSymbol("[")) {
        open.push(i);
      } else if ((token.isSymbol(")") || token.isSymbol("]")) && !open.isEmpty()) {
        partners[i] = open.pop();
        partners[partners[i]] = i;
      }
    }
    return partners;
  }
}
