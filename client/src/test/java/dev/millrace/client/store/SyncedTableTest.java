package dev.millrace.client.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.client.sqlite.JdbcSqlite;
import dev.millrace.client.store.ColumnType.Scalar;
import dev.millrace.client.store.SyncedTable.Answer;
import dev.millrace.client.store.SyncedTable.Taken;
import dev.millrace.protocol.InvalidJson;
import dev.millrace.protocol.Lsn;
import dev.millrace.protocol.Offset;
import dev.millrace.protocol.ShapeMessageReader;
import dev.millrace.protocol.WriteChange;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows, place and handle change together; what the user wrote stays on top. */
class SyncedTableTest {

  private static final Entity NOTES =
      Entity.of("notes")
          .key("id", Scalar.INT4)
          .column("title", Scalar.TEXT)
          .column("n", Scalar.INT4)
          .build();

  @TempDir private Path folder;
  private Store store;
  private SyncedTable table;

  @BeforeEach
  void open() {
    open(NOTES);
  }

  private void open(Entity entity) {
    store = Store.open(new JdbcSqlite(), folder.resolve("notes.db"), List.of(entity));
    table = new SyncedTable(store, entity);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private Taken take(String handle, String offset, boolean isLive, String... messages)
      throws InvalidJson {
    byte[] body = ("[" + String.join(",", messages) + "]").getBytes(StandardCharsets.UTF_8);
    ShapeMessageReader reader = ShapeMessageReader.ofArray(body, body.length);
    return table.take(
        table.position(), new Answer(handle, Offset.parse(offset), isLive), reader::next);
  }

  private static String row(int id, String rest) {
    return "{\"key\":\"k%d\",\"value\":{\"id\":\"%d\",%s},\"headers\":{\"operation\":\"insert\"}}"
        .formatted(id, id, rest);
  }

  private static String change(String op, long lsn, int place, int id, String rest) {
    return "{\"key\":\"k%d\",\"value\":{\"id\":\"%d\"%s},\"headers\":{\"operation\":\"%s\",\"lsn\":\"%d\",\"op_position\":%d,\"txids\":[%d],\"last\":true}}"
        .formatted(id, id, rest, op, lsn, place, lsn / 10);
  }

  private static String upToDate(long lsn) {
    return "{\"headers\":{\"control\":\"up-to-date\",\"global_last_seen_lsn\":\"%d\"}}"
        .formatted(lsn);
  }

  private static final String END =
      "{\"headers\":{\"control\":\"snapshot-end\",\"xmin\":\"5\",\"xmax\":\"5\",\"xip_list\":[]}}";

  private String rows() {
    return texts("select id || ':' || title from notes order by id");
  }

  private String texts(String sql) {
    List<String> texts = store.read(tx -> tx.query(sql, List.of(), row -> "" + row.text(0)));
    return String.join(" ", texts);
  }

  private void firstSync() throws InvalidJson {
    take("1-1", "0_0", false, row(1, "\"title\":\"a\""), row(2, "\"title\":\"b\""), END);
    take("1-1", "0_inf", false, upToDate(100));
  }

  private String write(WriteChange.Op op, Map<String, Object> values) {
    return store.write(
        Durability.FULL,
        tx -> {
          String id = "change" + tx.number("select count(*) from overlay");
          Overlay.add(tx, store, id, LocalChange.of(NOTES, op, values), Optional.empty());
          return id;
        });
  }

  @Test
  void whatABrokenAnswerLeftGoesWhenAnotherShapeIsWhole() throws InvalidJson {
    int slice = 2_000;
    byte[] body = answerOf(3 * slice, "\"title\":\"first\"");
    ShapeMessageReader cut = ShapeMessageReader.ofArray(body, body.length - 200);
    assertThatThrownBy(() ->
            table.take(table.position(), new Answer("1-1", Offset.parse("0_0"), false), cut::next))
        .isInstanceOf(InvalidJson.class);
    long left = count();
    assertThat(left).isPositive();

    byte[] other = answerOf(slice, "\"title\":\"second\"");
    ShapeMessageReader whole = ShapeMessageReader.ofArray(other, other.length);
    table.take(table.position(), new Answer("2-1", Offset.parse("0_0"), false), whole::next);
    assertThat(count()).isEqualTo(left);
    take("2-1", "0_inf", false, upToDate(100));

    assertThat(texts("select distinct title from notes")).isEqualTo("second");
    assertThat(count()).isEqualTo(slice);
  }

  private long count() {
    return store.read(tx -> tx.number("select count(*) from notes"));
  }

  private static byte[] answerOf(int rows, String rest) {
    String all =
        IntStream.range(0, rows)
            .mapToObj(number -> row(number, rest))
            .collect(Collectors.joining(",", "[", "]"));
    return all.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void whatIsStoredSurvivesAnotherDescription() throws InvalidJson {
    Entity.Builder before =
        Entity.of("kinds")
            .key("id", Scalar.INT4)
            .column("flags", new ColumnType.ArrayOf(Scalar.BOOL))
            .column("days", new ColumnType.ArrayOf(Scalar.DATE))
            .column("prices", new ColumnType.ArrayOf(Scalar.NUMERIC))
            .column("words", new ColumnType.ArrayOf(Scalar.TEXT))
            .column("doc", Scalar.JSON);
    String texts =
        """
        "flags":"{t,f,NULL}","days":"{{2026-01-02},{infinity}}","prices":"{1.50,NaN}",\
        "words":"{\\"a \\\\\\"b\\\\\\\\\\",\\"NULL\\",NULL,\\"\\"}","doc":"\\"text\\""\
        """;
    close();
    open(before.build());
    take("1-1", "0_0", false, row(1, texts), END);
    String all = "select flags || days || prices || words || doc from kinds";
    String stored = texts(all);
    assertThat(stored).contains("[1,0,null]", "\"NULL\"");

    close();
    open(before.column("more", Scalar.TEXT).build());
    assertThat(texts(all)).isEqualTo(stored);

    close();
    open(Entity.of("kinds").key("id", Scalar.INT4).build());
    close();
    open(before.build());
    assertThat(texts(all)).isEqualTo(stored);
  }

  @Test
  void aRepeatedChangeIsTakenOnce() throws InvalidJson {
    firstSync();
    take("1-1", "200_0", true, change("update", 200, 0, 1, ",\"title\":\"a2\""), upToDate(200));

    take(
        "1-1",
        "210_0",
        true,
        change("update", 200, 0, 1, ",\"title\":\"old\""),
        change("delete", 210, 0, 2, ""),
        upToDate(210));

    assertThat(rows()).isEqualTo("1:a2");
  }

  @Test
  void aCutAnswerLeavesThePlaceAsItWas() throws InvalidJson {
    firstSync();
    StreamPosition before = table.position();
    byte[] cut =
        ("[" + change("delete", 200, 0, 1, "") + ",{\"key\"").getBytes(StandardCharsets.UTF_8);
    ShapeMessageReader reader = ShapeMessageReader.ofArray(cut, cut.length);

    assertThat(
            org.assertj.core.api.Assertions.catchThrowable(() ->
                table.take(before, new Answer("1-1", Offset.parse("200_0"), true), reader::next)))
        .isInstanceOf(InvalidJson.class);

    assertThat(table.position()).isEqualTo(before);
    assertThat(rows()).isEqualTo("1:a 2:b");
  }

  @Test
  void aCopyThatIsMadeAnewIsShownWhenItIsWhole() throws InvalidJson {
    firstSync();

    table.beginNext();
    assertThat(rows()).isEqualTo("1:a 2:b");
    take("2-2", "0_0", false, row(1, "\"title\":\"a\""), row(3, "\"title\":\"c\""), END);
    assertThat(rows()).isEqualTo("1:a 2:b");
    take("2-2", "0_inf", false, upToDate(150));

    assertThat(rows()).isEqualTo("1:a 3:c");
    assertThat(table.position().handle()).contains("2-2");
  }

  @Test
  void aCopyOlderThanWhatWasShownWaitsUntilItIsNot() throws InvalidJson {
    firstSync();
    take("1-1", "300_0", true, change("update", 300, 0, 1, ",\"title\":\"new\""), upToDate(300));
    table.beginNext();

    take("2-2", "0_0", false, row(1, "\"title\":\"a\""), END);
    take("2-2", "0_inf", false, upToDate(250));
    assertThat(rows()).isEqualTo("1:new 2:b");
    take("2-2", "300_0", true, change("update", 300, 0, 1, ",\"title\":\"new\""), upToDate(300));

    assertThat(rows()).isEqualTo("1:new");
  }

  @Test
  void whatTheUserWroteStaysOnTopUntilItsTransactionIsShown() throws InvalidJson {
    firstSync();
    String id = write(WriteChange.Op.UPDATE, Map.of("id", 1, "title", "mine"));

    take(
        "1-1",
        "200_0",
        true,
        change("update", 200, 0, 1, ",\"n\":\"7\",\"title\":\"theirs\""),
        upToDate(200));
    assertThat(rows()).isEqualTo("1:mine 2:b");
    store.write(
        Durability.FULL,
        tx -> {
          Overlay.acknowledge(
              tx, store, id, Optional.of(21L), Optional.of(new dev.millrace.protocol.Lsn(215)));
          return true;
        });
    assertThat(rows()).isEqualTo("1:mine 2:b");
    take("1-1", "210_0", true, change("update", 210, 0, 1, ",\"title\":\"mine\""), upToDate(210));

    assertThat(rows()).isEqualTo("1:mine 2:b");
    assertThat(table.awaited()).isZero();
    assertThat(store.read(Overlay::list)).isEmpty();
  }

  @Test
  void aWriteThatLeavesNoRowGoesWhenTheStreamHasComeSoFar() throws InvalidJson {
    firstSync();
    String id = write(WriteChange.Op.INSERT, Map.of("id", 9, "title", "elsewhere"));
    store.write(
        Durability.FULL,
        tx -> {
          Overlay.acknowledge(
              tx, store, id, Optional.of(30L), Optional.of(new dev.millrace.protocol.Lsn(305)));
          return true;
        });

    take("1-1", "0_inf", false, upToDate(304));
    assertThat(rows()).isEqualTo("1:a 2:b 9:elsewhere");
    take("1-1", "0_inf", false, upToDate(305));

    assertThat(rows()).isEqualTo("1:a 2:b");
  }

  @Test
  void aWriteThatWasShownBeforeItsAnswerGoesWithTheAnswer() throws InvalidJson {
    firstSync();
    String id = write(WriteChange.Op.UPDATE, Map.of("id", 1, "title", "mine"));
    store.write(
        Durability.FULL,
        tx ->
            tx.run(
                """
                insert into write_buffer
                  (seq, id, entity, key, op, "table", created_at, bytes, status, attempts)
                select seq, id, entity, key, op, entity, 0, 0, 'syncing', 1 from overlay\
                """));
    take("1-1", "200_0", true, change("update", 200, 0, 1, ",\"title\":\"mine\""), upToDate(200));
    assertThat(store.read(Overlay::list).size()).isEqualTo(1);

    store.write(
        Durability.FULL,
        tx -> {
          Overlay.acknowledge(
              tx, store, id, Optional.of(20L), Optional.of(new dev.millrace.protocol.Lsn(203)));
          return true;
        });

    assertThat(store.read(Overlay::list)).isEmpty();
    assertThat(rows()).isEqualTo("1:mine 2:b");
  }

  @Test
  void columnsThatTheApplicationDoesNotKnowAreThereWhenItDoes() throws InvalidJson {
    take("1-1", "0_0", false, row(1, "\"title\":\"a\",\"more\":\"x\",\"n\":\"5\""), END);
    take("1-1", "0_inf", false, upToDate(100));
    take("1-1", "200_0", true, change("update", 200, 0, 1, ",\"more\":\"y\""), upToDate(200));
    write(WriteChange.Op.UPDATE, Map.of("id", 1, "title", "mine"));
    store.close();

    open(
        Entity.of("notes")
            .key("id", Scalar.INT4)
            .column("title", Scalar.TEXT)
            .column("more", Scalar.TEXT)
            .index("more")
            .build());

    assertThat(texts("select title || more from notes")).isEqualTo("miney");
    store.close();
    open(NOTES);
    assertThat(texts("select n || title from notes")).isEqualTo("5mine");
  }

  @Test
  void aChangeOfARowThatIsNotThereIsNotTaken() throws InvalidJson {
    firstSync();

    Taken taken =
        take("1-1", "200_0", true, change("update", 200, 0, 7, ",\"title\":\"?\""), upToDate(200));

    assertThat(taken).isInstanceOf(Taken.Refused.class);
    assertThat(table.position().offset()).isEqualTo(Offset.SNAPSHOT_END);
  }

  @Test
  void changesOfARowFoldInTheirOrder() throws InvalidJson {
    firstSync();
    write(WriteChange.Op.UPDATE, Map.of("id", 1, "title", "one"));
    write(WriteChange.Op.UPDATE, Map.of("id", 1, "n", 4));
    assertThat(rows()).isEqualTo("1:one 2:b");
    write(WriteChange.Op.DELETE, Map.of("id", 1));
    assertThat(rows()).isEqualTo("2:b");
    write(WriteChange.Op.INSERT, Map.of("id", 1, "title", "again"));

    assertThat(rows()).isEqualTo("1:again 2:b");
    assertThat(texts("select coalesce(n, 'none') from notes where id = 1")).isEqualTo("none");
  }

  @Test
  void aSnapshotOfLongAgoSaysNothingOfTransactionsOfNow() throws InvalidJson {
    String end =
        "{\"headers\":{\"control\":\"snapshot-end\",\"xmin\":\"4294967301\",\"xmax\":\"4294967301\",\"xip_list\":[]}}";
    take("1-1", "0_0", false, row(1, "\"title\":\"a\""), row(2, "\"title\":\"b\""), end);
    take("1-1", "0_inf", false, upToDate(100));
    String id = write(WriteChange.Op.UPDATE, Map.of("id", 1, "title", "mine"));
    long txid = (1L << 31) + 10; // By its 32 bits the snapshot takes it for one before itself.

    store.write(
        Durability.FULL,
        tx -> {
          Overlay.acknowledge(tx, store, id, Optional.of(txid), Optional.of(new Lsn(300)));
          return true;
        });
    assertThat(rows()).isEqualTo("1:mine 2:b");
    take("1-1", "200_0", true, change("update", 200, 0, 2, ",\"title\":\"b2\""), upToDate(200));

    assertThat(rows()).isEqualTo("1:mine 2:b2");
    assertThat(store.read(Overlay::list).size()).isEqualTo(1);
  }
}
