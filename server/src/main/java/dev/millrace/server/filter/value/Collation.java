package dev.millrace.server.filter.value;

import org.jspecify.annotations.Nullable;

/**
 * What we know of how a collation compares and changes texts.
 *
 * @param isDeterministic whether only the same bytes are equal
 * @param isByCodePoint whether its order is that of the code points
 * @param folding upper and lower case; null if we do not know them
 * @param classes of characters
 */
public record Collation(
    boolean isDeterministic,
    boolean isByCodePoint,
    @Nullable CaseFolding folding,
    CharacterClasses classes) {

  /** Of values that are no texts: nothing depends on it. */
  public static final Collation NONE =
      new Collation(true, true, CaseFolding.ASCII, CharacterClasses::ascii);
}
