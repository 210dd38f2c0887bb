package dev.millrace.server;

import dev.millrace.protocol.Lsn;
import dev.millrace.server.http.Health;
import dev.millrace.server.postgres.AlterationTrigger;
import dev.millrace.server.postgres.DatabaseException;
import dev.millrace.server.postgres.DatabaseUrl;
import dev.millrace.server.postgres.Publication;
import dev.millrace.server.postgres.ReplicationException;
import dev.millrace.server.postgres.ReplicationSlot;
import dev.millrace.server.postgres.ReplicationStream;
import dev.millrace.server.shape.Shapes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the shapes following Postgres: connects, streams, and when the connection breaks waits a
 * little and connects again, for ever. Whatever is wrong is said once, with what to do about it,
 * and is over as soon as it is mended. Runs on one thread of its own, {@code replication}.
 */
final class ReplicationLoop implements Health, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ReplicationLoop.class);

  private static final Duration FIRST_DELAY = Duration.ofMillis(50);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration LONGEST_DELAY = Duration.ofSeconds(5);
  private static final Duration LONGEST_WAIT_FOR_SLOT = Duration.ofSeconds(2);

  private static final Duration FIRST_PATIENCE = Duration.ofSeconds(30);
  private static final Duration LONGEST_PATIENCE = Duration.ofMinutes(8);

  /** What the loop is at. */
  private enum Phase {
    CONNECTING,
    /** Another server has the slot; it becomes ours when that one ends. */
    WAITING,
    FOLLOWING
  }

  private final DatabaseUrl url;
  private final Publication publication;
  private final AlterationTrigger trigger;
  private final ReplicationSlot slot;
  private final Shapes shapes;
  private final Path identityFile;
  private final Runnable onFollowing;
  private final Thread thread = new Thread(this::run, "replication");

  private final CountDownLatch ready = new CountDownLatch(1);

  private final CountDownLatch stopping = new CountDownLatch(1);

  private volatile boolean closed;
  private volatile Phase phase = Phase.CONNECTING;

  /** What was reported last, so that the same trouble is reported once. */
  private String trouble = "";

  /**
   * How long Postgres may be silent. Doubled when it is for longer: it may be busy with a very long
   * transaction, which it would begin again for every new connection.
   */
  private Duration patience = FIRST_PATIENCE;

  /** The process in Postgres that served the connection before, 0 for none. */
  private int formerBackend;

  private @Nullable ReplicationStream stream;

  /**
   * @param onFollowing told each time following begins: what happened meanwhile is to be looked at
   */
  ReplicationLoop(
      DatabaseUrl url,
      Publication publication,
      AlterationTrigger trigger,
      ReplicationSlot slot,
      Shapes shapes,
      Path identityFile,
      Runnable onFollowing) {
    this.url = url;
    this.publication = publication;
    this.trigger = trigger;
    this.slot = slot;
    this.shapes = shapes;
    this.identityFile = identityFile;
    this.onFollowing = onFollowing;
  }

  void start() {
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public boolean isActive() {
    return phase == Phase.FOLLOWING && shapes.diskTrouble().isEmpty();
  }

  @Override
  public String status() {
    String idle = phase == Phase.WAITING ? "waiting" : "starting";
    return shapes.diskTrouble().orElse(isActive() ? "active" : idle);
  }

  @Override
  public boolean awaitReady(long timeoutMillis) throws InterruptedException {
    return ready.await(timeoutMillis, TimeUnit.MILLISECONDS);
  }

  private void run() {
    Duration delay = FIRST_DELAY;
    while (!closed) {
      long begun = System.nanoTime();
      String before = trouble;
      phase = attempt();
      boolean lasted = System.nanoTime() - begun > LONGEST_DELAY.toNanos();
      // Another trouble than before: somebody is mending, and should not have to wait for us.
      boolean isMending = !trouble.equals(before);
      Duration longest = phase == Phase.WAITING ? LONGEST_WAIT_FOR_SLOT : LONGEST_DELAY;
      delay = lasted || isMending ? FIRST_DELAY : min(delay.multipliedBy(2), longest);
      pause(delay);
    }
  }

  /** Follows until that ends, and says where this leaves the server. */
  private Phase attempt() {
    try {
      follow();
    } catch (ReplicationException e) {
      report(e);
      return e.kind() == ReplicationException.Kind.SLOT_TAKEN ? Phase.WAITING : Phase.CONNECTING;
    } catch (DatabaseException | UncheckedIOException e) {
      report(e);
    } catch (RuntimeException e) {
      log.atError()
          .addKeyValue("slot", slot.name())
          .setCause(e)
          .log("replication stopped by a bug; connecting again");
      trouble = "internal error";
    }
    return Phase.CONNECTING;
  }

  private static Duration min(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private void report(RuntimeException e) {
    String message = String.valueOf(e.getMessage());
    if (!closed && !message.equals(trouble)) {
      log.atWarn()
          .addKeyValue("slot", slot.name())
          .addKeyValue("lsn", new Lsn(shapes.committedPosition()))
          .addKeyValue("cause", cause(e))
          .log("not following Postgres: {}", message);
    }
    trouble = message;
  }

  /** A word for logs. */
  private static String cause(RuntimeException e) {
    return switch (e) {
      case ReplicationException r -> r.kind().name().toLowerCase(Locale.ROOT);
      case DatabaseException d -> d.kind().name().toLowerCase(Locale.ROOT);
      case UncheckedIOException disk -> "disk";
      default -> "internal";
    };
  }

  /** Waits between half of {@code delay} and all of it, or until closed. */
  private void pause(Duration delay) {
    long half = delay.toMillis() / 2;
    try {
      stopping.await(half + ThreadLocalRandom.current().nextLong(half + 1), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void follow() {
    shapes.router().abort();
    try (ReplicationStream opened = open()) {
      // The publication first: the stream could not decode a change made before there was one.
      if (publication.ensureExists()) {
        shapes.dropAll("the publication was not there, or did not publish every change");
      }
      boolean hasMessages = trigger.ensureExists();
      ReplicationSlot.Position position = slot.ensureExists(formerBackend);
      formerBackend = opened.backend();
      beginAnewAfterGap(opened.identity(), position);
      shapes.prepareFilters();
      Lsn start = startingPoint(position.confirmed());
      shapes.router().followFrom(start.value());
      follow(opened, hasMessages, start);
    } finally {
      shapes.router().release();
    }
  }

  private void follow(ReplicationStream opened, boolean hasMessages, Lsn start) {
    log.atInfo()
        .addKeyValue("slot", slot.name())
        .addKeyValue("lsn", start)
        .addKeyValue("timeline", opened.identity().timeline())
        .log("following Postgres");
    phase = Phase.FOLLOWING;
    trouble = "";
    ready.countDown();
    onFollowing.run();
    try {
      opened.follow(
          slot.name(),
          publication.name(),
          hasMessages,
          start,
          shapes::durablePosition,
          shapes.router());
    } finally {
      boolean isInVain =
          opened.isPeerSilent() && shapes.router().publishedPosition() == start.value();
      patience = isInVain ? min(patience.multipliedBy(2), LONGEST_PATIENCE) : FIRST_PATIENCE;
    }
  }

  private ReplicationStream open() {
    ReplicationStream opened = ReplicationStream.connect(url, patience);
    synchronized (this) {
      stream = opened;
      if (closed) {
        opened.close();
      }
    }
    return opened;
  }

  /** When changes have been missed, all shapes begin anew where the slot stands. */
  private void beginAnewAfterGap(
      ReplicationStream.SystemIdentity identity, ReplicationSlot.Position position) {
    String known = readIdentity();
    String current =
        "%s/%d/%s".formatted(identity.system(), identity.timeline(), identity.database());
    Lsn reached = new Lsn(shapes.committedPosition());
    Optional<String> gap =
        known.isEmpty() || known.equals(current)
            ? gap(identity, position, reached)
            : Optional.of(
                "another database or history answers: %s instead of %s".formatted(current, known));
    gap.ifPresent(reason -> shapes.beginAnew(reason, position.confirmed().value()));
    if (!known.equals(current)) {
      writeIdentity(current);
    }
  }

  /** At our own position, or at what Postgres has kept for shapes whose changes were undecided. */
  private Lsn startingPoint(Lsn confirmed) {
    return shapes.router().isAnyDelegated() ? confirmed : new Lsn(shapes.committedPosition());
  }

  /**
   * Why the stream does not go on where we stand. Postgres never confirms more than our journal
   * holds, so a slot that is further on, or a database that is not as far, is another one than
   * before.
   */
  private static Optional<String> gap(
      ReplicationStream.SystemIdentity identity, ReplicationSlot.Position position, Lsn reached) {
    if (position.isNew()) {
      return Optional.of("the replication slot was not there");
    }
    if (position.confirmed().isAfter(reached)) {
      return Optional.of("the slot is at %s, past our %s".formatted(position.confirmed(), reached));
    }
    if (reached.isAfter(identity.position())) {
      return Optional.of(
          "the database is at %s, before our %s".formatted(identity.position(), reached));
    }
    return Optional.empty();
  }

  private String readIdentity() {
    try {
      return Files.exists(identityFile) ? Files.readString(identityFile).strip() : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void writeIdentity(String identity) {
    try {
      Files.writeString(identityFile, identity + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      stopping.countDown();
      if (stream != null) {
        stream.close();
      }
    }
    try {
      // It may be waiting for Postgres to make a slot, which no call of ours can end.
      thread.join(STOP_TIMEOUT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
