package dev.millrace.client.store;

import org.jspecify.annotations.Nullable;

/**
 * A failure of the world on the device. What fails between device and server is never thrown: it is
 * in the status, and tried again.
 */
public final class SyncClientException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  public SyncClientException(ErrorCode code, String message) {
    this(code, message, null);
  }

  public SyncClientException(ErrorCode code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  public ErrorCode code() {
    return code;
  }
}
