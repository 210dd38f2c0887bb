package dev.millrace.server.entities;

/** Nothing can be checked or written, for a reason that the message tells a person. */
public final class EntitiesException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public EntitiesException(String message) {
    super(message);
  }
}
