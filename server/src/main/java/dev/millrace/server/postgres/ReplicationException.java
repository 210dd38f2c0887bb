package dev.millrace.server.postgres;

import org.jspecify.annotations.Nullable;

/** The replication stream broke off or said what it should not; connecting again may mend it. */
public final class ReplicationException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public ReplicationException(String message) {
    this(message, null);
  }

  public ReplicationException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
