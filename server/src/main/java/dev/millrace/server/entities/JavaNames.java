package dev.millrace.server.entities;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.lang.model.SourceVersion;

/** Names in Java for what has one in the database. */
final class JavaNames {

  private static final Pattern NO_WORD = Pattern.compile("[^\\p{L}\\p{Nd}]+");
  private static final Pattern WORD_BEGINS =
      Pattern.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])");

  /** Names that no component of a record can have. */
  private static final Set<String> OF_OBJECT =
      Set.of(
          "clone", "finalize", "getClass", "hashCode", "notify", "notifyAll", "toString", "wait");

  private JavaNames() {}

  /** {@code reading_lists}: {@code ReadingLists}. */
  static String upperCamel(String name) {
    return NO_WORD.splitAsStream(name).map(JavaNames::capitalized).collect(Collectors.joining());
  }

  private static String capitalized(String word) {
    return word.isEmpty()
        ? word
        : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
  }

  /** A component for a column: {@code created_at}: {@code createdAt}. */
  static String component(String column) {
    String camel = upperCamel(column);
    String name =
        camel.isEmpty()
            ? "column"
            : camel.substring(0, 1).toLowerCase(Locale.ROOT) + camel.substring(1);
    if (OF_OBJECT.contains(name) || SourceVersion.isKeyword(name)) {
      return name + "Value";
    }
    return SourceVersion.isIdentifier(name) ? name : "column" + capitalized(camel);
  }

  /** The column that the processor takes for a component, unless it is told another. */
  static String column(String component) {
    return WORD_BEGINS.matcher(component).replaceAll("_").toLowerCase(Locale.ROOT);
  }

  /**
   * The record for a table, in the singular, as far as English is regular: {@code categories}:
   * {@code Category}.
   */
  static String record(String table) {
    String plural = upperCamel(table);
    String singular = singular(plural);
    return singular.equals(plural) ? plural + "Row" : singular;
  }

  private static String singular(String plural) {
    if (plural.endsWith("ies") && plural.length() > 4) {
      return plural.substring(0, plural.length() - 3) + "y";
    }
    if (plural.matches(".*(s|x|z|ch|sh)es")) {
      return plural.substring(0, plural.length() - 2);
    }
    return plural.endsWith("s") && !plural.endsWith("ss")
        ? plural.substring(0, plural.length() - 1)
        : plural;
  }
}
