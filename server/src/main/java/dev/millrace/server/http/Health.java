package dev.millrace.server.http;

/** What the server says of itself on {@code /v1/health}. Any thread. */
public interface Health {

  /** Whether changes are coming in from Postgres. */
  boolean isActive();

  /** {@code active}, or in a word why not. */
  String status();

  /** Waits until the server has been active once; false if that takes longer. */
  boolean awaitReady(long timeoutMillis) throws InterruptedException;
}
