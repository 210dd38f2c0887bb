package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.conformance.ShapeHttp.Message;
import dev.millrace.protocol.Offset;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A client's copy of one shape, which takes nothing on trust: each answer is held against what the
 * protocol promises of it. One thread at a time.
 */
final class StrictCopy {
  private final FollowedShape shape;
  private final Witness witness;
  private final Set<String> refused = new HashSet<>();
  private final Set<Long> transactions = new HashSet<>();

  private boolean beginsNow;
  private String handle = "";
  private Offset offset = Offset.BEFORE_ALL;
  private boolean isUpToDate;
  private @Nullable CopiedRows rows;
  private @Nullable SnapshotEnd snapshotEnd;

  /** The transaction of which more has to come, if any. */
  private Optional<Offset> unfinished = Optional.empty();

  /** The delete of a key change, whose insert has to come next. */
  private Optional<Message> halfKeyChange = Optional.empty();

  /** What the message of section 5.2 says. */
  private record SnapshotEnd(long xmin, long xmax, Set<Long> running) {
    static SnapshotEnd of(Message message) {
      Set<Long> running = new HashSet<>();
      Json.list(message.header("xip_list")).forEach(xid -> running.add(number(xid)));
      return new SnapshotEnd(
          number(message.header("xmin")), number(message.header("xmax")), running);
    }

    boolean sees(long xid) {
      return xid < xmin || (xid < xmax && !running.contains(xid));
    }
  }

  /**
   * @param beginsNow whether it asks for what comes from now on
   */
  StrictCopy(FollowedShape shape, boolean beginsNow, Witness witness) {
    this.shape = shape;
    this.beginsNow = beginsNow;
    this.witness = witness;
  }

  private static long number(@Nullable Object value) {
    return Long.parseLong(String.valueOf(value));
  }

  FollowedShape shape() {
    return shape;
  }

  String handle() {
    return handle;
  }

  boolean isUpToDate() {
    return isUpToDate;
  }

  Optional<CopiedRows> rows() {
    return Optional.ofNullable(rows);
  }

  /** Whether it has all that this transaction changed. */
  boolean has(long xid) {
    boolean isInSnapshot = snapshotEnd != null && snapshotEnd.sees(xid);
    return isUpToDate && (isInSnapshot || transactions.contains(xid));
  }

  /** The first transaction that its snapshot may not have seen. */
  long firstAfterSnapshot() {
    return snapshotEnd == null ? Long.MAX_VALUE : snapshotEnd.xmax();
  }

  /** Where its next request has to begin. */
  String offset() {
    return beginsNow && handle.isEmpty() ? "now" : offset.toString();
  }

  /** Its handle is refused: it begins anew with all rows. */
  void refuse(Answer answer) {
    assertThat(answer.body()).isEqualTo("[{\"headers\":{\"control\":\"must-refetch\"}}]");
    refused.add(handle);
    witness.refused(handle, shape.table());
    if (!answer.handle().isEmpty()) {
      assertThat(refused).as("handles refused before").doesNotContain(answer.handle());
    }
    handle = "";
    offset = Offset.BEFORE_ALL;
    beginsNow = false;
    isUpToDate = false;
    rows = null;
    snapshotEnd = null;
    transactions.clear();
    unfinished = Optional.empty();
    halfKeyChange = Optional.empty();
  }

  /** Takes a whole answer that is no event stream. */
  void take(Answer answer) {
    takeHandle(answer);
    Offset end = Offset.parse(answer.offset()).orElseThrow();
    List<Message> messages = answer.messages();
    assertThat(messages).as("an answer without messages").isNotEmpty();
    boolean isSnapshot = !isLog(messages) && offset.tx() <= 0 && offset.op() != Offset.INFINITE_OP;
    if (isSnapshot && !answer.isUpToDate()) {
      takeSnapshot(answer, messages);
      offset = end;
    } else {
      takeLog(messages, end, answer.isUpToDate());
    }
  }

  private static boolean isLog(List<Message> messages) {
    return messages.getFirst().header("lsn") != null;
  }

  private void takeHandle(Answer answer) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.handle()).isNotEmpty().isNotIn(refused);
    if (handle.isEmpty()) {
      handle = answer.handle();
      boolean isComplete = !beginsNow && !shape.isChangesOnly();
      rows =
          new CopiedRows(
              shape.table().quoted(),
              isComplete,
              shape.isFull(),
              shape.columns().isEmpty(),
              Json.object(Json.parse(answer.header("electric-schema"))));
      offset = beginsNow ? Offset.SNAPSHOT_END : offset;
    }
    assertThat(answer.handle()).isEqualTo(handle);
  }

  private CopiedRows known() {
    return rows().orElseThrow();
  }

  private void takeSnapshot(Answer answer, List<Message> messages) {
    long chunk = offset.equals(Offset.BEFORE_ALL) ? 0 : offset.op() + 1;
    assertThat(answer.offset()).isEqualTo("0_" + chunk);
    assertThat(snapshotEnd).as("chunks after the end of the snapshot").isNull();
    witness.toldSnapshot(handle, answer.offset(), messages);
    for (Message message : messages) {
      if (message.json().containsKey("key")) {
        assertThat(snapshotEnd).as("rows after the end of the snapshot").isNull();
        known().begin(message);
      } else {
        assertThat(message.header("control")).isEqualTo("snapshot-end");
        snapshotEnd = SnapshotEnd.of(message);
      }
    }
  }

  /** Takes messages of the log; {@code end} is where they end. */
  void takeLog(List<Message> messages, Offset end, boolean endsLog) {
    NavigableMap<Offset, Message> changes = new TreeMap<>();
    Offset after = meaning(offset.max(Offset.SNAPSHOT_END));
    Offset last = after;
    for (Message message : messages.subList(0, messages.size() - (endsLog ? 1 : 0))) {
      Offset place =
          new Offset(number(message.header("lsn")), number(message.header("op_position")));
      assertThat(place).as("place of %s", message).isGreaterThan(last);
      last = place;
      changes.put(place, message);
      takeChange(message, place);
    }
    if (endsLog) {
      assertEndsLog(messages.getLast(), last);
    }
    assertThat(end).as("end of the answer").isGreaterThanOrEqualTo(offset);
    if (!changes.isEmpty()) {
      assertThat(end).as("end of the answer").isEqualTo(last);
    }
    if (beginsNow && offset.equals(Offset.SNAPSHOT_END) && changes.isEmpty()) {
      // What came before is not known.
      offset = end;
    } else {
      witness.toldLog(handle, after, end, changes);
      offset = end;
    }
    isUpToDate = endsLog;
  }

  /** It knows its place only as an up-to-date tells it, as a client of event streams may. */
  void forgetExactPlace() {
    if (offset.tx() > 0) {
      offset = new Offset(offset.tx(), 0);
    }
  }

  /** {@code L_0} stands for all of L. */
  private static Offset meaning(Offset offset) {
    boolean isFirst = offset.op() == 0 && offset.tx() > 0;
    return isFirst ? Offset.afterTransaction(offset.tx()) : offset;
  }

  private void takeChange(Message message, Offset place) {
    if (unfinished.isPresent()) {
      assertThat(place.tx()).as("after a part of a transaction").isEqualTo(unfinished.get().tx());
    } else {
      assertThat(place.tx()).as("after a whole transaction").isNotEqualTo(offset.tx());
    }
    List<@Nullable Object> txids = Json.list(message.header("txids"));
    assertThat(txids).hasSize(1);
    long xid = number(txids.getFirst());
    witness.toldTransaction(xid, place.tx());
    assertStamp(message, xid);
    takeKeyChange(message, place);
    known().change(message);
    boolean isLast = message.headers().containsKey("last");
    unfinished = isLast ? Optional.empty() : Optional.of(place);
    if (isLast) {
      assertThat(transactions.add(xid)).as("transaction %d comes once", xid).isTrue();
    }
  }

  /** A delete that says where its row goes is followed by the insert that says whence it comes. */
  private void takeKeyChange(Message message, Offset place) {
    Object from = message.header("key_change_from");
    assertThat(place.op() % 2 == 1)
        .as("second half of a key change: %s", message)
        .isEqualTo(from != null);
    assertThat(from).as("of %s", message).isEqualTo(halfKeyChange.map(Message::key).orElse(null));
    halfKeyChange.ifPresent(
        half -> assertThat(half.header("key_change_to")).isEqualTo(message.key()));
    boolean isHalf = message.header("key_change_to") != null;
    halfKeyChange = isHalf ? Optional.of(message) : Optional.empty();
  }

  /**
   * A new stamp names the transaction that the message says it is of. A row that enters a filtered
   * shape may be an old one.
   */
  private void assertStamp(Message message, long xid) {
    boolean isNewRow =
        shape.filter().isEmpty()
            && message.operation().equals("insert")
            && message.header("key_change_from") == null;
    Object stamp = message.value(OracleTable.STAMP);
    if (isNewRow && stamp != null) {
      assertThat(stamp).as("of %s", message).isEqualTo(Long.toString(xid));
    }
  }

  private void assertEndsLog(Message message, Offset last) {
    assertThat(message.header("control")).as("last of the log").isEqualTo("up-to-date");
    assertThat(unfinished).as("transaction whose end is missing at an up-to-date").isEmpty();
    assertThat(number(message.header("global_last_seen_lsn"))).isGreaterThanOrEqualTo(last.tx());
  }
}
