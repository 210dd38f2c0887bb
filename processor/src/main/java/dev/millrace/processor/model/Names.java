package dev.millrace.processor.model;

import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Names in Java and in the database, each made of the other. */
public final class Names {

  private static final Pattern WORD_BEGINS =
      Pattern.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])");

  private static final Pattern NO_WORD = Pattern.compile("[^\\p{L}\\p{Nd}]+");

  private Names() {}

  /**
   * {@code createdAt} and {@code CreatedAt}: {@code created_at}; {@code bookURL}: {@code book_url}.
   */
  public static String snake(String camel) {
    return WORD_BEGINS.matcher(camel).replaceAll("_").toLowerCase(Locale.ROOT);
  }

  /** {@code createdAt}: {@code CREATED_AT}. */
  public static String upperSnake(String camel) {
    return WORD_BEGINS.matcher(camel).replaceAll("_").toUpperCase(Locale.ROOT);
  }

  /** {@code reading_lists}: {@code ReadingLists}. */
  public static String upperCamel(String snake) {
    return NO_WORD.splitAsStream(snake).map(Names::capitalized).collect(Collectors.joining());
  }

  public static String capitalized(String word) {
    return word.isEmpty()
        ? word
        : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
  }

  /** With its first letter in lower case. */
  public static String decapitalized(String word) {
    return word.substring(0, 1).toLowerCase(Locale.ROOT) + word.substring(1);
  }
}
