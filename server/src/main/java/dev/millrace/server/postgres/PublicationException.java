package dev.millrace.server.postgres;

/**
 * A table cannot be published as things are, and somebody else has to mend that. The message is
 * meant for the client.
 */
public final class PublicationException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String reason;

  PublicationException(String message) {
    super(message);
    this.reason = message;
  }

  /** The message, which is never absent. */
  public String reason() {
    return reason;
  }
}
