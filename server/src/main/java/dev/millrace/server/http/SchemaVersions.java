package dev.millrace.server.http;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which versions of an application's schema may write; both ends belong to it. */
public record SchemaVersions(int oldest, int newest) {

  public static final SchemaVersions ALL = new SchemaVersions(0, Integer.MAX_VALUE);

  private static final Pattern RANGE = Pattern.compile("([0-9]{1,9})(?:-([0-9]{1,9})?)?");

  public SchemaVersions {
    if (oldest > newest) {
      throw new IllegalArgumentException("nothing is from " + oldest + " to " + newest);
    }
  }

  /**
   * Reads {@code 2-5}, {@code 2-} for everything from 2 on, or {@code 2} for that alone.
   *
   * @throws IllegalArgumentException if it is none of these
   */
  public static SchemaVersions parse(String text) {
    Matcher range = RANGE.matcher(text.strip());
    if (!range.matches()) {
      throw new IllegalArgumentException("no range: " + text);
    }
    int oldest = Integer.parseInt(range.group(1));
    if (range.group(2) != null) {
      return new SchemaVersions(oldest, Integer.parseInt(range.group(2)));
    }
    return new SchemaVersions(oldest, text.contains("-") ? Integer.MAX_VALUE : oldest);
  }
}
