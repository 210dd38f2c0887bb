package dev.millrace.server.http;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What all clients together have been sent and not taken yet, as far as it lies in our memory. Each
 * may have an eighth of what is left under the bound: a few clients have all the room they can use,
 * and many that have stopped reading share the same memory, each with less. Any thread.
 *
 * <p>The rule is that of A. Choudhury, E. Hahne, "Dynamic queue length thresholds for shared-memory
 * packet switches" (IEEE/ACM Transactions on Networking 6(2), 1998).
 */
final class Unread {

  /** So much every client may have, so that its answer goes on. */
  static final int LEAST_BYTES = 4 << 10;

  private static final int SHARE = 8;

  private final long bound;
  private final AtomicLong bytes = new AtomicLong();

  Unread(long bound) {
    this.bound = bound;
  }

  void add(long more) {
    bytes.addAndGet(more);
  }

  void remove(long taken) {
    bytes.addAndGet(-taken);
  }

  long bytes() {
    return bytes.get();
  }

  /** How many bytes one client may leave unread at the moment, {@code most} at most. */
  int allowance(int most) {
    return Math.clamp((bound - bytes.get()) / SHARE, LEAST_BYTES, most);
  }
}
