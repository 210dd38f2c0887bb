package dev.millrace.server.filter;

import dev.millrace.server.filter.Lifted.Constant;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The words that dates and times read as a part of the present: {@code ts > 'now'} looks constant
 * and is not. Postgres takes them for immutable, because it reads them when the condition is made.
 *
 * @see <a
 *     href="https://www.postgresql.org/docs/current/datatype-datetime.html#DATATYPE-DATETIME-SPECIAL-VALUES">Special
 *     values</a>
 */
final class PresentTime {

  private static final Pattern WORD =
      Pattern.compile("now|today|tomorrow|yesterday", Pattern.CASE_INSENSITIVE);

  /** Reads every text, and shows none of it. */
  private static final String BYTES = "bytea";

  private PresentTime() {}

  private static InvalidExpression refused(Constant constant, String word) {
    return new InvalidExpression(
        constant.place(),
        "the date/time value \"%s\" is not supported, because it changes by itself"
            .formatted(word));
  }

  /** Refuses all that hold such a word, for conditions that make dates of texts. */
  static void refuse(Stream<Constant> strings) throws InvalidExpression {
    for (Constant constant : strings.toList()) {
      Matcher word = WORD.matcher(constant.value());
      if (word.find()) {
        throw refused(constant, word.group());
      }
    }
  }

  /** Refuses those of {@code strings} that {@code canonical} does not show as they are. */
  static void refuseUnlessKept(List<Constant> strings, String canonical) throws InvalidExpression {
    for (Constant constant : strings) {
      Matcher word = WORD.matcher(constant.value());
      if (word.find() && !canonical.contains(SqlString.literal(constant.value()))) {
        throw refused(constant, word.group());
      }
    }
  }

  /**
   * Refuses a constant that has lost such a word when it was read.
   *
   * @param value what {@code type} has made of it
   */
  static void refuseIfRead(Constant constant, String type, String value) throws InvalidExpression {
    Matcher word = WORD.matcher(constant.value());
    while (!type.equals(BYTES) && word.find()) {
      if (!fold(value).contains(fold(word.group()))) {
        throw refused(constant, word.group());
      }
    }
  }

  private static String fold(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
