package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.conformance.ShapeHttp.Message;
import dev.millrace.dev.LocalPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Shapes of partitioned tables and of their partitions (docs/protocol.md, section 10.3). */
@ExtendWith(OnePostgres.class)
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class PartitionTest {
  private static final AtomicInteger TABLES = new AtomicInteger();

  @TempDir static Path folder;
  private static SyncedDatabase database;
  private static ShapeHttp http;

  @BeforeAll
  static void start(LocalPostgres postgres) throws Exception {
    database =
        SyncedDatabase.start(
            postgres,
            folder,
            Map.of("MILLRACE_SCHEMA_POLL", "1", "MILLRACE_LONG_POLL_TIMEOUT", "3"));
    http = new ShapeHttp(database.server().uri());
  }

  @AfterAll
  static void stop() throws Exception {
    http.close();
    database.close();
  }

  /**
   * A table partitioned by k: 0 in {@code _0}; 1 in {@code _1}, attached with its columns in
   * another order; 2 and 3 below {@code _2}, partitioned once more.
   */
  private static String newTable() throws Exception {
    String table = "parted" + TABLES.incrementAndGet();
    execute(
        table,
        "create table %1$s (id int, k int, a text, primary key (id, k)) partition by list (k)",
        "create table %1$s_0 partition of %1$s for values in (0)",
        "create table %1$s_1 (a text, gone int, k int not null, id int not null)",
        "alter table %1$s_1 drop gone",
        "alter table %1$s attach partition %1$s_1 for values in (1)",
        "create table %1$s_2 partition of %1$s for values in (2, 3) partition by list (k)",
        "create table %1$s_22 partition of %1$s_2 for values in (2)",
        "create table %1$s_23 partition of %1$s_2 for values in (3)",
        "insert into %1$s select i, i %% 4, 'row ' || i from generate_series(1, 8) i");
    return table;
  }

  private static void execute(String table, String... statements) throws Exception {
    for (String statement : statements) {
      database.execute(statement.formatted(table));
    }
  }

  /** The rows that a client has after all it was told. */
  private static List<Row> rows(ShapeCopy copy) {
    Map<String, Row> rows = new LinkedHashMap<>();
    for (Message message : copy.rows()) {
      switch (message.operation()) {
        case "insert" -> rows.put(message.key(), new Row(message.key(), message.value()));
        case "delete" -> rows.remove(message.key());
        default -> rows.computeIfPresent(message.key(), (key, before) -> merged(before, message));
      }
    }
    return rows.values().stream().sorted().toList();
  }

  private static Row merged(Row before, Message update) {
    Map<String, @Nullable Object> values = new LinkedHashMap<>(before.values());
    values.putAll(update.value());
    return new Row(before.key(), values);
  }

  /** Reads on until the row with this id has come. */
  private static void awaitRow(ShapeCopy copy, String table, int id, int k) throws Exception {
    String key = Row.key(table, Integer.toString(id), Integer.toString(k));
    while (copy.rows().stream().noneMatch(row -> row.key().equals(key))) {
      copy.awaitChanges();
    }
  }

  private static List<Row> select(String table) throws Exception {
    return database.select(table, "id", "k");
  }

  // Protocol 10.3-4.
  @Test
  void aRootHasTheRowsAndChangesOfAllItsPartitionsUnderItsOwnName() throws Exception {
    String table = newTable();
    ShapeCopy root = ShapeCopy.of(http, table);
    ShapeCopy full = ShapeCopy.of(http, table, "replica", "full");

    execute(
        table,
        "insert into %s values (10, 0, 'a'), (11, 1, 'b'), (12, 2, 'c'), (13, 3, 'd')",
        "update %s set a = a || '!'",
        "update %s set id = id + 100 where k = 1",
        "delete from %s where id < 4",
        "insert into %s_1 (a, k, id) values ('last', 1, 99)");
    awaitRow(root, table, 99, 1);
    awaitRow(full, table, 99, 1);

    assertThat(rows(root)).isEqualTo(select(table));
    assertThat(rows(full)).isEqualTo(select(table));
    assertThat(root.rows())
        .allSatisfy(row -> assertThat(row.header("relation")).isEqualTo(List.of("public", table)));
  }

  @Test
  void rootAndPartitionsAreShapesBesideEachOther() throws Exception {
    String table = newTable();
    ShapeCopy leaf = ShapeCopy.of(http, table + "_22");
    ShapeCopy middle = ShapeCopy.of(http, table + "_2");
    ShapeCopy root = ShapeCopy.of(http, table);

    execute(table, "insert into %s values (20, 3, 'other')", "insert into %s values (21, 2, 'x')");
    awaitRow(leaf, table + "_22", 21, 2);
    awaitRow(middle, table + "_2", 21, 2);
    awaitRow(root, table, 21, 2);

    assertThat(rows(leaf)).isEqualTo(select(table + "_22"));
    assertThat(rows(middle)).isEqualTo(select(table + "_2"));
    assertThat(rows(root)).isEqualTo(select(table));
  }

  @Test
  void aRowThatMovesBetweenPartitionsStays() throws Exception {
    String table = "parted" + TABLES.incrementAndGet();
    execute(
        table,
        "create table %1$s (k int, a text) partition by list (k)",
        "create table %1$s_0 partition of %1$s for values in (0)",
        "create table %1$s_1 partition of %1$s for values in (1)",
        "insert into %s values (0, 'moves')");
    ShapeCopy root = ShapeCopy.of(http, table, "columns", "a");

    execute(table, "update %s set k = 1", "insert into %s values (0, 'last')");
    String last = Row.key(table, "0", "last");
    while (root.rows().stream().noneMatch(row -> row.key().equals(last))) {
      root.awaitChanges();
    }

    assertThat(rows(root))
        .containsExactlyInAnyOrder(
            new Row(Row.key(table, "1", "moves"), Map.of("a", "moves")),
            new Row(last, Map.of("a", "last")));
  }

  @Test
  void aNewPartitionIsFollowedFromItsFirstRowOn() throws Exception {
    String table = newTable();
    ShapeCopy root = ShapeCopy.of(http, table);

    execute(
        table,
        "create table %1$s_4 partition of %1$s for values in (4)",
        "insert into %s values (40, 4, 'in a new partition')",
        "create table %1$s_56 partition of %1$s for values in (5, 6) partition by list (k)",
        "create table %1$s_5 partition of %1$s_56 for values in (5)",
        "insert into %s values (50, 5, 'deep')",
        "delete from %s where k = 4",
        "insert into %s values (51, 5, 'last')");
    awaitRow(root, table, 51, 5);
    assertThat(rows(root)).isEqualTo(select(table));
    awaitFullIdentity(table + "_5");
    execute(table, "insert into %s values (52, 5, 'after a look at the catalogue')");
    awaitRow(root, table, 52, 5);

    assertThat(rows(root)).isEqualTo(select(table));
    assertThat(ShapeCopy.of(http, table).handle()).isEqualTo(root.handle());
  }

  private static void awaitFullIdentity(String table) throws Exception {
    await()
        .until(() ->
            database
                .query("select relreplident from pg_class where relname = '" + table + "'")
                .equals("f"));
  }

  @Test
  void anEmptyTableThatIsAttachedDoesNotEndTheShape() throws Exception {
    String table = newTable();
    ShapeCopy root = ShapeCopy.of(http, table);

    execute(
        table,
        "create table %1$s_4 (like %1$s including all)",
        "alter table %1$s attach partition %1$s_4 for values in (4)");
    awaitFullIdentity(table + "_4");
    execute(table, "insert into %s values (40, 4, 'new')");
    awaitRow(root, table, 40, 4);

    assertThat(rows(root)).isEqualTo(select(table));
    assertThat(ShapeCopy.of(http, table).handle()).isEqualTo(root.handle());
  }

  // Protocol 10.2-2, 10.2-4.
  @Test
  void whatComesOrGoesWithoutRowChangesEndsTheRootAndNotThePartition() throws Exception {
    for (List<String> statements :
        List.of(
            List.of(
                "create table %1$s_4 (like %1$s including all)",
                "insert into %1$s_4 values (40, 4, 'there before')",
                "alter table %1$s attach partition %1$s_4 for values in (4)"),
            List.of(
                "begin; create table %1$s_4 (like %1$s including all); insert into %1$s_4 values (40, 4, 'there before'); alter table %1$s attach partition %1$s_4 for values in (4); commit"),
            List.of("alter table %1$s detach partition %1$s_1"),
            List.of("alter table %1$s detach partition %1$s_1 concurrently"),
            List.of("alter table %1$s_2 detach partition %1$s_22"),
            List.of("drop table %1$s_1"),
            List.of("truncate %1$s_23"))) {
      String table = newTable();
      ShapeCopy root = ShapeCopy.of(http, table);
      ShapeCopy leaf = ShapeCopy.of(http, table + "_0");

      execute(table, statements.toArray(String[]::new));
      Answer refusal = root.awaitRefusal();
      ShapeCopy fresh = ShapeCopy.of(http, table);
      execute(table, "insert into %s values (100, 0, 'last')");
      awaitRow(fresh, table, 100, 0);

      assertThat(refusal.status()).as(statements.toString()).isEqualTo(409);
      assertThat(rows(fresh)).as(statements.toString()).isEqualTo(select(table));
      awaitRow(leaf, table + "_0", 100, 0);
    }
  }

  @Test
  void aPartitionThatWasAwayAndIsBackEndsTheRoot() throws Exception {
    String table = newTable();
    ShapeCopy root = ShapeCopy.of(http, table);

    database.execute(
        "begin; alter table %1$s detach partition %1$s_1; insert into %1$s_1 (a, k, id) values ('unseen', 1, 77); alter table %1$s attach partition %1$s_1 for values in (1); commit"
            .formatted(table));

    assertThat(root.awaitRefusal().status()).isEqualTo(409);
    assertThat(rows(ShapeCopy.of(http, table))).isEqualTo(select(table));
  }

  @Test
  void aTransactionOpenInAPartitionWhileTheRootIsPublishedIsNotLost() throws Exception {
    String table = newTable();
    try (Connection open = database.connect();
        Statement statement = open.createStatement()) {
      open.setAutoCommit(false);
      statement.execute("insert into %s values (60, 2, 'early')".formatted(table));
      var answer = http.shapeLater("table", table, "offset", "-1");
      awaitLockWait(table);
      statement.execute("create table %1$s_7 partition of %1$s for values in (7)".formatted(table));
      statement.execute("insert into %s values (70, 7, 'early too')".formatted(table));
      open.commit();
      answer.get(20, TimeUnit.SECONDS);
    }
    ShapeCopy root = ShapeCopy.of(http, table);
    execute(table, "insert into %s values (71, 7, 'last')");
    awaitRow(root, table, 71, 7);

    assertThat(rows(root)).isEqualTo(select(table));
  }

  /** It holds no lock on the root, and nothing else makes us wait for it. */
  @Test
  void aTransactionOpenInOnePartitionAloneIsWaitedFor() throws Exception {
    String table = newTable();
    execute(
        table,
        "alter table %s_0 replica identity full",
        "alter table %s_1 replica identity full",
        "alter table %s_22 replica identity full",
        "alter table %s_23 replica identity full");
    try (Connection open = database.connect();
        Statement statement = open.createStatement()) {
      open.setAutoCommit(false);
      statement.execute("insert into %s_22 values (60, 2, 'early')".formatted(table));
      var answer = http.shapeLater("table", table, "offset", "-1");
      awaitLockWait(table);
      open.commit();
      answer.get(20, TimeUnit.SECONDS);
    }

    assertThat(rows(ShapeCopy.of(http, table))).isEqualTo(select(table));
  }

  private static void awaitLockWait(String table) {
    await()
        .until(() ->
            database
                .query(
                    "select exists (select 1 from pg_locks where relation in (select oid from pg_class where relname like '%s%%') and not granted)"
                        .formatted(table))
                .equals("t"));
  }

  @Test
  void manyPartitionsComeAndGoWhileOthersWrite() throws Exception {
    String table = newTable();
    List<ShapeCopy> copies = new ArrayList<>(List.of(ShapeCopy.of(http, table)));

    for (int k = 10; k < 16; k++) {
      execute(
          table,
          "create table %1$s_" + k + " partition of %1$s for values in (" + k + ")",
          "insert into %s values (" + k + ", " + k + ", 'x')",
          "update %s set a = a || '.' where id % 2 = 0".replace("% 2", "%% 2"));
      copies.add(ShapeCopy.of(http, table));
    }
    execute(table, "insert into %s values (200, 15, 'last')");

    List<Row> expected = select(table);
    for (ShapeCopy copy : copies) {
      awaitRow(copy, table, 200, 15);
      assertThat(rows(copy)).isEqualTo(expected);
    }
    assertThat(copies).extracting(ShapeCopy::handle).containsOnly(copies.getFirst().handle());
  }
}
