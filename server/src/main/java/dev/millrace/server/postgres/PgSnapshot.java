package dev.millrace.server.postgres;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Which transactions a query saw: what {@code pg_current_snapshot()} returns, with the log position
 * at which it was taken.
 *
 * @param xmin every transaction below is visible
 * @param xmax this transaction and all above are not visible
 * @param running transactions between that are not visible, ascending
 * @param takenBefore a log position read after the snapshot was taken: transactions that commit
 *     later are certainly not visible
 * @see <a href="https://www.postgresql.org/docs/current/functions-info.html">Transaction ID and
 *     snapshot information functions</a>
 */
public record PgSnapshot(long xmin, long xmax, List<Long> running, long takenBefore) {

  public PgSnapshot {
    running = List.copyOf(running);
  }

  /** Reads {@code xmin:xmax:xip,xip,…}. */
  public static PgSnapshot parse(String text, long takenBefore) {
    String[] parts = text.split(":", -1);
    if (parts.length != 3) {
      throw new IllegalArgumentException("not a snapshot: " + text);
    }
    LongStream running =
        parts[2].isEmpty()
            ? LongStream.empty()
            : Arrays.stream(parts[2].split(",", -1)).mapToLong(Long::parseLong);
    return new PgSnapshot(
        Long.parseLong(parts[0]), Long.parseLong(parts[1]), running.boxed().toList(), takenBefore);
  }

  /**
   * Whether the snapshot saw the transaction {@code xid} that committed at log position {@code
   * commit}. The stream names transactions by 32 bits only, which wrap around; the position keeps a
   * much later transaction from being taken for an early one.
   */
  public boolean sees(int xid, long commit) {
    return Long.compareUnsigned(commit, takenBefore) < 0 && sees(widen(xid));
  }

  private boolean sees(long xid) {
    return xid < xmin || (xid < xmax && !running.contains(xid));
  }

  /**
   * Whether {@code xid} and all transactions with lower ids have ended. Of one that seems to be
   * still to come the id is older than can be told.
   */
  public boolean isPast(int xid) {
    long wide = widen(xid);
    return wide < xmin || wide >= xmax;
  }

  /** The 64-bit id nearest to {@link #xmax} with these low 32 bits. */
  private long widen(int xid) {
    return xmax + (xid - (int) xmax);
  }

  /** The form that {@link #parse} reads. */
  public String text() {
    String list = running.stream().map(String::valueOf).collect(Collectors.joining(","));
    return xmin + ":" + xmax + ":" + list;
  }
}
