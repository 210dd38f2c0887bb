package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.conformance.ShapeHttp.Message;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Protocol section 5, but 5.7. */
@ExtendWith({OnePostgres.class, OneShapeServer.class})
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class ShapeHttpMessagesTest {

  private final ShapeServer server;
  private final ShapeHttp http;

  ShapeHttpMessagesTest(ShapeServer server) {
    this.server = server;
    this.http = server.http();
  }

  // Protocol 5.1-1, 5.2-1.
  @Test
  void aSnapshotIsItsRowsAndAnEnd() throws Exception {
    Answer answer = http.get(ShapeServer.ITEMS);

    assertThat(answer.changes())
        .extracting(Message::json)
        .containsExactlyInAnyOrder(
            Map.of(
                "key",
                "\"public\".\"items\"/\"1\"",
                "value",
                Map.of("id", "1", "name", "milk", "n", "2"),
                "headers",
                Map.of("operation", "insert", "relation", List.of("public", "items"))),
            Map.of(
                "key",
                "\"public\".\"items\"/\"2\"",
                "value",
                Row.values("id", "2", "name", "bread", "n", null),
                "headers",
                Map.of("operation", "insert", "relation", List.of("public", "items"))));
    Message end = answer.messages().getLast();
    assertThat(end.headers()).containsOnlyKeys("control", "xmin", "xmax", "xip_list");
    assertThat(end.headers()).containsEntry("control", "snapshot-end");
    assertThat(String.valueOf(end.header("xmin"))).matches("\\d+");
    assertThat(end.header("xip_list")).isInstanceOf(List.class);
  }

  // Protocol 5.2-1.
  @Test
  void changesOnlyHasNoRowsInTheSnapshot() throws Exception {
    String table = server.newTable("id int primary key", "insert into %s values (1)");
    ShapeCopy copy = server.copy(table, "log", "changes_only");

    server.database().execute("insert into %s values (2)".formatted(table));
    copy.awaitChanges();

    assertThat(copy.answers().getFirst().messages().getLast().header("control"))
        .isEqualTo("snapshot-end");
    assertThat(copy.rows()).extracting(row -> row.value("id")).containsExactly("2");
  }

  // Protocol 5.3-1, 5.3-2.
  @Test
  void anInsertSaysWhereItComesFrom() throws Exception {
    String table = server.newTable("id int primary key, a text");
    ShapeCopy copy = server.copy(table);

    server.inOneTransaction(
        "insert into %s values (1, 'x')".formatted(table),
        "insert into %s values (2, null)".formatted(table));
    List<Message> changes = copy.awaitChanges();

    assertThat(changes)
        .extracting(Message::value)
        .containsExactly(Row.values("id", "1", "a", "x"), Row.values("id", "2", "a", null));
    Map<String, @Nullable Object> first = changes.getFirst().headers();
    assertThat(first).containsOnlyKeys("operation", "relation", "txids", "lsn", "op_position");
    assertThat(Json.list(first.get("txids"))).hasSize(1).first().isInstanceOf(Number.class);
    assertThat(first.get("lsn")).isInstanceOf(String.class);
    assertThat(first.get("op_position")).isEqualTo(0);
    assertThat(changes.getLast().header("last")).isEqualTo(true);
    assertThat(changes.getLast().header("op_position")).isEqualTo(2);
  }

  // Protocol 5.3-3, 5.3-4.
  @Test
  void byDefaultAChangeTellsKeyAndChangedColumns() throws Exception {
    String table =
        server.newTable(
            "id int primary key, a text, b text", "insert into %s values (1, 'x', 'y')");
    ShapeCopy copy = server.copy(table);

    server.inOneTransaction(
        "update %s set a = null".formatted(table), "delete from %s".formatted(table));
    List<Message> changes = copy.awaitChanges();

    assertThat(changes).extracting(Message::operation).containsExactly("update", "delete");
    assertThat(changes)
        .extracting(Message::value)
        .containsExactly(Row.values("id", "1", "a", null), Row.values("id", "1"));
    assertThat(changes).noneMatch(change -> change.json().containsKey("old_value"));
  }

  // Protocol 5.3-3, 5.3-4.
  @Test
  void aFullReplicaTellsRowsAndWhatWasBefore() throws Exception {
    String table =
        server.newTable(
            "id int primary key, a text, b text", "insert into %s values (1, 'x', 'y')");
    ShapeCopy copy = server.copy(table, "replica", "full");

    server.inOneTransaction(
        "update %s set a = null".formatted(table), "delete from %s".formatted(table));
    List<Message> changes = copy.awaitChanges();

    Map<String, @Nullable Object> after = Row.values("id", "1", "a", null, "b", "y");
    assertThat(changes).extracting(Message::value).containsExactly(after, after);
    assertThat(changes.getFirst().oldValue()).isEqualTo(Row.values("a", "x"));
  }

  // Protocol 5.3-5.
  @Test
  void anUpdateOfNoSelectedColumnIsNotSent() throws Exception {
    String table =
        server.newTable(
            "id int primary key, a text, b text", "insert into %s values (1, 'x', 'y')");
    ShapeCopy copy = server.copy(table, "columns", "id,a");

    server
        .database()
        .execute(
            "update %s set b = 'z'".formatted(table),
            "update %s set a = a".formatted(table),
            "update %s set a = 'last'".formatted(table));
    copy.awaitChanges();

    assertThat(copy.rows())
        .extracting(Message::value)
        .containsExactly(Row.values("id", "1", "a", "x"), Row.values("id", "1", "a", "last"));
  }

  // Protocol 4-5, 5.3-6.
  @Test
  void aKeyChangeIsADeleteAndAnInsert() throws Exception {
    String table = server.newTable("id int primary key, a text", "insert into %s values (1, 'x')");
    ShapeCopy copy = server.copy(table);

    server.database().execute("update %s set id = 2".formatted(table));
    List<Message> changes = copy.awaitChanges();

    assertThat(changes).extracting(Message::operation).containsExactly("delete", "insert");
    assertThat(changes)
        .extracting(Message::key)
        .containsExactly(Row.key(table, 1), Row.key(table, 2));
    assertThat(changes.getFirst().header("key_change_to")).isEqualTo(Row.key(table, 2));
    assertThat(changes.getLast().header("key_change_from")).isEqualTo(Row.key(table, 1));
    assertThat(changes.getLast().value()).isEqualTo(Row.values("id", "2", "a", "x"));
    assertThat(changes).extracting(change -> change.header("op_position")).containsExactly(0, 1);
  }

  // Protocol 5.3-7.
  @Test
  void withoutAPrimaryKeyEveryUpdateIsAKeyChange() throws Exception {
    String table = server.newTable("a text, b text", "insert into %s values ('x', null)");
    ShapeCopy copy = server.copy(table);

    server.database().execute("update %s set b = 'y'".formatted(table));
    List<Message> changes = copy.awaitChanges();

    assertThat(changes)
        .extracting(Message::key)
        .containsExactly("\"public\".\"%s\"/\"x\"/_".formatted(table), Row.key(table, "x", "y"));
  }

  // Protocol 5.4-1.
  @Test
  void upToDateEndsWhatReachesTheEnd() throws Exception {
    String table = server.newTable("id int primary key");
    ShapeCopy copy = server.copy(table);

    server.database().execute("insert into %s values (1)".formatted(table));
    List<Message> changes = copy.awaitChanges();

    Message end = copy.answers().getLast().messages().getLast();
    assertThat(end.headers())
        .isEqualTo(
            Map.of(
                "control",
                "up-to-date",
                "global_last_seen_lsn",
                String.valueOf(changes.getLast().header("lsn"))));
  }

  // Protocol 5.5-1, 8-6.
  @Test
  void aRefusedHandleMustRefetch() throws Exception {
    Answer answer = http.shape("table", "items", "offset", "0_0", "handle", "1-1");

    assertThat(Json.parse(answer.body()))
        .isEqualTo(List.of(Map.of("headers", Map.of("control", "must-refetch"))));
  }
}
