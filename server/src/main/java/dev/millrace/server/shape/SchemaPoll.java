package dev.millrace.server.shape;

import dev.millrace.protocol.RelationName;
import dev.millrace.server.postgres.DatabaseException;
import dev.millrace.server.postgres.Publication;
import dev.millrace.server.postgres.PublishedTable;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the shapes with the catalogue, from time to time and whenever the stream hints at an
 * alteration: drops those whose table is no longer theirs or has lost changes, takes up new
 * descriptions, and sets replica identities back to full. What cannot be found out now is left for
 * the next time. One thread, {@code schema-poll}.
 */
public final class SchemaPoll implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(SchemaPoll.class);

  /** Hints that come in a crowd are followed together. */
  private static final Duration SHORTEST = Duration.ofMillis(500);

  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(2);

  private final Shapes shapes;
  private final Publication publication;
  private final Duration interval;
  private final Thread thread = new Thread(this::run, "schema-poll");

  // Guarded by this.
  private boolean isHinted;
  private boolean closed;

  /** Tables whose replica identity we could not set, reported once. Of the thread. */
  private final Set<RelationName> reported = new HashSet<>();

  public SchemaPoll(Shapes shapes, Publication publication, Duration interval) {
    this.shapes = shapes;
    this.publication = publication;
    this.interval = interval;
  }

  public void start() {
    shapes.router().onAlteration(this::hint);
    thread.setDaemon(true);
    thread.start();
  }

  /** Something may have been altered: looks soon. Any thread. */
  public synchronized void hint() {
    isHinted = true;
    notifyAll();
  }

  private void run() {
    try {
      while (await()) {
        try {
          look();
        } catch (DatabaseException e) {
          log.debug("cannot look at the catalogue now: {}", e.getMessage());
        } catch (RuntimeException e) {
          log.error("cannot compare the shapes with the catalogue", e);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for a hint or the interval; false when closed. */
  private synchronized boolean await() throws InterruptedException {
    long begun = System.nanoTime();
    while (!closed && nanosLeft(begun) > 0) {
      wait(nanosLeft(begun) / 1_000_000 + 1);
    }
    isHinted = false;
    return !closed;
  }

  private long nanosLeft(long begun) {
    Duration wanted = isHinted && SHORTEST.compareTo(interval) < 0 ? SHORTEST : interval;
    return wanted.toNanos() - (System.nanoTime() - begun);
  }

  private void look() {
    // The shapes first: one that is made meanwhile may rest on what we have not seen.
    List<Shape> standing = shapes.standing();
    if (standing.isEmpty()) {
      return;
    }
    if (publication.ensureExists()) {
      shapes.dropAll("the publication did not publish every change");
      return;
    }
    Map<Integer, PublishedTable> tables =
        publication.tables(
            standing.stream().map(shape -> shape.definition().oid()).collect(Collectors.toSet()));
    for (Shape shape : standing) {
      compare(shape, tables.get(shape.definition().oid()));
    }
    tables.values().stream()
        .flatMap(table -> table.notFull().stream())
        .distinct()
        .forEach(this::restoreFullIdentity);
  }

  private void compare(Shape shape, @Nullable PublishedTable now) {
    Footing footing = shape.footing().orElseThrow();
    Optional<String> end = end(shape, footing, now);
    if (end.isPresent()) {
      shapes.drop(shape, DropCause.TABLE, end.get());
    } else if (now != null) {
      shapes.describe(shape, shape.definition().in(now.table()));
      shape.standOn(Footing.of(now));
    }
  }

  private Optional<String> end(Shape shape, Footing footing, @Nullable PublishedTable now) {
    if (now == null) {
      return Optional.of("its table was dropped");
    }
    if (!shape.definition().in(now.table()).equals(shape.definition())) {
      return Optional.of("its table was altered");
    }
    Optional<String> loss = footing.loss(now);
    if (loss.isPresent()) {
      return loss;
    }
    List<RelationName> attached = footing.attached(now);
    return attached.isEmpty() || publication.areEmpty(attached)
        ? Optional.empty()
        : Optional.of("a partition with rows was attached");
  }

  private void restoreFullIdentity(RelationName table) {
    try {
      publication.restoreFullIdentity(table);
      reported.remove(table);
    } catch (DatabaseException e) {
      if (reported.add(table)) {
        log.atWarn()
            .addKeyValue("table", table)
            .addKeyValue("cause", e.kind().name().toLowerCase(Locale.ROOT))
            .log("the replica identity of {} is not full, and: {}", table, e.getMessage());
      }
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    try {
      thread.join(STOP_TIMEOUT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
