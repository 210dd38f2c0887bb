package dev.millrace.client;

import static dev.millrace.client.SimulatedDevice.ITEMS;
import static dev.millrace.client.SimulatedDevice.TAGS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.query.ChangeSet;
import dev.millrace.client.query.SqlQuery;
import dev.millrace.client.store.ColumnType.Scalar;
import dev.millrace.client.store.Row;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Joins in plain SQL, told anew when one of their tables changes. */
class LiveSqlTest {

  /** Tags whose text is that of an item, with how many items have it. */
  private static final SqlQuery TAGGED =
      SqlQuery.of(
              """
              select t.a, count(*) from tags t join items i on i.a = t.a
              where i.a >= ? group by t.a order by t.a\
              """,
              "b")
          .column("a", Scalar.TEXT)
          .column("count", Scalar.INT8)
          .key("a");

  @TempDir private Path folder;
  private OneDevice device;
  private SyncManager sync;
  private final List<ChangeSet<Row>> told = new ArrayList<>();

  @BeforeEach
  void open() {
    device = new OneDevice(folder);
    sync = device.signIn(ITEMS, TAGS);
    create(ITEMS.name(), "a");
    create(ITEMS.name(), "b");
    create(TAGS.name(), "a");
    create(TAGS.name(), "b");
    device.pass(Duration.ofSeconds(5));
  }

  @AfterEach
  void close() {
    sync.close();
  }

  private void create(String entity, String a) {
    sync.rows(entity.equals("items") ? ITEMS : TAGS)
        .create(Map.of("id", UUID.randomUUID(), "a", a));
  }

  @Test
  void aJoinIsToldAnewWhenEitherOfItsTablesChanges() {
    var live = sync.live(TAGGED, row -> row);
    live.onChange(told::add);
    assertThat(live.rows()).containsExactly(Row.of("a", "b", "count", 1L));

    create(ITEMS.name(), "b");
    device.pass(Duration.ofSeconds(1));
    create(TAGS.name(), "c");
    create(ITEMS.name(), "c");
    device.pass(Duration.ofSeconds(1));

    assertThat(told.get(0).changed()).containsExactly(Row.of("a", "b", "count", 2L));
    assertThat(told.get(0).added()).isEmpty();
    assertThat(told.getLast().added()).containsExactly(Row.of("a", "c", "count", 1L));
    assertThat(live.rows()).hasSize(2);
  }

  @Test
  void rowsOfOthersComeToAJoinToo() {
    var live = sync.live(TAGGED, row -> row);

    device.server.edit("items", "ada");
    device.server.edit("tags", "ada");
    String text =
        device.server.rows("tags", "ada").values().stream()
            .map(row -> String.valueOf(row.get("a")))
            .filter(a -> a.startsWith("server"))
            .findFirst()
            .orElse("");
    create(ITEMS.name(), text);
    device.pass(Duration.ofSeconds(5));

    assertThat(live.rows()).extracting(row -> row.get("a")).contains(text);
  }

  @Test
  void theTablesItDependsOnAreFoundOrSaid() {
    var store = sync.sessionOfNow().store();
    assertThat(store.read(TAGGED::entities)).containsExactlyInAnyOrder("items", "tags");
    assertThat(store.read(SqlQuery.of("select 1 from tags")::entities)).containsExactly("tags");
    assertThat(store.read(SqlQuery.of("select 1")::entities)).isEmpty();
    assertThat(store.read(TAGGED.dependsOn(TAGS)::entities)).containsExactly("tags");

    var live = sync.live(TAGGED.dependsOn(TAGS), row -> row);
    device.pass(Duration.ofMillis(1));
    live.onChange(told::add);
    create(ITEMS.name(), "b");
    device.pass(Duration.ofSeconds(5));

    assertThat(told).isEmpty();
  }

  @Test
  void rowsThatAreAlikeAreEachCounted() {
    SqlQuery alike = SqlQuery.of("select b from items").column("b", Scalar.INT4);
    var live = sync.live(alike, row -> row);
    live.onChange(told::add);

    create(ITEMS.name(), "d");
    device.pass(Duration.ofMillis(1));

    assertThat(told.getLast().rows()).hasSize(3);
    assertThat(told.getLast().added()).hasSize(1);
  }
}
