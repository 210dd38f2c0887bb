package dev.millrace.server.shape;

import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a second shape of the same definition when the log of the first has outgrown its table
 * (docs/decisions/008-resnapshot.md). Until that is there, new clients get the old one; its own
 * clients stay with it. Any thread.
 */
final class Successors {

  private static final Logger log = LoggerFactory.getLogger(Successors.class);

  /** After this a failed attempt is repeated. */
  private static final long RETRY_MILLIS = 10_000;

  /** How many shapes of one definition may have been superseded and still be there. */
  private static final int MOST_SUPERSEDED = 3;

  private final long replayBytes;
  private final ShapeRegistry registry;
  private final ShapeStore store;
  private final ShapeMaker maker;
  private final Consumer<Shape> dropLater;
  private final InstantSource clock;

  /**
   * @param replayBytes so much of a log a new client reads in any case
   * @param dropLater removes a shape whose place newer ones have taken
   */
  Successors(
      long replayBytes,
      ShapeRegistry registry,
      ShapeStore store,
      ShapeMaker maker,
      Consumer<Shape> dropLater,
      InstantSource clock) {
    this.replayBytes = replayBytes;
    this.registry = registry;
    this.store = store;
    this.maker = maker;
    this.dropLater = dropLater;
    this.clock = clock;
  }

  /**
   * Begins to make a successor of a shape that is worth one, unless that has begun already.
   *
   * @param now its definition as it is now
   * @param reader as whom its rows are read
   */
  void makeIfNeeded(Shape old, ShapeDefinition now, SnapshotAs reader) {
    if (old.isSuspended()
        || !Download.of(old).isExcessive(replayBytes)
        || !old.snapshot().isFinished()
        || !old.beginRenewal(clock.millis())) {
      return;
    }
    if (!makeWay(old)) {
      retryLater(old);
      return;
    }
    Shape next = store.create(now);
    old.clauses().forEach(next::askedBy);
    registry.addSuccessor(next);
    maker.begin(
        next,
        reader,
        isMade -> {
          if (isMade) {
            log.atInfo()
                .addKeyValue("shape", next.handle())
                .addKeyValue("table", next.definition().relation())
                .addKeyValue("before", old.handle())
                .log("a shape takes the place of another");
            // Of the old one, or of one made anew after that was dropped.
            registry.makeCurrent(next, clock.millis());
          } else {
            retryLater(old);
          }
        });
  }

  private void retryLater(Shape old) {
    old.renewableAt(clock.millis() + RETRY_MILLIS);
  }

  /** False if too many were superseded a short time ago. */
  private boolean makeWay(Shape old) {
    List<Shape> earlier = registry.superseded(old.definition());
    if (earlier.size() < MOST_SUPERSEDED) {
      return true;
    }
    Shape oldest = earlier.getFirst();
    if (clock.millis() - oldest.supersededAt() < ShapeExpiry.SUPERSEDED_IDLE.toMillis()) {
      return false;
    }
    dropLater.accept(oldest);
    return true;
  }
}
