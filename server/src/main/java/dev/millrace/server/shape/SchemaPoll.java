package dev.millrace.server.shape;

import dev.millrace.protocol.RelationName;
import dev.millrace.server.postgres.DatabaseException;
import dev.millrace.server.postgres.Publication;
import dev.millrace.server.postgres.PublishedTable;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
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

  /** What the shapes of each table rest on, by its OID. Of the thread. */
  private final Map<Integer, Footing> footings = new HashMap<>();

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
            standing.stream()
                .flatMap(shape -> shape.definition().oids())
                .collect(Collectors.toSet()));
    Look look = new Look(tables);
    standing.forEach(look::compare);
    footings.keySet().retainAll(tables.keySet());
    tables.values().stream()
        .flatMap(table -> table.notFull().stream())
        .distinct()
        .forEach(this::restoreFullIdentity);
  }

  /**
   * One look at the catalogue. What shapes have in common is compared once: there may be a hundred
   * thousand of one table.
   */
  private final class Look {

    private final Map<Integer, PublishedTable> tables;
    private final IdentityHashMap<Projection, Seen> seen = new IdentityHashMap<>();
    private final Map<Integer, Footing> current = new HashMap<>();

    /** A projection as the table is now. */
    private record Seen(Projection now, boolean isAltered, boolean isDescribedAnew) {

      static Seen of(Projection before, PublishedTable table) {
        Projection now = before.in(table.table());
        return new Seen(now, !now.identity().equals(before.identity()), !now.equals(before));
      }
    }

    Look(Map<Integer, PublishedTable> tables) {
      this.tables = tables;
    }

    void compare(Shape shape) {
      PublishedTable now = tables.get(shape.definition().oid());
      Optional<String> end = now == null ? Optional.of("its table was dropped") : end(shape, now);
      if (end.isPresent()) {
        shapes.drop(shape, DropCause.TABLE, end.get());
      } else if (now != null) {
        takeUp(shape, now);
      }
    }

    private Seen seen(ShapeDefinition definition, PublishedTable now) {
      return seen.computeIfAbsent(definition.projection(), projection -> Seen.of(projection, now));
    }

    private boolean isFollowed(ShapeDefinition values, Footing footing) {
      PublishedTable now = tables.get(values.oid());
      return now != null && footing.hasKept(now) && !seen(values, now).isAltered();
    }

    private Optional<String> end(Shape shape, PublishedTable now) {
      if (seen(shape.definition(), now).isAltered()) {
        return Optional.of("its table was altered");
      }
      Footing footing = shape.footing().orElseThrow();
      if (!shape.definition().dependencies().stream()
          .allMatch(values -> isFollowed(values, footing))) {
        return Optional.of(
            "a table that its rows depend on was altered or taken out of the publication");
      }
      Footing current = footing(shape, now);
      if (footing.equals(current)) {
        return Optional.empty();
      }
      if (footing.isRenamedIn(current)) {
        return Optional.of("a value of an enum was renamed");
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

    private void takeUp(Shape shape, PublishedTable now) {
      Seen projection = seen(shape.definition(), now);
      if (projection.isDescribedAnew()) {
        shapes.describe(shape, shape.definition().showing(projection.now()));
      }
      shape.standOn(footing(shape, now));
    }

    private Footing footing(Shape shape, PublishedTable now) {
      return footing(now)
          .reading(
              shape.definition().dependencies().stream()
                  .map(values -> tables.get(values.oid()))
                  .filter(Objects::nonNull)
                  .toList());
    }

    private Footing footing(PublishedTable table) {
      return current.computeIfAbsent(table.table().oid(), oid -> remembered(table));
    }

    /** One object for all shapes of a table, as long as nothing changes. */
    private Footing remembered(PublishedTable table) {
      return footings.merge(
          table.table().oid(), Footing.of(table), (before, n) -> n.equals(before) ? before : n);
    }
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
