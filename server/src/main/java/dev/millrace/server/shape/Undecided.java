package dev.millrace.server.shape;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The changes to one shape of which Postgres has yet to say whether their rows are in it. The
 * router adds them, transaction by transaction, and shows what was decided, in the same order.
 * Guarded by the router's lock, but for {@link #seenUpTo}.
 */
final class Undecided {

  /** A part is handed over when it has grown to this, so that big transactions need no memory. */
  private static final int PART_BYTES = 256 << 10;

  private static final int MOST_CHANGES = 500;

  private static final long NOTHING = -1;

  private final Shape shape;
  private final FilterGroup group;

  // Of the transaction at hand.
  private final List<UndecidedChange> open = new ArrayList<>();
  private long openBytes;
  private boolean isTouched;

  /** The last transaction that was handed over, and the last that was shown. */
  private long handedOver;

  private long shown;

  /** For each transaction handed over and not shown, where the stream was before it. */
  private final Deque<Long> before = new ArrayDeque<>();

  /** While the stream repeats itself, the position that was reached by all before. */
  private long repeatedFrom = NOTHING;

  private volatile long limit = NOTHING;

  Undecided(Shape shape, FilterGroup group) {
    this.shape = shape;
    this.group = group;
    this.shown = shape.log().end().tx();
    this.handedOver = shown;
  }

  Shape shape() {
    return shape;
  }

  FilterGroup group() {
    return group;
  }

  /** Whether the transaction was handed over before. */
  boolean has(long commitLsn) {
    return Long.compareUnsigned(commitLsn, handedOver) <= 0;
  }

  /** Notes that the transaction at hand may concern the shape; true the first time. */
  boolean touch() {
    boolean isFirst = !isTouched;
    isTouched = true;
    return isFirst;
  }

  void add(UndecidedChange change, int run, long commitLsn, int xid) {
    if (openBytes >= PART_BYTES || open.size() >= MOST_CHANGES) {
      handOver(run, commitLsn, xid, false);
    }
    open.add(change);
    openBytes += change.bytes();
  }

  /** Hands the transaction over; {@code position} is where the stream was before it. */
  void commit(int run, long commitLsn, int xid, long position) {
    isTouched = false;
    handedOver = commitLsn;
    before.add(position);
    settle();
    handOver(run, commitLsn, xid, true);
  }

  private void handOver(int run, long commitLsn, int xid, boolean isLast) {
    group.add(new UndecidedPart(run, shape.number(), commitLsn, xid, isLast, open));
    open.clear();
    openBytes = 0;
  }

  /** The transaction was decided and is in the log, or concerns the shape no more. */
  void shown(long commitLsn) {
    shown = commitLsn;
    before.remove();
    settle();
  }

  /** The stream broke off: it brings again, from {@code position} on, what was not shown. */
  void rewind(long position) {
    repeatedFrom = before.isEmpty() ? position : before.getFirst();
    before.clear();
    open.clear();
    openBytes = 0;
    isTouched = false;
    handedOver = shown;
    settle();
  }

  /** The stream brings again what is there from {@code start} on. */
  void repeatFrom(long start) {
    if (repeatedFrom == NOTHING) {
      repeatedFrom = start;
      settle();
    }
  }

  /** The stream has brought again what was not shown. */
  void reached() {
    repeatedFrom = NOTHING;
    settle();
  }

  /** What was shown is not taken back while the stream repeats what was before. */
  private void settle() {
    long most = repeatedFrom != NOTHING || before.isEmpty() ? repeatedFrom : before.getFirst();
    boolean isShownFurther = most != NOTHING && Long.compareUnsigned(most, shown) < 0;
    limit = isShownFurther ? shown : most;
  }

  /** How much of the stream up to {@code position} the shape shows. Any thread. */
  long seenUpTo(long position) {
    long most = limit;
    return most == NOTHING || Long.compareUnsigned(position, most) < 0 ? position : most;
  }
}
