package dev.millrace.server.filter;

import dev.millrace.server.filter.SqlToken.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a text into tokens as Postgres' own scanner does. What could be read in two ways, or hides
 * the structure of a text, is refused: comments, dollar quotes, Unicode escapes, numbers with
 * something attached, names that Postgres would cut, halves of characters, and strings that go on
 * in the next line (which take over how the first one treats a backslash; a parameter becomes a
 * string).
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-syntax-lexical.html">Lexical
 *     structure</a>
 */
public final class SqlScanner {

  private static final String OPERATOR_CHARACTERS = "+-*/<>=~!@#%^&|`?";
  private static final String WHITESPACE = " \t\n\r\f\u000b";
  private static final int MOST_NAME_BYTES = 63;

  private static final Pattern NUMBER =
      Pattern.compile(
          "0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+"
              + "|([0-9][0-9_]*(\\.[0-9_]*)?|\\.[0-9][0-9_]*)([eE][+-]?[0-9_]+)?");

  private final String text;
  private final List<SqlToken> tokens = new ArrayList<>();
  private int at;

  private SqlScanner(String text) {
    this.text = text;
  }

  /**
   * The tokens of {@code text}.
   *
   * @throws InvalidExpression where it cannot be cut
   */
  public static List<SqlToken> scan(String text) throws InvalidExpression {
    if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
      throw new InvalidExpression("half a character cannot be read");
    }
    SqlScanner scanner = new SqlScanner(text);
    while (scanner.skipWhitespace()) {
      scanner.next();
    }
    return List.copyOf(scanner.tokens);
  }

  private boolean skipWhitespace() {
    while (at < text.length() && WHITESPACE.indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    return at < text.length();
  }

  private void next() throws InvalidExpression {
    char c = text.charAt(at);
    if (c == '\'') {
      string(at, false);
    } else if (c == '"') {
      quotedName();
    } else if (c == '$') {
      parameter();
    } else if (isDigit(c) || (c == '.' && isDigit(peek(1)))) {
      number();
    } else if (isNameStart(c)) {
      nameOrPrefix();
    } else if (OPERATOR_CHARACTERS.indexOf(c) >= 0) {
      operator();
    } else {
      punctuation(c);
    }
  }

  private char peek(int ahead) {
    return at + ahead < text.length() ? text.charAt(at + ahead) : '\0';
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isNameStart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
  }

  private static boolean isNamePart(char c) {
    return isNameStart(c) || isDigit(c) || c == '$';
  }

  private void add(Kind kind, int start, String meaning) {
    tokens.add(new SqlToken(kind, start, at, meaning));
  }

  /** A string between quotes; {@code start} is that of its prefix, if it has one. */
  private void string(int start, boolean hasEscapes) throws InvalidExpression {
    requireNoStringBefore(start);
    for (at++; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '\\' && hasEscapes) {
        at++;
      } else if (c == '\'' && peek(1) == '\'') {
        at++;
      } else if (c == '\'') {
        at++;
        add(Kind.STRING, start, text.substring(start, at));
        return;
      } else if (c == '\0') {
        break;
      }
    }
    throw new InvalidExpression(start, "unterminated quoted string");
  }

  private void requireNoStringBefore(int start) throws InvalidExpression {
    if (!tokens.isEmpty()
        && Set.of(Kind.STRING, Kind.PARAMETER).contains(tokens.getLast().kind())) {
      throw syntaxError(start);
    }
  }

  private void quotedName() throws InvalidExpression {
    int start = at;
    StringBuilder name = new StringBuilder();
    for (at++; at < text.length() && text.charAt(at) != '\0'; at++) {
      char c = text.charAt(at);
      if (c == '"' && peek(1) != '"') {
        at++;
        addName(Kind.QUOTED_NAME, start, name.toString());
        return;
      }
      at += c == '"' ? 1 : 0;
      name.append(c);
    }
    throw new InvalidExpression(start, "unterminated quoted identifier");
  }

  private void parameter() throws InvalidExpression {
    int start = at;
    at++;
    while (isDigit(peek(0))) {
      at++;
    }
    if (at == start + 1 || isNamePart(peek(0))) {
      throw syntaxError(start);
    }
    requireNoStringBefore(start);
    add(Kind.PARAMETER, start, text.substring(start + 1, at));
  }

  /** Nothing may be attached to it: releases of Postgres differ in where the number ends then. */
  private void number() throws InvalidExpression {
    int start = at;
    Matcher number = NUMBER.matcher(text).region(start, text.length());
    if (number.lookingAt()) {
      at = number.end();
    }
    char next = peek(0);
    if (at == start || isNamePart(next) || ".'\"".indexOf(next) >= 0) {
      throw syntaxError(start);
    }
    add(Kind.NUMBER, start, text.substring(start, at));
  }

  private void nameOrPrefix() throws InvalidExpression {
    int start = at;
    while (isNamePart(peek(0))) {
      at++;
    }
    String name = fold(text.substring(start, at));
    boolean isPrefix = name.length() == 1 && "ebxnu".contains(name);
    if (isPrefix && peek(0) == '\'') {
      string(start, name.equals("e"));
    } else if (name.equals("u") && peek(0) == '&' && (peek(1) == '\'' || peek(1) == '"')) {
      throw new InvalidExpression(start, "Unicode escapes are not supported");
    } else {
      addName(Kind.NAME, start, name);
    }
  }

  /** Postgres cuts longer names, so that they mean another than they say. */
  private void addName(Kind kind, int start, String name) throws InvalidExpression {
    if (name.isEmpty()) {
      throw new InvalidExpression(start, "zero-length delimited identifier");
    }
    if (name.getBytes(StandardCharsets.UTF_8).length > MOST_NAME_BYTES) {
      throw new InvalidExpression(start, "Identifier is too long (max length is 63)");
    }
    add(kind, start, name);
  }

  /** As Postgres folds: ASCII letters only. */
  private static String fold(String name) {
    StringBuilder folded = new StringBuilder(name.length());
    name.chars().forEach(c -> folded.append((char) (c >= 'A' && c <= 'Z' ? c + 32 : c)));
    return folded.toString();
  }

  private void operator() throws InvalidExpression {
    int start = at;
    while (at < text.length() && OPERATOR_CHARACTERS.indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    String operator = text.substring(start, at);
    if (operator.contains("--") || operator.contains("/*")) {
      throw new InvalidExpression(start, "comments are not supported");
    }
    add(Kind.SYMBOL, start, operator);
  }

  private void punctuation(char c) throws InvalidExpression {
    int start = at;
    if (c == ';') {
      throw new InvalidExpression("unescaped \";\" causing statement split");
    }
    if ("()[],.:".indexOf(c) < 0) {
      throw syntaxError(start);
    }
    at += c == ':' && peek(1) == ':' ? 2 : 1;
    add(Kind.SYMBOL, start, text.substring(start, at));
  }

  private InvalidExpression syntaxError(int place) {
    int end = Math.min(text.length(), place + 20);
    return SqlExpression.syntaxError(place, text.substring(place, end));
  }
}
