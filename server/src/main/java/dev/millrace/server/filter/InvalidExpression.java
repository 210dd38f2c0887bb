package dev.millrace.server.filter;

/** A text that is no expression we let Postgres see. The message is meant for the client. */
public final class InvalidExpression extends Exception {

  private static final long serialVersionUID = 1L;

  /** Without a place. */
  public InvalidExpression(String message) {
    super(message, null, false, false);
  }

  /**
   * At a place in the text.
   *
   * @param location characters before it
   */
  public InvalidExpression(int location, String message) {
    this("At location " + location + ": " + message);
  }

  /** The message, which is never absent. */
  public String reason() {
    return String.valueOf(getMessage());
  }
}
