package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.conformance.Follower.Live;
import dev.millrace.dev.LocalPostgres;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The official client ends with the rows that SELECT has, in both of its live modes. */
@ExtendWith(OnePostgres.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OfficialClientTest {
  /** Small, so that snapshots and logs have many chunks. */
  private static final Map<String, String> SETTINGS = Map.of("MILLRACE_CHUNK_BYTES", "10000");

  private final SyncedDatabase database;

  OfficialClientTest(LocalPostgres postgres, @TempDir Path folder) throws SQLException {
    database = SyncedDatabase.start(postgres, folder, SETTINGS);
    database.execute(EveryType.TYPES.toArray(String[]::new));
  }

  @AfterAll
  void close() throws SQLException {
    database.close();
  }

  @ParameterizedTest
  @EnumSource
  void everyKindOfChangeOfEveryTypeArrives(Live live) throws Exception {
    EveryType table = EveryType.createIn(database);
    table.insertEveryValue();
    try (Follower follower = follow(table.name(), live)) {
      follower.awaitUpToDate();
      follower.assertHasRows(table.select());

      table.insertEveryValue();
      table.updateEachColumn();
      table.changeKeys();
      table.deleteSome();
      follower.awaitChangeOf(table.insertLast());

      follower.assertHasRows(table.select());
      follower.assertEachOperationCameOnce();
      assertThat(follower.handles()).hasSize(1);
      assertThat(follower.hasUsed(live)).isTrue();
    }
  }

  @Test
  void aClientThatComesLaterGetsTheSameRowsFromSnapshotAndLog() throws Exception {
    EveryType table = EveryType.createIn(database);
    table.insertEveryValue();
    try (Follower first = follow(table.name(), Live.SSE)) {
      first.awaitUpToDate();
      table.insertEveryValue();
      table.updateEachColumn();
      table.changeKeys();
      first.awaitChangeOf(table.insertLast());

      try (Follower later = follow(table.name(), Live.LONG_POLL)) {
        later.awaitUpToDate();

        later.assertHasRows(table.select());
        later.assertEachOperationCameOnce();
        assertThat(later.handles()).isEqualTo(first.handles());
      }
    }
  }

  @Test
  void theClientsOwnParsersReadWhatIsSent() throws Exception {
    database.execute(
        "create table parsed (id int primary key, truth bool not null, big int8, half float8,"
            + " doc jsonb, ints int8[], grid text[][], missing bool, price numeric(8, 2))",
        """
        insert into parsed values (1, true, 9007199254740993, 'NaN', '{"a": [1, null]}',
          '{1,NULL,3}', '{{a,"b,c"},{NULL,"\\"d\\""}}', null, 1.50)
        """);
    try (Follower follower = follow("parsed", Live.SSE, "--values", "parsed")) {
      follower.awaitUpToDate();
      database.execute(
          "insert into parsed select 2, not truth, big, half, doc, ints, grid, missing, price"
              + " from parsed");
      follower.awaitChangeOf(Row.key("parsed", 2));

      assertThat(follower.rows())
          .extracting(row -> row.values().toString())
          .containsExactly(
              "{id=1, truth=true, big=9007199254740993n, half=NaN, doc={a=[1, null]},"
                  + " ints=[1n, null, 3n], grid=[[a, b,c], [null, \"d\"]], missing=null, price=1.50}",
              "{id=2, truth=false, big=9007199254740993n, half=NaN, doc={a=[1, null]},"
                  + " ints=[1n, null, 3n], grid=[[a, b,c], [null, \"d\"]], missing=null, price=1.50}");
    }
  }

  /** What a snapshot calls a row, the log must call it too (protocol section 5.7). */
  @Test
  void rowsKeepTheirKeysFromSnapshotToLog() throws Exception {
    String table =
        """
        "od/d ""sch.ema"."Ta/b.l ""e"\
        """;
    database.execute(
        """
        create schema "od/d ""sch.ema"
        """,
        "create table %s (n int, flag bool, \"Na/m \"\"e\" text, primary key (\"Na/m \"\"e\", flag))"
            .formatted(table),
        """
        insert into %s values (1, true, 'a/b'), (2, false, '"'), (3, true, ''), (4, true, E'\\\\\t\n€')
        """
            .formatted(table));
    try (Follower follower = follow(table, Live.SSE)) {
      follower.awaitUpToDate();

      database.execute(
          "update %s set n = n + 10".formatted(table),
          "update %s set flag = not flag where n in (11, 12)".formatted(table),
          "delete from %s where n = 14".formatted(table),
          "insert into %s values (5, false, 'last')".formatted(table));
      follower.awaitChangeOf("\"od/d \"\"sch.ema\".\"Ta/b.l \"\"e\"/\"last\"/\"f\"");

      follower.assertHasRows(database.select(table, "Na/m \"e", "flag"));
      follower.assertEachOperationCameOnce();
    }
  }

  @Test
  void withoutAPrimaryKeyAllColumnsAreTheKey() throws Exception {
    database.execute(
        "create table keyless (a int, b text, c bool)",
        "insert into keyless values (1, null, true), (2, '_', false), (3, 'x/y', null)");
    try (Follower follower = follow("keyless", Live.LONG_POLL)) {
      follower.awaitUpToDate();

      database.execute(
          "update keyless set b = 'now known' where a = 1",
          "update keyless set c = null where a = 2",
          "delete from keyless where a = 3",
          "insert into keyless values (null, null, true)");
      follower.awaitChangeOf("\"public\".\"keyless\"/_/_/\"t\"");

      follower.assertHasRows(database.select("keyless"));
      follower.assertEachOperationCameOnce();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aShapeOfSomeColumnsHasOnlyThose(Live live) throws Exception {
    EveryType table = EveryType.createIn(database);
    table.insertEveryValue();
    String[] options = {"--columns", "note,id,truth", "--replica", "full"};
    try (Follower follower = follow(table.name(), live, options)) {
      follower.awaitUpToDate();

      table.insertEveryValue();
      table.updateEachColumn();
      table.changeKeys();
      follower.awaitChangeOf(table.insertLast());

      follower.assertHasRows(table.select("id", "note", "truth"));
      follower.assertEachOperationCameOnce();
      assertThat(follower.schema()).containsOnlyKeys("id", "note", "truth");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aTruncatedTableIsFetchedAnew(Live live) throws Exception {
    EveryType table = EveryType.createIn(database);
    table.insertEveryValue();
    try (Follower follower = follow(table.name(), live)) {
      follower.awaitUpToDate();

      database.execute("truncate " + table.name());
      follower.awaitRefetch();
      table.insertEveryValue();
      follower.awaitChangeOf(table.insertLast());

      follower.assertHasRows(table.select());
      follower.assertEachOperationCameOnce();
      assertThat(follower.handles()).hasSize(2);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aClientThatSleptThroughARestartGetsManyChunksItMissed(Live live) throws Exception {
    String table = "slept_" + live.name().toLowerCase(Locale.ROOT);
    database.execute("create table %s (id int primary key, note text)".formatted(table));
    try (Follower sleeper = follow(table, live);
        Follower awake = follow(table, Live.LONG_POLL)) {
      sleeper.awaitUpToDate();
      awake.awaitUpToDate();
      sleeper.pause();

      database.execute(
          "insert into %s select i, repeat('x', 100) from generate_series(1, 1000) i"
              .formatted(table),
          "update %s set note = 'y'".formatted(table));
      database.server().restart();
      database.execute("insert into %s values (0, 'last')".formatted(table));
      awake.awaitChangeOf(Row.key(table, 0));
      sleeper.resume();
      sleeper.awaitChangeOf(Row.key(table, 0));

      sleeper.assertHasRows(database.select(table, "id"));
      sleeper.assertEachOperationCameOnce();
      assertThat(sleeper.handles()).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void answersThatBreakOffLoseAndRepeatNothing(Live live) throws Exception {
    String table = "broken_" + live.name().toLowerCase(Locale.ROOT);
    database.execute("create table %s (id int primary key, note text)".formatted(table));
    try (CuttingProxy proxy = CuttingProxy.start(database.server().uri(), 4000, 1);
        Follower follower = Follower.start(proxy.uri(), table, live)) {
      follower.awaitUpToDate();

      long deadline = System.nanoTime() + Duration.ofSeconds(40).toNanos();
      for (int i = 1; proxy.cuts() < 20 && System.nanoTime() < deadline; i++) {
        database.execute(
            "insert into %s values (%d, '')".formatted(table, i),
            "update %1$s set note = repeat('x', 200) || %2$d where id > %2$d - 3"
                .formatted(table, i));
      }
      assertThat(proxy.cuts()).isGreaterThanOrEqualTo(20);
      proxy.mend();
      database.execute("insert into %s values (0, 'last')".formatted(table));
      follower.awaitChangeOf(Row.key(table, 0));

      follower.assertHasRows(database.select(table, "id"));
      follower.assertEachOperationCameOnce();
      assertThat(follower.handles()).hasSize(1);
      assertThat(follower.warnings()).doesNotContain("Falling back to long polling");
    }
  }

  @Test
  void aTableThatDoesNotExistIsRefused() throws Exception {
    try (Follower follower = follow("no_such_table", Live.SSE)) {
      assertThatThrownBy(follower::awaitUpToDate)
          .hasMessageContaining("It gave up.")
          .hasMessageContaining("does not exist");
    }
  }

  private Follower follow(String table, Live live, String... options) throws Exception {
    return Follower.start(database.server().uri(), table, live, options);
  }
}
