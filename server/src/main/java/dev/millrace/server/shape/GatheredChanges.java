package dev.millrace.server.shape;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * What was put into the logs of shapes and their readers do not see yet, and how far the stream is:
 * both become visible together, and are written to the journal before. Guarded by the router's lock
 * but for {@link #publishedPosition}.
 */
final class GatheredChanges {

  /** While the stream is busy, what was gathered is shown when it reaches this size. */
  private static final int PUBLISH_BYTES = 1 << 20;

  /**
   * A transaction is shown at once unless another was shown a moment ago; then with what comes
   * until the moment is over, or until nothing more does.
   */
  private static final long PUBLISH_NANOS = 2_000_000;

  /** How often a position without changes is recorded. */
  private static final long QUIET_NANOS = 200_000_000;

  /** Half a gigabyte of journal, after which the oldest tails are sealed early. */
  private static final int SEGMENTS = 8;

  /**
   * One more segment is kept for so many shapes, 16 KiB for each: a tail that has less is not worth
   * a file of its own, forced to disk.
   */
  private static final int SHAPES_OF_SEGMENT = 4096;

  /** How often that is done, since moving takes a while and looking at all shapes too. */
  private static final long RELIEF_NANOS = 1_000_000_000;

  private final Journal journal;
  private final Collection<TableShapes> tables;
  private final List<Shape> unpublished = new ArrayList<>();

  private long bytes;
  private long publishedAt = System.nanoTime();
  private long relievedAt = publishedAt;
  private long position;
  private volatile long publishedPosition;

  /**
   * @param tables all of them, as they come and go
   */
  GatheredChanges(Journal journal, Collection<TableShapes> tables) {
    this.journal = journal;
    this.tables = tables;
  }

  /** Where the stream has been followed to, as the journal knows. */
  void startAt(long lsn) {
    position = lsn;
    publishedPosition = lsn;
  }

  /** How far the stream is with what was gathered. */
  long position() {
    return position;
  }

  /** The log position up to which shapes show everything. Any thread. */
  long publishedPosition() {
    return publishedPosition;
  }

  /** The stream is at {@code lsn}. */
  void reached(long lsn) {
    position = lsn;
  }

  /** So many bytes went into the log of a shape. */
  void gathered(long size) {
    bytes += size;
  }

  /** A transaction that {@code shape} has changes of is complete. */
  void endTransaction(Shape shape) {
    shape.log().endTransaction();
    if (shape.enqueue()) {
      unpublished.add(shape);
    }
  }

  void publishIfDue() {
    if (bytes >= PUBLISH_BYTES || System.nanoTime() - publishedAt >= PUBLISH_NANOS) {
      publish();
    }
  }

  /** Whether there is something to show once the stream is quiet. */
  boolean isDueInQuiet() {
    boolean onlyMoved = unpublished.isEmpty();
    return position != publishedPosition
        && !(onlyMoved && System.nanoTime() - publishedAt < QUIET_NANOS);
  }

  void publish() {
    unpublished.forEach(shape -> shape.log().prepare());
    journal.commit(position);
    unpublished.forEach(shape -> shape.log().publish());
    publishedPosition = position;
    for (Shape shape : unpublished) {
      shape.dequeue();
      shape.waiters().wakeAll();
    }
    unpublished.clear();
    bytes = 0;
    publishedAt = System.nanoTime();
    relieveJournal();
  }

  /** Moves quiet shapes out of the oldest segment when the journal has grown long. */
  private void relieveJournal() {
    if (journal.segmentCount() > SEGMENTS && publishedAt - relievedAt >= RELIEF_NANOS) {
      relievedAt = publishedAt;
      int shapes = tables.stream().mapToInt(table -> table.shapes().size()).sum();
      if (journal.segmentCount() > SEGMENTS + shapes / SHAPES_OF_SEGMENT) {
        journal.oldestPinned().ifPresent(this::moveOut);
      }
    }
  }

  private void moveOut(JournalSegment segment) {
    tables.forEach(table -> table.shapes().forEach(shape -> shape.log().leave(segment)));
  }

  /** Forgets what was not published: the stream brings it again. */
  void abort() {
    unpublished.forEach(Shape::dequeue);
    unpublished.forEach(shape -> shape.log().abort());
    unpublished.clear();
    bytes = 0;
    position = journal.committedPosition();
  }
}
