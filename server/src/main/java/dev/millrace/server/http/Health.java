package dev.millrace.server.http;

/** What the server says of itself on {@code /v1/health}. Any thread. */
public interface Health {

  /** Where the server is. */
  enum Status {
    /** Not following Postgres: it has just started, or Postgres is away. */
    STARTING,
    /** Another server has the replication slot; this one takes over when that one ends. */
    WAITING,
    /** Changes are coming in from Postgres. */
    ACTIVE
  }

  Status status();

  default boolean isActive() {
    return status() == Status.ACTIVE;
  }

  /** Waits until the server has been active once; false if that takes longer. */
  boolean awaitReady(long timeoutMillis) throws InterruptedException;
}
