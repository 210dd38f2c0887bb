package dev.millrace.bench.run;

/** A benchmark cannot go on. The message is a plain sentence, fit to be printed alone. */
public final class BenchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BenchException(String message) {
    super(message);
  }

  public BenchException(String message, Throwable cause) {
    super(message, cause);
  }
}
