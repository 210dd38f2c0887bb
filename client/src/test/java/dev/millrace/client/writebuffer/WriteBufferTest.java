package dev.millrace.client.writebuffer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.sqlite.JdbcSqlite;
import dev.millrace.client.store.ColumnType.Scalar;
import dev.millrace.client.store.Durability;
import dev.millrace.client.store.Entity;
import dev.millrace.client.store.LocalChange;
import dev.millrace.client.store.Overlay;
import dev.millrace.client.store.Store;
import dev.millrace.client.store.SyncedTable;
import dev.millrace.protocol.Conflict;
import dev.millrace.protocol.InvalidJson;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.Lsn;
import dev.millrace.protocol.Offset;
import dev.millrace.protocol.ShapeMessageReader;
import dev.millrace.protocol.WriteChange;
import dev.millrace.protocol.WriteChange.Op;
import dev.millrace.protocol.WriteError;
import dev.millrace.protocol.WriteResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What waits is sent in order, settled one by one, and lost by nothing but the user's wish. */
class WriteBufferTest {

  private static final Entity NOTES =
      Entity.of("notes").key("id", Scalar.INT4).column("title", Scalar.TEXT).build();
  private static final BatchLimits LIMITS = new BatchLimits(100, 1_000_000);

  @TempDir private Path folder;
  private Store store;
  private WriteBuffer buffer;
  private long shownLsn;
  private Instant now = Instant.ofEpochSecond(1_800_000_000);

  @BeforeEach
  void open() {
    store = Store.open(new JdbcSqlite(), folder.resolve("notes.db"), List.of(NOTES));
    buffer = new WriteBuffer(store, () -> now, () -> UUID.randomUUID().toString());
  }

  @AfterEach
  void close() {
    store.close();
  }

  private WriteHandle write(Op op, int id, String title) {
    return write(op, id, title, Optional.empty());
  }

  private WriteHandle write(Op op, int id, String title, Optional<String> tx) {
    Map<String, Object> values =
        op == Op.DELETE ? Map.of("id", id) : Map.of("id", id, "title", title);
    return store.write(
        Durability.FULL, in -> buffer.enqueue(in, LocalChange.of(NOTES, op, values), tx, true));
  }

  private List<String> take(BatchLimits limits, String... waiting) {
    return buffer.take(limits, Set.of(waiting)).stream().map(WriteChange::id).toList();
  }

  private WriteBuffer.Settled settle(WriteResult... results) {
    return buffer.settle(buffer.peek(1000), List.of(results));
  }

  private static WriteResult applied(WriteHandle handle, Conflict... conflicts) {
    return new WriteResult(
        handle.id(),
        conflicts.length == 0 ? WriteResult.Status.APPLIED : WriteResult.Status.MERGED,
        Optional.of("77"),
        Optional.of(new Lsn(1000)),
        List.of(conflicts),
        Optional.empty(),
        Optional.empty());
  }

  private static WriteResult rejected(WriteHandle handle, String code) {
    return WriteResult.failed(handle.id(), new WriteError(code, "no", false));
  }

  private List<String> titles() {
    return store.read(
        tx -> tx.query("select title from notes order by id", List.of(), row -> "" + row.text(0)));
  }

  @Test
  void aBatchIsBoundedByCountAndBytesAndKeepsTheOrder() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      ids.add(write(Op.INSERT, i, "x".repeat(100)).id());
    }

    assertThat(take(new BatchLimits(4, 1_000_000))).isEqualTo(ids.subList(0, 4));
    assertThat(take(new BatchLimits(100, 300))).isEqualTo(ids.subList(0, 2));
    assertThat(take(new BatchLimits(100, 1))).isEqualTo(ids.subList(0, 1));
    assertThat(take(LIMITS)).isEqualTo(ids);
  }

  @Test
  void changesThatBelongTogetherGoInOneBatch() {
    Optional<String> tx = Optional.of("t1");
    String first = write(Op.INSERT, 1, "a").id();
    String second = write(Op.INSERT, 2, "b", tx).id();
    String third = write(Op.INSERT, 3, "c", tx).id();

    assertThat(take(new BatchLimits(2, 1_000_000))).containsExactly(first);
    assertThat(take(LIMITS, third)).containsExactly(first);
    assertThat(take(new BatchLimits(1, 1), first)).containsExactly(second, third);
  }

  @Test
  void anAttemptIsNotedBeforeItIsMadeAndSurvivesTheProcess() {
    WriteHandle handle = write(Op.INSERT, 1, "a");
    assertThat(buffer.take(LIMITS, Set.of()).getFirst().retryCount()).isZero();
    assertThat(handle.state()).isEqualTo(new WriteState.Sent());
    assertThat(buffer.stats().syncing()).isEqualTo(1);
    store.close();

    open();

    WriteChange again = buffer.take(LIMITS, Set.of()).getFirst();
    assertThat(again.id()).isEqualTo(handle.id());
    assertThat(again.retryCount()).isEqualTo(1);
    assertThat(again.createdAt()).hasValue(now.toEpochMilli());
  }

  @Test
  void anAnswerToSomeChangesSettlesThoseAlone() {
    WriteHandle first = write(Op.INSERT, 1, "a");
    WriteHandle second = write(Op.INSERT, 2, "b");
    take(LIMITS);

    settle(applied(first));

    assertThat(first.state()).isEqualTo(new WriteState.Confirmed(Optional.of(77L)));
    assertThat(second.state()).isEqualTo(new WriteState.Sent());
    assertThat(take(LIMITS)).containsExactly(second.id());
    assertThat(titles()).containsExactly("a", "b");
  }

  @Test
  void anAnswerToWhatWasNotSentSettlesNothing() {
    write(Op.INSERT, 1, "a");
    List<WriteChange> sent = buffer.take(LIMITS, Set.of());
    WriteHandle later = write(Op.INSERT, 2, "b");

    assertThat(buffer.settle(sent, List.of(applied(later))).applied()).isZero();

    assertThat(buffer.size()).isEqualTo(2);
  }

  @Test
  void oneRejectedChangeStopsNoOtherAndIsKept() {
    WriteHandle bad = write(Op.INSERT, 1, "bad");
    WriteHandle good = write(Op.INSERT, 2, "good");
    take(LIMITS);

    settle(rejected(bad, "check_violation"), applied(good));

    assertThat(bad.state()).isEqualTo(new WriteState.Rejected("check_violation", "no"));
    DeadLetter letter = buffer.deadLetters().getFirst();
    assertThat(letter.payload().member("title")).contains(new Json.Text("bad"));
    assertThat(titles()).containsExactly("bad", "good");
    assertThat(take(LIMITS)).isEmpty();
  }

  @Test
  void whatFollowsARejectedInsertOnItsRowWaitsForIt() {
    WriteHandle insert = write(Op.INSERT, 1, "bad");
    WriteHandle update = write(Op.UPDATE, 1, "worse");
    WriteHandle other = write(Op.INSERT, 2, "good");
    take(LIMITS);

    settle(rejected(insert, "check_violation"), rejected(update, "row_not_found"), applied(other));

    assertThat(buffer.deadLetters()).hasSize(1);
    assertThat(take(LIMITS)).isEmpty();
    buffer.retry(insert.id());
    assertThat(take(LIMITS)).containsExactly(insert.id(), update.id());
  }

  @Test
  void whatWaitsHoldsBackItsRowAndNothingElse() {
    WriteHandle first = write(Op.INSERT, 1, "a");
    WriteHandle update = write(Op.UPDATE, 1, "b");
    WriteHandle other = write(Op.INSERT, 2, "c");

    assertThat(take(LIMITS, first.id())).containsExactly(other.id());
    assertThat(take(LIMITS, update.id())).containsExactly(first.id(), other.id());
  }

  @Test
  void discardingRollsBackWhatWasShown() {
    WriteHandle insert = write(Op.INSERT, 1, "bad");
    WriteHandle update = write(Op.UPDATE, 1, "worse");
    take(LIMITS);
    settle(rejected(insert, "check_violation"), rejected(update, "row_not_found"));
    assertThat(titles()).containsExactly("worse");

    List<WriteChange> gone = buffer.discard(insert.id());

    assertThat(gone).extracting(WriteChange::id).containsExactly(insert.id(), update.id());
    assertThat(titles()).isEmpty();
    assertThat(buffer.size()).isZero();
    assertThat(insert.state()).isEqualTo(new WriteState.Discarded());
  }

  @Test
  void anEditedChangeIsAnotherToTheServer() {
    WriteHandle bad = write(Op.INSERT, 1, "bad");
    take(LIMITS);
    settle(rejected(bad, "check_violation"));

    Optional<String> fresh = buffer.edit(bad.id(), Map.of("id", 1, "title", "good"));

    WriteChange sent = buffer.take(LIMITS, Set.of()).getFirst();
    assertThat(sent.id()).isEqualTo(fresh.orElseThrow()).isNotEqualTo(bad.id());
    assertThat(sent.retryCount()).isZero();
    assertThat(sent.payload().member("title")).contains(new Json.Text("good"));
    assertThat(titles()).containsExactly("good");
  }

  @Test
  void whatWasRefusedForItsTimeIsRetriedWithAnother() {
    WriteHandle old = write(Op.INSERT, 1, "a");
    take(LIMITS);
    settle(rejected(old, "clock_ahead"));
    now = now.minusSeconds(86_400);

    buffer.retry(old.id());

    WriteChange sent = buffer.take(LIMITS, Set.of()).getFirst();
    assertThat(sent.id()).isNotEqualTo(old.id());
    assertThat(sent.createdAt()).hasValue(now.toEpochMilli());
  }

  @Test
  void theFateOfOneIsThatOfAllOfItsTx() {
    Optional<String> tx = Optional.of("t1");
    WriteHandle first = write(Op.INSERT, 1, "a", tx);
    WriteHandle second = write(Op.INSERT, 2, "bad", tx);
    take(LIMITS);
    settle(rejected(first, "tx_failed"), rejected(second, "check_violation"));

    assertThat(buffer.discard(second.id())).hasSize(2);

    assertThat(titles()).isEmpty();
  }

  @Test
  void conflictsAreListedWithBothValuesUntilTheyAreSettled() {
    WriteHandle edit = write(Op.INSERT, 1, "mine");
    take(LIMITS);
    settle(
        applied(
            edit,
            new Conflict(
                "title",
                Optional.of(new Json.Text("base")),
                new Json.Text("mine"),
                new Json.Text("theirs"),
                Conflict.Kept.YOURS)));

    EditConflict conflict = buffer.conflicts().getFirst();

    assertThat(conflict.theirs()).isEqualTo(new Json.Text("theirs"));
    assertThat(conflict.key().toString()).isEqualTo("{\"id\":1}");
    buffer.settleConflict(conflict.id());
    assertThat(buffer.conflicts()).isEmpty();
  }

  @Test
  void anUpdateSaysWhatTheUserSaw() {
    write(Op.INSERT, 1, "seen");
    write(Op.UPDATE, 1, "mine");

    List<WriteChange> changes = buffer.peek(10);

    assertThat(changes.get(1).base().orElseThrow().toString()).isEqualTo("{\"title\":\"seen\"}");
    assertThat(store.read(Overlay::list).size()).isEqualTo(2);
  }

  private static WriteResult retried(WriteHandle handle) {
    return WriteResult.failed(handle.id(), new WriteError("contended", "later", true));
  }

  /** The stream of notes shows that, and says that it is all. */
  private void streamShows(int id, Optional<String> title) throws InvalidJson {
    String rows =
        title
            .map(text ->
                "{\"key\":\"k\",\"value\":{\"id\":\"%d\",\"title\":\"%s\"},\"headers\":{\"operation\":\"insert\"}},"
                    .formatted(id, text))
            .orElse("");
    String end =
        "{\"headers\":{\"control\":\"snapshot-end\",\"xmin\":\"5\",\"xmax\":\"5\",\"xip_list\":[]}}";
    shownLsn += 500; // What is applied is at 1000.
    String upToDate =
        "{\"headers\":{\"control\":\"up-to-date\",\"global_last_seen_lsn\":\"%d\"}}"
            .formatted(shownLsn);
    SyncedTable table = new SyncedTable(store, NOTES);
    table.beginNext();
    byte[] body = ("[" + rows + end + "," + upToDate + "]").getBytes(StandardCharsets.UTF_8);
    table.take(
        table.position(),
        new SyncedTable.Answer("1-1", Offset.parse("0_inf"), true),
        ShapeMessageReader.ofArray(body, body.length)::next);
  }

  private void reject(WriteHandle handle) {
    take(LIMITS);
    settle(rejected(handle, "check_violation"));
  }

  private void accept(WriteHandle handle) {
    take(LIMITS);
    settle(applied(handle));
  }

  @Test
  void anAcceptedEditIsShownThoughAnEarlierOneWasRejected() throws InvalidJson {
    streamShows(1, Optional.of("old"));
    WriteHandle bad = write(Op.UPDATE, 1, "bad");
    reject(bad);
    accept(write(Op.UPDATE, 1, "good"));
    assertThat(titles()).containsExactly("good");

    streamShows(1, Optional.of("good"));

    assertThat(titles()).containsExactly("good");
    assertThat(store.read(Overlay::list)).hasSize(1);
    assertThat(buffer.deadLetters().getFirst().payload().member("title"))
        .contains(new Json.Text("bad"));
    buffer.retry(bad.id());
    assertThat(titles()).containsExactly("bad");
    assertThat(buffer.peek(1).getFirst().payload().member("title")).contains(new Json.Text("bad"));
  }

  @Test
  void aRowThatWasMadeAgainIsShownThoughItsDeleteWasRejected() throws InvalidJson {
    streamShows(1, Optional.of("old"));
    WriteHandle delete = write(Op.DELETE, 1, "");
    reject(delete);
    accept(write(Op.INSERT, 1, "again"));

    streamShows(1, Optional.of("again"));

    assertThat(titles()).containsExactly("again");
    buffer.retry(delete.id());
    assertThat(titles()).isEmpty();
    assertThat(buffer.peek(1).getFirst().op()).isEqualTo(Op.DELETE);
  }

  @Test
  void aDeleteThatWasAcceptedHidesARowWhoseInsertWasRejectedBefore() throws InvalidJson {
    WriteHandle insert = write(Op.INSERT, 1, "bad");
    WriteHandle delete = write(Op.DELETE, 1, "");
    take(LIMITS);
    settle(rejected(insert, "unique_violation"), applied(delete));
    streamShows(1, Optional.empty());

    streamShows(1, Optional.empty());

    assertThat(titles()).isEmpty();
    assertThat(buffer.deadLetters()).hasSize(1);
  }

  @Test
  void whatAnAcceptedEditHasReplacedStaysSoInAnotherVersionOfTheApplication() throws InvalidJson {
    streamShows(1, Optional.of("old"));
    reject(write(Op.UPDATE, 1, "bad"));
    accept(write(Op.UPDATE, 1, "good"));
    streamShows(1, Optional.of("good"));
    store.close();

    Entity more =
        Entity.of("notes")
            .key("id", Scalar.INT4)
            .column("title", Scalar.TEXT)
            .column("n", Scalar.INT4)
            .build();
    store = Store.open(new JdbcSqlite(), folder.resolve("notes.db"), List.of(more));

    assertThat(titles()).containsExactly("good");
  }

  @Test
  void howeverMuchIsHeldTheRestIsSent() {
    for (int i = 0; i < 60; i++) {
      reject(write(Op.INSERT, i, "bad"));
    }
    store.write(
        Durability.FULL,
        in -> {
          for (int i = 0; i < 5_100; i++) {
            LocalChange held =
                LocalChange.of(NOTES, Op.UPDATE, Map.of("id", i % 60, "title", "title " + i));
            buffer.enqueue(in, held, Optional.empty(), true);
          }
          return true;
        });
    WriteHandle other = write(Op.INSERT, 100, "free");

    assertThat(take(LIMITS)).containsExactly(other.id());
  }

  @Test
  void discardingAnInsertTakesAlongWhatBelongsTogetherWithItsFollowers() {
    WriteHandle account = write(Op.INSERT, 1, "bad");
    reject(account);
    Optional<String> tx = Optional.of("t1");
    WriteHandle from = write(Op.UPDATE, 1, "-10", tx);
    WriteHandle to = write(Op.INSERT, 2, "+10", tx);
    WriteHandle later = write(Op.UPDATE, 2, "more");
    WriteHandle other = write(Op.INSERT, 3, "free");

    List<WriteChange> gone = buffer.discard(account.id());

    assertThat(gone)
        .extracting(WriteChange::id)
        .containsExactly(account.id(), from.id(), to.id(), later.id());
    assertThat(take(LIMITS)).containsExactly(other.id());
    assertThat(titles()).containsExactly("free");
  }

  @Test
  void whatDependsOnAChangeThatIsTriedAgainIsTriedAgainToo() {
    WriteHandle parent = write(Op.INSERT, 1, "parent");
    take(LIMITS);
    settle(retried(parent));
    Optional<String> tx = Optional.of("t1");
    WriteHandle other = write(Op.INSERT, 2, "with the child", tx);
    WriteHandle child = write(Op.INSERT, 3, "child", tx);
    assertThat(take(LIMITS, parent.id())).containsExactly(other.id(), child.id());

    WriteBuffer.Settled settled =
        settle(rejected(other, "tx_failed"), rejected(child, "foreign_key_violation"));

    assertThat(settled.toRetry()).containsExactlyInAnyOrder(other.id(), child.id());
    assertThat(settled.rejected()).isZero();
    assertThat(buffer.deadLetters()).isEmpty();
    assertThat(take(LIMITS)).containsExactly(parent.id(), other.id(), child.id());
    settle(applied(parent), rejected(other, "tx_failed"), rejected(child, "foreign_key_violation"));
    assertThat(buffer.deadLetters()).hasSize(2);
  }

  @Test
  void whatDependsOnAChangeThatTheSameAnswerWantsAgainIsTriedAgainToo() {
    WriteHandle parent = write(Op.INSERT, 1, "parent");
    WriteHandle child = write(Op.INSERT, 2, "child");
    take(LIMITS);

    WriteBuffer.Settled settled = settle(rejected(child, "foreign_key_violation"), retried(parent));

    assertThat(settled.toRetry()).containsExactlyInAnyOrder(parent.id(), child.id());
    assertThat(buffer.deadLetters()).isEmpty();
  }

  @Test
  void whatFollowsARejectedInsertDoesNotKeepOthersFromBeingRejected() {
    WriteHandle insert = write(Op.INSERT, 1, "bad");
    WriteHandle update = write(Op.UPDATE, 1, "worse");
    take(LIMITS);
    settle(rejected(insert, "check_violation"), rejected(update, "row_not_found"));
    WriteHandle child = write(Op.INSERT, 2, "child");
    take(LIMITS);

    settle(rejected(child, "foreign_key_violation"));

    assertThat(child.state()).isInstanceOf(WriteState.Rejected.class);
  }

  @Test
  void aListenerThatThrowsKeepsNobodyElseFromHearing() {
    WriteHandle first = write(Op.INSERT, 1, "a");
    WriteHandle second = write(Op.INSERT, 2, "b");
    List<WriteState> heard = new ArrayList<>();
    first.onChange(state -> {
      throw new IllegalStateException("a fault of the application's");
    });
    first.onChange(heard::add);

    take(LIMITS);
    settle(applied(first), applied(second));

    assertThat(heard)
        .containsExactly(new WriteState.Sent(), new WriteState.Confirmed(Optional.of(77L)));
    assertThat(second.state()).isInstanceOf(WriteState.Confirmed.class);
  }

  @Test
  void whoListensToTheStoreAndThrowsKeepsNobodyElseFromHearing() {
    List<Set<String>> heard = new ArrayList<>();
    store.onChange(touched -> {
      throw new IllegalStateException("a fault of the application's");
    });
    store.onChange(heard::add);
    List<String> tasks = new ArrayList<>();

    store.write(
        Durability.FULL,
        tx -> {
          tx.touch("notes");
          tx.afterCommit(() -> {
            throw new IllegalStateException("another");
          });
          tx.afterCommit(() -> tasks.add("done"));
          return true;
        });

    assertThat(heard).containsExactly(Set.of("notes"));
    assertThat(tasks).containsExactly("done");
  }

  @Test
  void whatARejectedChangeMetIsListedToo() {
    WriteHandle stale = write(Op.INSERT, 1, "mine");
    take(LIMITS);

    settle(
        new WriteResult(
            stale.id(),
            WriteResult.Status.REJECTED,
            Optional.empty(),
            Optional.empty(),
            List.of(
                new Conflict(
                    "title",
                    Optional.of(new Json.Text("base")),
                    new Json.Text("mine"),
                    new Json.Text("theirs"),
                    Conflict.Kept.THEIRS)),
            Optional.empty(),
            Optional.of(new WriteError("stale", "somebody was first", false))));

    assertThat(buffer.conflicts().getFirst().theirs()).isEqualTo(new Json.Text("theirs"));
    assertThat(buffer.deadLetters()).hasSize(1);
  }
}
