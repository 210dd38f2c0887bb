package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.conformance.ShapeHttp.Message;
import dev.millrace.dev.LocalPostgres;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Shapes with a where clause: which rows they have, and what they tell of rows that come and go.
 */
@ExtendWith(OnePostgres.class)
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class FilterTest {
  private static final AtomicInteger TABLES = new AtomicInteger();

  /** The same condition, the second time in a form that only Postgres evaluates. */
  private static final String NATIVE = "n between 10 and 20";

  private static final String DELEGATED = "int4range(10, 20, '[]') @> n";

  @TempDir static Path folder;
  private static SyncedDatabase database;
  private static ShapeHttp http;

  @BeforeAll
  static void start(LocalPostgres postgres) throws Exception {
    database =
        SyncedDatabase.start(
            postgres, folder.resolve("server"), Map.of("MILLRACE_LONG_POLL_TIMEOUT", "3"));
    http = new ShapeHttp(database.server().uri());
    database.execute(
        "create domain least_five as int check (value >= 5)",
        """
        create function no_threes(n int) returns boolean immutable language plpgsql as $$
        begin
          if n = 3 then raise exception 'no threes'; end if;
          return n > 13;
        end $$
        """,
        """
        create function strict_threes(n int) returns boolean immutable language plpgsql as $$
        begin
          if n = 3 then perform 1 / 0; end if;
          return n > 13;
        exception when others then
          raise exception 'no threes' using errcode = '38002';
        end $$
        """);
  }

  @AfterAll
  static void stop() throws Exception {
    http.close();
    database.close();
  }

  private static String newTable() throws Exception {
    String table = "filtered" + TABLES.incrementAndGet();
    database.execute(
        "create table %1$s (id int primary key, n int, note text)".formatted(table),
        "insert into %1$s values (1, 10, 'in'), (2, 20, 'in'), (3, 30, 'out'), (4, null, 'out')"
            .formatted(table));
    return table;
  }

  private static List<String> told(List<Message> changes) {
    return changes.stream().map(FilterTest::told).toList();
  }

  private static String told(Message change) {
    return change.operation() + " " + change.value();
  }

  @ParameterizedTest
  @ValueSource(strings = {NATIVE, DELEGATED})
  void aShapeHasTheRowsThatMeetIt(String where) throws Exception {
    ShapeCopy copy = ShapeCopy.of(http, newTable(), "where", where);

    assertThat(copy.rows()).extracting(row -> row.value("id")).containsExactlyInAnyOrder("1", "2");
  }

  @ParameterizedTest
  @ValueSource(strings = {NATIVE, DELEGATED})
  void rowsThatEnterAreInsertedAndRowsThatLeaveDeleted(String where) throws Exception {
    String table = newTable();
    ShapeCopy copy = ShapeCopy.of(http, table, "where", where);

    database.execute(
        """
        begin;
        insert into %1$s values (5, 11, 'new'), (6, 9, 'never');
        update %1$s set n = 15 where id = 3;
        update %1$s set n = 21 where id = 2;
        update %1$s set note = 'still' where id = 1;
        update %1$s set note = 'outside' where id = 4;
        delete from %1$s where id in (4, 5);
        commit
        """
            .formatted(table));

    assertThat(told(copy.awaitChanges()))
        .containsExactly(
            "insert {id=5, n=11, note=new}",
            "insert {id=3, n=15, note=out}",
            "delete {id=2}",
            "update {id=1, note=still}",
            "delete {id=5}");
  }

  @ParameterizedTest
  @ValueSource(strings = {NATIVE, DELEGATED})
  void aKeyThatChangesOnTheWayInOrOutIsNoChangeOfKey(String where) throws Exception {
    String table = newTable();
    ShapeCopy copy = ShapeCopy.of(http, table, "where", where);

    database.execute(
        """
        begin;
        update %1$s set id = 31, n = 12 where id = 3;
        update %1$s set id = 11 where id = 1;
        update %1$s set id = 21, n = 0 where id = 2;
        commit
        """
            .formatted(table));

    List<Message> changes = copy.awaitChanges();
    assertThat(told(changes))
        .containsExactly(
            "insert {id=31, n=12, note=out}",
            "delete {id=1}",
            "insert {id=11, n=10, note=in}",
            "delete {id=2}");
    assertThat(changes.get(0).headers()).doesNotContainKey("key_change_from");
    assertThat(changes.get(1).headers()).containsKey("key_change_to");
    assertThat(changes.get(3).headers()).doesNotContainKey("key_change_to").containsKey("last");
  }

  @ParameterizedTest
  @ValueSource(strings = {NATIVE, DELEGATED})
  void aFullReplicaTellsTheWholeRowThatLeaves(String where) throws Exception {
    String table = newTable();
    ShapeCopy copy = ShapeCopy.of(http, table, "where", where, "replica", "full");

    database.execute("update %s set n = 40, note = 'gone' where id = 1".formatted(table));

    assertThat(told(copy.awaitChanges())).containsExactly("delete {id=1, n=10, note=in}");
  }

  @ParameterizedTest
  @ValueSource(strings = {NATIVE, DELEGATED})
  void aFilterMayReadColumnsThatAreNotSelected(String where) throws Exception {
    String table = newTable();
    ShapeCopy copy = ShapeCopy.of(http, table, "where", where, "columns", "id");

    database.execute("update %s set n = 15 where id in (1, 3)".formatted(table));

    assertThat(told(copy.awaitChanges())).containsExactly("insert {id=3}");
  }

  /** The driver has a use of its own for the question mark. */
  @Test
  void aDelegatedFilterMayAskForTheKeysOfADocument() throws Exception {
    String table = newTable();
    database.execute("alter table %s add \"doc?\" jsonb default '{}'".formatted(table));
    String where =
        "(%s or \"doc?\" ?| '{c?,d?}' or note = '?') and \"doc?\" ? 'a?'".formatted(DELEGATED);
    ShapeCopy copy = ShapeCopy.of(http, table, "where", where, "columns", "id");

    database.execute(
        """
        begin;
        update %1$s set "doc?" = '{"a?": 1}' where id in (1, 3);
        update %1$s set "doc?" = '{"a?": 1, "d?": 2}' where id = 4;
        commit
        """
            .formatted(table));

    assertThat(told(copy.awaitChanges())).containsExactly("insert {id=1}", "insert {id=4}");
  }

  @Test
  void aLargeValueThatAnUpdateLeavesIsKnownToTheFilter() throws Exception {
    String table = newTable();
    database.execute(
        "alter table %s alter note set storage external".formatted(table),
        "update %s set note = repeat('x', 10000) where id = 3".formatted(table));
    ShapeCopy copy = ShapeCopy.of(http, table, "where", "note like 'xxx%' and n > 30");

    database.execute("update %s set n = 31 where id = 3".formatted(table));

    Message entered = copy.awaitChanges().getFirst();
    assertThat(entered.operation()).isEqualTo("insert");
    assertThat(entered.value("note")).isEqualTo("x".repeat(10_000));
  }

  /** Whether the row was in a shape cannot be told without it; who has all rows need not ask. */
  @ParameterizedTest
  @ValueSource(strings = {"note like 'xxx%'", "note = 'xxx'", "n > 30"})
  void aRowThatIsNotToldWholeEndsTheFilteredShapeAlone(String where) throws Exception {
    String table = newTable();
    database.execute(
        "alter table %s alter note set storage external".formatted(table),
        "update %s set note = repeat('x', 10000) where id = 3".formatted(table));
    ShapeCopy filtered = ShapeCopy.of(http, table, "where", where);
    ShapeCopy whole = ShapeCopy.of(http, table);

    database.execute(
        """
        begin;
        alter table %1$s replica identity default;
        update %1$s set n = 31 where id = 3;
        commit
        """
            .formatted(table));

    assertThat(told(whole.awaitChanges())).containsExactly("update {id=3, n=31}");
    assertThat(filtered.awaitRefusal().status()).isEqualTo(409);
  }

  @Test
  void oneFilterWrittenInSeveralWaysIsOneShape() throws Exception {
    String table = newTable();
    String handle = ShapeCopy.of(http, table, "where", "n=10 AND note = 'in'").handle();

    assertThat(ShapeCopy.of(http, table, "where", "(n = 10) and (\"note\"='in')").handle())
        .isEqualTo(handle);
    assertThat(
            ShapeCopy.of(
                    http,
                    table,
                    "where",
                    "N = $1 and Note = $2",
                    "params[1]",
                    "10",
                    "params[2]",
                    "in")
                .handle())
        .isEqualTo(handle);
    assertThat(ShapeCopy.of(http, table, "where", "n = 11 and note = 'in'").handle())
        .isNotEqualTo(handle);
  }

  @Test
  void aHandleIsOfItsFilterOnly() throws Exception {
    String table = newTable();
    ShapeCopy copy = ShapeCopy.of(http, table, "where", "n = 10");

    Answer other =
        http.shape(
            "table", table, "where", "n = 20", "handle", copy.handle(), "offset", copy.offset());
    Answer none = http.shape("table", table, "handle", copy.handle(), "offset", copy.offset());

    assertThat(other.status()).isEqualTo(409);
    assertThat(other.handle()).isNotEqualTo(copy.handle());
    assertThat(none.status()).isEqualTo(409);
    assertThat(none.handle()).isNotEqualTo(copy.handle());
  }

  @ParameterizedTest
  @ValueSource(strings = {"alter n type bigint", "alter note type text collate \"C\"", "drop note"})
  void anAlterationOfAColumnThatOnlyTheFilterReadsEndsTheShape(String alteration) throws Exception {
    String table = newTable();
    ShapeCopy copy = ShapeCopy.of(http, table, "where", "n > 1 or note = 'a'", "columns", "id");

    database.execute(
        "alter table %s %s".formatted(table, alteration),
        "insert into %s values (7, 10)".formatted(table));

    // Without the column the clause itself is a mistake.
    assertThat(copy.awaitRefusal().status()).isEqualTo(alteration.startsWith("drop") ? 400 : 409);
  }

  @Test
  void anAlterationOfAnotherColumnDoesNotEndIt() throws Exception {
    String table = newTable();
    ShapeCopy copy = ShapeCopy.of(http, table, "where", "n = 10", "columns", "id");

    database.execute(
        "alter table %s drop note".formatted(table),
        "alter table %s add other text".formatted(table),
        "insert into %s values (7, 10)".formatted(table));

    assertThat(told(copy.awaitChanges())).containsExactly("insert {id=7}");
  }

  @Test
  void aRowOnWhichTheFilterFailsIsNotInIt() throws Exception {
    String table = newTable();
    ShapeCopy copy = ShapeCopy.of(http, table, "where", "100 / n = 5");

    database.execute("insert into %s values (8, 0, 'fails'), (9, 20, 'in')".formatted(table));

    assertThat(told(copy.awaitChanges())).containsExactly("insert {id=9, n=20, note=in}");
  }

  // Protocol 7-10.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "int4range(n, 40) @> 15 | 41, 'range'",
        "n::least_five > 13 | 4, 'domain'",
        "no_threes(n) | 3, 'raised'",
        "strict_threes(n) | 3, 'raised twice'",
        "to_tsquery('simple', note) @@ to_tsvector('simple', 'in') | 5, 'no &'",
      })
  void aRowOnWhichADelegatedFilterFailsIsNotInIt(String where, String failing) throws Exception {
    String table = newTable();
    database.execute("update %s set n = 10 where n is null".formatted(table));
    ShapeCopy copy = ShapeCopy.of(http, table, "where", where);

    database.execute("insert into %s values (8, %s), (9, 14, 'in')".formatted(table, failing));

    assertThat(told(copy.awaitChanges())).containsExactly("insert {id=9, n=14, note=in}");
  }

  // Protocol 7-10.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "100 / n = 5 | 0, 'fails' | division by zero",
        "no_threes(n) | 3, 'fails' | no threes",
        "n::least_five > 13 | 4, 'fails' | value for domain least_five violates check constraint \"least_five_check\"",
        "to_tsquery('simple', note) @@ to_tsvector('simple', 'in') | 5, 'no &' | no operand in tsquery: \"no &\"",
      })
  void aFilterThatFailsOnARowOfTheTableIsAMistake(String where, String failing, String reason)
      throws Exception {
    String table = newTable();
    database.execute("insert into %s values (8, %s)".formatted(table, failing));

    Answer answer = http.shape("table", table, "offset", "-1", "where", where);

    assertThat(answer.status()).as(answer.body()).isEqualTo(400);
    assertThat(Json.parse(answer.body())).isEqualTo(ShapeHttp.error("where", reason));
  }

  @Test
  void aSubsetIsOfTheShapesRows() throws Exception {
    String table = newTable();
    ShapeCopy copy = ShapeCopy.of(http, table, "where", NATIVE);

    Answer answer = http.shape(copy.next("subset__where", "note = 'in' or true"));

    assertThat(answer.subsetRows())
        .extracting(row -> row.value("id"))
        .containsExactlyInAnyOrder("1", "2");
  }

  @Test
  void rowsOfAPartitionedTableMoveBetweenPartitionsAndFilters() throws Exception {
    String table = "filtered" + TABLES.incrementAndGet();
    database.execute(
        "create table %s (id int, n int, primary key (id, n)) partition by range (n)"
            .formatted(table),
        "create table %1$s_low partition of %1$s for values from (0) to (15)".formatted(table),
        "create table %1$s_high (n int not null, id int not null)".formatted(table),
        "alter table %1$s attach partition %1$s_high for values from (15) to (100)"
            .formatted(table));
    ShapeCopy copy = ShapeCopy.of(http, table, "where", NATIVE);

    database.execute(
        "insert into %s values (1, 12), (2, 18), (3, 50)".formatted(table),
        "update %s set n = 5 where id = 2".formatted(table));

    assertThat(told(copy.awaitRows(3)))
        .startsWith("insert {id=1, n=12}", "insert {id=2, n=18}")
        .endsWith("delete {id=2, n=18}");
  }
}
