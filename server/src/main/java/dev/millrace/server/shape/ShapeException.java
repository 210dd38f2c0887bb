package dev.millrace.server.shape;

import org.jspecify.annotations.Nullable;

/** A shape cannot be made or read. The message is meant for the client. */
public final class ShapeException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** What the client should do. */
  public enum Kind {
    /** Ask again in a while: nothing is wrong with the shape. */
    TRY_LATER,
    /** Begin anew: the table is no longer what the shape was made of. */
    REFETCH,
    /** Ask for something else: Postgres cannot evaluate the where clause on a row. */
    INVALID,
    /** Nothing: the user may not do what the shape takes. */
    FORBIDDEN
  }

  private final Kind kind;
  private final String reason;

  public ShapeException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.reason = message;
  }

  /** The message, which is never absent. */
  public String reason() {
    return reason;
  }

  public Kind kind() {
    return kind;
  }
}
