package dev.millrace.server.shape;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What Postgres may not forget yet because something in it is undecided. Any thread.
 *
 * <p>A transaction is held from when it is handed over until what became of it is on disk.
 */
final class Holds {

  private static final long NOTHING = -1;

  /** By commit LSN, in the order of the stream. Guarded by this. */
  private final Map<Long, Hold> holds = new LinkedHashMap<>();

  private long floor = NOTHING;

  private static final class Hold {

    private final long position;
    private int shapes;
    private long commit;

    Hold(long position) {
      this.position = position;
    }
  }

  /** A shape has something undecided of a transaction, before which the stream was there. */
  synchronized void open(long commitLsn, long position) {
    holds.computeIfAbsent(commitLsn, lsn -> new Hold(position)).shapes++;
  }

  /** That shape has nothing undecided of it any more, as the journal's {@code commit}-th says. */
  synchronized void close(long commitLsn, long commit) {
    Hold hold = holds.get(commitLsn);
    if (hold != null) {
      hold.shapes--;
      hold.commit = Math.max(hold.commit, commit);
    }
  }

  /** The stream goes back to {@code position}, and brings again what is held. */
  synchronized void rewind(long position) {
    holds.clear();
    floor = position;
  }

  /** The stream has brought again what was held. */
  synchronized void reached() {
    floor = NOTHING;
  }

  /**
   * How far Postgres may forget.
   *
   * @param durable how far everything decided is on disk
   * @param forced how many commits of the journal are
   */
  synchronized long confirmable(long durable, long forced) {
    Iterator<Hold> oldest = holds.values().iterator();
    long most = floor;
    while (oldest.hasNext() && most == NOTHING) {
      Hold hold = oldest.next();
      if (hold.shapes > 0 || hold.commit > forced) {
        most = hold.position;
      } else {
        oldest.remove();
      }
    }
    return most == NOTHING || Long.compareUnsigned(durable, most) < 0 ? durable : most;
  }

  /** How many transactions are held. */
  synchronized int count() {
    return holds.size();
  }
}
