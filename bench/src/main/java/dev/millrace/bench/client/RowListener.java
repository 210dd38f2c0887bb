package dev.millrace.bench.client;

/** Told of each row that arrives, on the client's thread. */
@FunctionalInterface
public interface RowListener {

  /** The row's column {@code n}. */
  void row(long number);
}
