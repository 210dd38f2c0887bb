package dev.millrace.protocol;

/**
 * How large a JSON document may be. Its length in bytes is for whoever reads it to bound.
 *
 * @param depth how many arrays and objects may lie in one another, at most 500
 * @param values how many values there may be in all: a value of two bytes takes a hundred in memory
 */
public record JsonLimits(int depth, int values) {

  static final int MAX_DEPTH = 500;

  /** Enough for a thousand changes of a hundred columns each, with what they were before. */
  public static final JsonLimits DEFAULT = new JsonLimits(64, 500_000);

  public JsonLimits {
    if (depth < 1 || depth > MAX_DEPTH || values < 1) {
      throw new IllegalArgumentException("no such limits: " + depth + ", " + values);
    }
  }
}
