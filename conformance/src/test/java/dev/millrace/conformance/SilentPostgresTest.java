package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.millrace.dev.LocalPostgres;
import dev.millrace.server.postgres.ChangeSink;
import dev.millrace.server.postgres.Database;
import dev.millrace.server.postgres.DatabaseUrl;
import dev.millrace.server.postgres.ReplicationException;
import dev.millrace.server.postgres.ReplicationSlot;
import dev.millrace.server.postgres.ReplicationStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The way to Postgres swallows everything, and neither side is told. */
@ExtendWith(OnePostgres.class)
class SilentPostgresTest {

  private static final String NAME = "silent";
  private static final Duration SHORT = Duration.ofSeconds(4);
  private static final Duration LONG = Duration.ofMinutes(2);
  private static final long LIMIT_SECONDS = 60;

  @Test
  void aSilentPeerIsGivenUpAndAQuietOneIsNot(LocalPostgres postgres) throws Exception {
    try (Following following = Following.start(postgres, SHORT)) {
      // Nothing is written, yet after twice its patience the stream still runs.
      following.awaitPauses(SHORT.multipliedBy(2));
      assertThat(following.end).isNotDone();

      following.proxy.swallow();

      assertThat(following.awaitEnd())
          .isInstanceOf(ReplicationException.class)
          .hasMessageContaining("has not answered for 4 s");
      assertThat(following.stream.isPeerSilent()).isTrue();
    }
  }

  @Test
  void theSlotIsTakenBackFromAConnectionOfOursThatPostgresBelievesIn(LocalPostgres postgres)
      throws Exception {
    try (Following following = Following.start(postgres, LONG)) {
      following.proxy.swallow();
      following.stream.close();
      following.awaitEnd();

      assertThat(catchThrowable(() -> following.slot.ensureExists(0)))
          .hasMessageContaining("in use by another server");
      following.slot.ensureExists(following.stream.backend());

      following.slot.ensureExists(0);
    }
  }

  /** A stream on a thread of its own. */
  private static final class Following implements AutoCloseable {
    private final LocalPostgres postgres;
    private final String database;
    private final PostgresProxy proxy;
    private final Database pool;
    private final ReplicationSlot slot;
    private final ReplicationStream stream;
    private final AtomicInteger pauses = new AtomicInteger();
    private final CompletableFuture<Throwable> end = new CompletableFuture<>();

    private Following(LocalPostgres postgres, Duration patience) throws Exception {
      this.postgres = postgres;
      String url = postgres.createDatabase(NAME);
      this.database = url.substring(url.lastIndexOf('/') + 1);
      this.proxy = PostgresProxy.to(postgres);
      this.pool = Database.open(DatabaseUrl.parse(url), 2);
      this.slot = new ReplicationSlot(pool, database);
      this.stream =
          ReplicationStream.connect(DatabaseUrl.parse(proxy.url("postgres", database)), patience);
    }

    static Following start(LocalPostgres postgres, Duration patience) throws Exception {
      Following following = new Following(postgres, patience);
      following.pool.with(
          "creating a publication",
          connection -> connection.createStatement().execute("create publication " + NAME));
      ReplicationSlot.Position position = following.slot.ensureExists(0);
      Thread.ofVirtual()
          .start(() ->
              following.end.complete(
                  catchThrowable(() ->
                      following.stream.follow(
                          following.database,
                          NAME,
                          true,
                          position.confirmed(),
                          () -> 0,
                          following.sink()))));
      following.awaitPauses(Duration.ZERO);
      return following;
    }

    /** Of all it is told it counts the pauses. */
    private ChangeSink sink() {
      return (ChangeSink)
          Proxy.newProxyInstance(
              ChangeSink.class.getClassLoader(),
              new Class<?>[] {ChangeSink.class},
              (self, method, arguments) -> method.getName().equals("pause") ? pause() : null);
    }

    private Object pause() {
      pauses.incrementAndGet();
      return "";
    }

    /** Waits until the stream has run for that long, and is still at it or has ended. */
    void awaitPauses(Duration atLeast) {
      long begun = System.nanoTime();
      Awaitility.await()
          .atMost(Duration.ofSeconds(LIMIT_SECONDS))
          .until(() ->
              end.isDone() || (pauses.get() > 0 && System.nanoTime() - begun > atLeast.toNanos()));
    }

    Throwable awaitEnd() throws Exception {
      return end.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws IOException, SQLException {
      stream.close();
      pool.close();
      proxy.close();
      try (var connection = postgres.connect();
          var statement = connection.createStatement()) {
        statement.execute(
            "select pg_terminate_backend(active_pid, 5000) from pg_replication_slots where slot_name = '%s'"
                .formatted(database));
        statement.execute("select pg_drop_replication_slot('%s')".formatted(database));
        statement.execute("drop database %s with (force)".formatted(database));
      }
    }
  }
}
