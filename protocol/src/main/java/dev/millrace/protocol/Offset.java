package dev.millrace.protocol;

import java.util.Optional;

/**
 * A place in a shape: everything up to and including it has been seen (protocol section 4).
 *
 * <p>{@code tx} is the LSN of the transaction's commit, {@code op} the position of the change in
 * it; both are compared as numbers, {@code tx} first. Before the log lie the virtual offsets of the
 * snapshot: {@code 0_N} is the end of its chunk N, {@code 0_inf} its end.
 *
 * @param tx at least 0, or -1 in {@link #BEFORE_ALL} alone
 * @param op at least 0; {@link #INFINITE_OP} is written {@code inf}
 */
public record Offset(long tx, long op) implements Comparable<Offset> {

  /** The largest {@code op}: after every change of a transaction. */
  public static final long INFINITE_OP = Long.MAX_VALUE;

  /** Where a client without any data stands; written {@code -1}. */
  public static final Offset BEFORE_ALL = new Offset(-1, 0);

  /** The end of the snapshot while no change has been logged. */
  public static final Offset SNAPSHOT_END = new Offset(0, INFINITE_OP);

  public Offset {
    if (op < 0 || tx < -1 || (tx == -1 && op != 0)) {
      throw new IllegalArgumentException("no such offset: " + tx + "_" + op);
    }
  }

  /** The end of snapshot chunk {@code chunk}, counted from 0. */
  public static Offset snapshotChunk(int chunk) {
    return new Offset(0, chunk);
  }

  /** The place after every change of the transaction committed at {@code tx}. */
  public static Offset afterTransaction(long tx) {
    return new Offset(tx, INFINITE_OP);
  }

  /** Reads {@code -1}, {@code <int>_<int>} or {@code <int>_inf}; leading zeros are tolerated. */
  public static Optional<Offset> parse(String text) {
    if (text.equals("-1")) {
      return Optional.of(BEFORE_ALL);
    }
    int split = text.indexOf('_');
    if (split < 1) {
      return Optional.empty();
    }
    long tx = digits(text.substring(0, split));
    String last = text.substring(split + 1);
    long op = last.equals("inf") ? INFINITE_OP : digits(last);
    return tx < 0 || op < 0 ? Optional.empty() : Optional.of(new Offset(tx, op));
  }

  private static long digits(String text) {
    if (text.isEmpty() || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return -1;
    }
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException tooLarge) {
      return -1;
    }
  }

  /** Whether this is a place inside the snapshot rather than in the log. */
  public boolean isInSnapshot() {
    return tx == 0 && op != INFINITE_OP;
  }

  public boolean isAfter(Offset other) {
    return compareTo(other) > 0;
  }

  public Offset max(Offset other) {
    return isAfter(other) ? this : other;
  }

  @Override
  public int compareTo(Offset other) {
    int byTransaction = Long.compare(tx, other.tx);
    return byTransaction != 0 ? byTransaction : Long.compare(op, other.op);
  }

  @Override
  public String toString() {
    if (equals(BEFORE_ALL)) {
      return "-1";
    }
    return tx + "_" + (op == INFINITE_OP ? "inf" : Long.toString(op));
  }
}
