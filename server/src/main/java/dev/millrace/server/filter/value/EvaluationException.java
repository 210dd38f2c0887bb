package dev.millrace.server.filter.value;

/**
 * Postgres would raise an error instead of giving a value: division by zero, overflow, bad text.
 */
public final class EvaluationException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Without a stack trace: rows of a table may raise one each. */
  public EvaluationException(String message) {
    super(message, null, false, false);
  }

  static EvaluationException outOfRange(Type type) {
    return new EvaluationException(type.name() + " out of range");
  }

  static EvaluationException badText(Type type, String text) {
    return new EvaluationException(
        "invalid input syntax for type %s: \"%s\"".formatted(type.name(), text));
  }
}
