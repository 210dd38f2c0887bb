package dev.millrace.server.postgres;

import org.jspecify.annotations.Nullable;

/** The replication stream broke off or said what it should not; connecting again may mend it. */
public final class ReplicationException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Why there is no stream. */
  public enum Kind {
    /** It broke off. */
    BROKEN,
    /** Another process follows the slot: it is ours once that one ends. */
    SLOT_TAKEN,
    /** Somebody has to change a setting. */
    MISCONFIGURED
  }

  private final Kind kind;

  public ReplicationException(String message) {
    this(message, null);
  }

  public ReplicationException(String message, @Nullable Throwable cause) {
    this(Kind.BROKEN, message, cause);
  }

  public ReplicationException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
