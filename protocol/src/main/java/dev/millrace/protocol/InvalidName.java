package dev.millrace.protocol;

/** A name in a request that is not an SQL identifier; the message is meant for the peer. */
public final class InvalidName extends Exception {

  private static final long serialVersionUID = 1L;

  private final String reason;

  public InvalidName(String reason) {
    super(reason);
    this.reason = reason;
  }

  /** The protocol's message. */
  public String reason() {
    return reason;
  }
}
