package dev.millrace.server.filter;

/**
 * A piece of an SQL text.
 *
 * @param start characters before it
 * @param text the piece as it stands; of names what they mean: folded to lower case, or without
 *     quotes
 */
public record SqlToken(Kind kind, int start, int end, String text) {

  /** What a piece may be. */
  public enum Kind {
    /** A keyword, or a name without quotes. */
    NAME,
    QUOTED_NAME,
    STRING,
    NUMBER,
    /** {@code $1}; the text is the number. */
    PARAMETER,
    /** One operator, or a character of punctuation. */
    SYMBOL
  }

  public boolean isSymbol(String symbol) {
    return kind == Kind.SYMBOL && text.equals(symbol);
  }

  public boolean isKeyword(String word) {
    return kind == Kind.NAME && text.equals(word);
  }

  public boolean isName() {
    return kind == Kind.NAME || kind == Kind.QUOTED_NAME;
  }
}
