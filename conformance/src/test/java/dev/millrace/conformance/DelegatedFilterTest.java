package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Message;
import dev.millrace.dev.LocalPostgres;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Filters that only Postgres can evaluate: late, in order, and without holding up others. */
@ExtendWith(OnePostgres.class)
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class DelegatedFilterTest {

  /** A function of somebody's own that takes its time. */
  private static final String SLOW =
      """
      create function is_even(n int) returns boolean immutable language plpgsql as $$
      begin
        perform pg_sleep(0.02);
        return n % 2 = 0;
      end $$
      """;

  private static final int ROWS = 200;

  @TempDir private Path folder;
  private SyncedDatabase database;

  @BeforeEach
  void start(LocalPostgres postgres) throws Exception {
    database =
        SyncedDatabase.start(
            postgres, folder.resolve("server"), Map.of("MILLRACE_LONG_POLL_TIMEOUT", "3"));
    database.execute(
        SLOW, "create table items (id int primary key)", "insert into items values (0), (-1)");
  }

  @AfterEach
  void stop() throws Exception {
    database.close();
  }

  private void insertRows() throws Exception {
    for (int i = 1; i <= ROWS; i++) {
      database.execute("insert into items values (" + i + ")");
    }
  }

  private static List<String> even() {
    return IntStream.rangeClosed(1, ROWS)
        .filter(i -> i % 2 == 0)
        .mapToObj(Integer::toString)
        .toList();
  }

  /** Long polls until there are so many rows, or none comes any more. */
  private static List<String> awaitIds(ShapeCopy copy, int count) throws Exception {
    List<String> ids = new ArrayList<>();
    while (ids.size() < count) {
      for (Message change : copy.awaitChanges()) {
        ids.add(String.valueOf(change.value("id")));
      }
    }
    return ids;
  }

  // Protocol 13-4.
  @Test
  void slowOnesHoldUpNobodyElseAndAreInOrder() throws Exception {
    try (ShapeHttp http = new ShapeHttp(database.server().uri())) {
      ShapeCopy slow = ShapeCopy.of(http, "items", "where", "is_even(id)");
      ShapeCopy quick = ShapeCopy.of(http, "items", "where", "id % 2 = 0");
      assertThat(slow.rows()).hasSize(1);

      insertRows();
      List<String> quickly = awaitIds(quick, ROWS / 2);
      slow.readOn();
      int slowly = slow.rows().size() - 1;

      assertThat(quickly).isEqualTo(even());
      assertThat(slowly).isLessThan(ROWS / 2);
      assertThat(http.get("/metrics").body())
          .containsPattern("millrace_filter_undecided_transactions [1-9]")
          .containsPattern("millrace_filter_delegated_rows_total [1-9]");
      List<String> rest = awaitIds(slow, ROWS / 2 - slowly);
      List<String> all = new ArrayList<>(even().subList(0, slowly));
      all.addAll(rest);
      assertThat(all).isEqualTo(even());
    }
  }

  @Test
  void whatWasUndecidedWhenTheServerWasKilledIsDecidedAfterwards() throws Exception {
    try (ShapeHttp http = new ShapeHttp(database.server().uri())) {
      ShapeCopy slow = ShapeCopy.of(http, "items", "where", "is_even(id)");
      ShapeCopy quick = ShapeCopy.of(http, "items", "where", "id % 2 = 0");
      insertRows();
      awaitIds(quick, ROWS / 2);
      slow.readOn();
      int before = slow.rows().size() - 1;
      assertThat(before).isLessThan(ROWS / 2);

      database.server().kill();
      database.server().restart();

      assertThat(awaitIds(slow, ROWS / 2 - before)).isEqualTo(even().subList(before, ROWS / 2));
      int known = quick.rows().size();
      quick.readOn();
      assertThat(quick.rows()).hasSize(known);
    }
  }

  @Test
  void aShapeWhoseFunctionIsGoneIsDroppedAndOthersGoOn() throws Exception {
    try (ShapeHttp http = new ShapeHttp(database.server().uri())) {
      ShapeCopy doomed = ShapeCopy.of(http, "items", "where", "is_even(id)");
      ShapeCopy other = ShapeCopy.of(http, "items", "where", "id % 2 = 0");

      database.execute("drop function is_even", "insert into items values (2)");

      assertThat(awaitIds(other, 1)).containsExactly("2");
      assertThat(doomed.awaitRefusal().status()).isIn(400, 409);
    }
  }

  /** What says nothing of the row is no answer: rather no shape than one that may be wrong. */
  @Test
  void aShapeForWhichPostgresItselfFailsIsDroppedAndOthersGoOn() throws Exception {
    database.execute(
        """
        create function is_fine(n int) returns boolean immutable language plpgsql as $$
        begin
          if n = 2 then raise exception 'out of order' using errcode = 'XX000'; end if;
          return true;
        end $$
        """);
    try (ShapeHttp http = new ShapeHttp(database.server().uri())) {
      ShapeCopy doomed = ShapeCopy.of(http, "items", "where", "is_fine(id)");
      ShapeCopy other = ShapeCopy.of(http, "items", "where", "int4range(1, 9) @> id");

      database.execute("insert into items values (1), (2), (3)");

      assertThat(awaitIds(other, 3)).containsExactly("1", "2", "3");
      assertThat(doomed.awaitRefusal().status()).isIn(409, 503);
    }
  }

  /** When Postgres stops it waits for whoever follows it to confirm all there is. */
  @Test
  void whatIsUndecidedDoesNotKeepPostgresFromStopping() throws Exception {
    try (LocalPostgres own = LocalPostgres.temporary();
        SyncedDatabase stopped =
            SyncedDatabase.start(
                own, folder.resolve("own"), Map.of("MILLRACE_LONG_POLL_TIMEOUT", "3"));
        ShapeHttp http = new ShapeHttp(stopped.server().uri())) {
      stopped.execute(SLOW, "create table items (id int primary key)");
      ShapeCopy slow = ShapeCopy.of(http, "items", "where", "is_even(id)");
      stopped.execute("insert into items select generate_series(1, %d)".formatted(2 * ROWS));
      long begun = System.nanoTime();

      own.restart();

      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(20));
      assertThat(slow.rows()).isEmpty();
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> http.get("/v1/health").body().contains("active"));
      assertThat(awaitIds(slow, ROWS)).hasSize(ROWS).doesNotHaveDuplicates();
    }
  }
}
