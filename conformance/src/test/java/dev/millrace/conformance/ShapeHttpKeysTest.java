package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.millrace.conformance.ShapeHttp.Message;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Protocol section 5.7. */
@ExtendWith({OnePostgres.class, OneShapeServer.class})
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class ShapeHttpKeysTest {

  private final ShapeServer server;

  ShapeHttpKeysTest(ShapeServer server) {
    this.server = server;
  }

  // Protocol 1-2, 5.7-1.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Capitals",
        "with space",
        "a.dot",
        "a/slash",
        "quo\"te",
        "Überschrift 漢字 😀",
        "a,comma",
        "100%",
        "a?b&c=d#e"
      })
  void oddTablesAreQuotedAsInSql(String name) throws Exception {
    String quoted = '"' + name.replace("\"", "\"\"") + '"';
    server
        .database()
        .execute(
            "create table %s (id text primary key)".formatted(quoted),
            "insert into %s values ('a/b\"c')".formatted(quoted));
    ShapeCopy copy = server.copy(quoted);

    server.database().execute("insert into %s values ('//')".formatted(quoted));
    List<Message> changes = copy.awaitChanges();

    assertThat(copy.rows())
        .extracting(Message::key)
        .containsExactly(
            "\"public\".%s/\"a//b\"c\"".formatted(quoted),
            "\"public\".%s/\"////\"".formatted(quoted));
    assertThat(changes.getFirst().header("relation")).isEqualTo(List.of("public", name));
  }

  // Protocol 5.7-1.
  @Test
  void aTableOfAnotherSchemaHasItInItsKey() throws Exception {
    server
        .database()
        .execute(
            "create schema \"Odd.schema\"",
            "create table \"Odd.schema\".t (id int primary key)",
            "insert into \"Odd.schema\".t values (1)");

    assertThat(server.copy("\"Odd.schema\".t").rows())
        .extracting(Message::key)
        .containsExactly("\"Odd.schema\".\"t\"/\"1\"");
  }

  // Protocol 5.7-2.
  @Test
  void aCompositeKeyIsInTheOrderOfThePrimaryKey() throws Exception {
    String table =
        server.newTable(
            "a text, b int, c text, primary key (c, a)", "insert into %s values ('', 1, 'x/y')");
    ShapeCopy copy = server.copy(table);

    server.database().execute("update %s set b = 2".formatted(table));
    copy.awaitChanges();

    assertThat(copy.rows())
        .extracting(Message::key)
        .containsExactly(Row.key(table, "x/y", ""), Row.key(table, "x/y", ""));
  }

  // Protocol 5.7-3.
  @Test
  void withoutAPrimaryKeyAllColumnsAreTheKeySelectedOrNot() throws Exception {
    String table =
        server.newTable(
            "a bool, b text, c text, d int", "insert into %s values (true, null, '_', 7)");
    ShapeCopy copy = server.copy(table, "columns", "c,b");

    server
        .database()
        .execute("update %s set d = 8".formatted(table), "delete from %s".formatted(table));
    copy.awaitChanges();

    String key = "\"public\".\"%s\"/\"t\"/_/\"_\"/".formatted(table);
    assertThat(copy.rows())
        .extracting(Message::operation, Message::key)
        .startsWith(
            tuple("insert", key + "\"7\""),
            tuple("delete", key + "\"7\""),
            tuple("insert", key + "\"8\""));
    assertThat(copy.rows()).allSatisfy(row -> assertThat(row.value()).containsOnlyKeys("b", "c"));
  }
}
