package dev.millrace.server.shape;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings changes to shapes that were set aside until Postgres had decided them, between the
 * transactions of the stream. The workers of the delegation call it.
 */
final class DecidedChanges {

  private final ReentrantLock lock;
  private final Journal journal;
  private final GatheredChanges gathered;
  private final Holds holds;
  private final BiConsumer<Shape, String> drop;

  // Guarded by the lock.
  private final ByteBuilder message = new ByteBuilder(4096);

  /** Counts the times that the stream was begun. */
  private int run;

  /** What kept a change from being decided or shown; the stream has to begin anew. */
  private volatile @Nullable RuntimeException failure;

  /**
   * @param lock the router's
   * @param drop removes a shape, given the reason
   */
  DecidedChanges(
      ReentrantLock lock,
      Journal journal,
      GatheredChanges gathered,
      Holds holds,
      BiConsumer<Shape, String> drop) {
    this.lock = lock;
    this.journal = journal;
    this.gathered = gathered;
    this.holds = holds;
    this.drop = drop;
  }

  /** The run of the stream; what an earlier one left undecided is brought again. */
  int run() {
    return run;
  }

  /** The stream begins anew. */
  void beginRun() {
    failure = null;
    endRun();
  }

  /** Nothing of this run is shown any more. */
  void endRun() {
    run++;
  }

  /**
   * Goes on only if everything could be decided and shown.
   *
   * @throws RuntimeException why it could not
   */
  void requireNoFailure() {
    RuntimeException cause = failure;
    if (cause != null) {
      throw cause;
    }
  }

  /** Shows what a transaction means to a shape whose changes were set aside. */
  void decided(Undecided undecided, UndecidedPart last, ChangeQueue messages) {
    lock.lock();
    try {
      if (last.run() == run && failure == null) {
        show(undecided.shape(), last, messages);
        undecided.shown(last.commitLsn());
        holds.close(last.commitLsn(), journal.commits());
      }
    } catch (RuntimeException e) {
      failure = e;
      throw e;
    } finally {
      lock.unlock();
    }
  }

  private void show(Shape shape, UndecidedPart last, ChangeQueue messages) {
    byte[] record = messages.poll();
    boolean isConcerned =
        record != null && !shape.isDropped() && !shape.snapshotSees(last.xid(), last.commitLsn());
    if (!isConcerned) {
      return;
    }
    for (; record != null; record = messages.poll()) {
      UndecidedChange.Message decided = UndecidedChange.Message.of(record);
      message.clear();
      message.add(decided.bytes());
      gathered.gathered(message.size());
      shape.log().append(message, last.commitLsn(), decided.op(), last.xid(), decided.growth());
    }
    gathered.endTransaction(shape);
    gathered.publish();
  }

  /** The shape of a transaction that was set aside is gone. */
  void forgotten(UndecidedPart last) {
    lock.lock();
    try {
      if (last.run() == run) {
        holds.close(last.commitLsn(), 0);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Changes could not be decided: the stream has to bring them again. */
  void failed(RuntimeException cause) {
    failure = cause;
  }

  /** Removes a shape whose changes cannot be decided. */
  void drop(Shape shape, String reason) {
    drop.accept(shape, reason);
  }
}
