package dev.millrace.server.write;

import java.time.Duration;
import java.util.Locale;

/**
 * A batch could not be judged, and may be sent again: none of it was applied, or what was will be
 * answered as {@code duplicate}. The message is fit for the log, not for the client.
 */
public final class WriteException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** What kept us from it; each with a status of HTTP and a sentence for the client. */
  public enum Code {
    /** Postgres is away, starting, failing over or out of something. */
    UNAVAILABLE(503, "The database cannot be reached at the moment."),
    /** Postgres takes no writes: a standby, or set to read-only. */
    READ_ONLY(503, "The database takes no writes at the moment."),
    /** Too much at once: no connection was free, or others held locks. */
    BUSY(503, "Too many writes at once."),
    /** Somebody has to mend something: the schema {@code millrace} or a role. */
    NOT_READY(503, "Writes are not set up in the database.");

    private final int status;
    private final String sentence;

    Code(int status, String sentence) {
      this.status = status;
      this.sentence = sentence;
    }

    /** A stable name for programs. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    public int status() {
      return status;
    }

    /** For the client: constant, says nothing of what is inside. */
    public String sentence() {
      return sentence;
    }
  }

  private final Code code;

  WriteException(Code code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  WriteException(Code code, String message) {
    super(message);
    this.code = code;
  }

  public Code code() {
    return code;
  }

  /** When to send the batch again, at the earliest. */
  public Duration retryAfter() {
    return switch (code) {
      case BUSY -> Duration.ofSeconds(1);
      case UNAVAILABLE, READ_ONLY -> Duration.ofSeconds(3);
      case NOT_READY -> Duration.ofSeconds(30);
    };
  }
}
