package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Message;
import dev.millrace.protocol.Offset;
import dev.millrace.protocol.RelationName;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What all clients together have been told, to be held against what is told later: what a reader
 * was given never changes, and a transaction has one place for all shapes. Any thread.
 */
final class Witness {
  private final Map<String, Told> byHandle = new HashMap<>();
  private final Map<Long, Long> placeOfTransaction = new HashMap<>();
  private final Map<Long, Long> transactionAtPlace = new HashMap<>();
  private final Set<Long> made = ConcurrentHashMap.newKeySet();
  private final Map<RelationName, Integer> lastReform = new HashMap<>();
  private final Set<Integer> struckRounds = new HashSet<>();
  private int round;

  /** The messages of one handle, complete from the end of the snapshot to {@code until}. */
  private static final class Told {
    private final int firstRound;
    private final NavigableMap<Offset, Message> messages = new TreeMap<>();
    private final Map<String, List<Message>> snapshot = new HashMap<>();
    private Offset until = Offset.SNAPSHOT_END;

    private Told(int firstRound) {
      this.firstRound = firstRound;
    }
  }

  synchronized void round(int number) {
    round = number;
  }

  /** Shapes on a table of that name may end in this round. */
  synchronized void reforming(RelationName table) {
    lastReform.put(table, round);
  }

  /** Snapshots that are being made may break off in this round. */
  synchronized void striking() {
    struckRounds.add(round);
  }

  /** A handle has been refused, which must have a reason. */
  synchronized void refused(String handle, RelationName table) {
    int since = told(handle).firstRound;
    boolean isReformed = lastReform.getOrDefault(table, -1) >= since;
    assertThat(isReformed || struckRounds.contains(since))
        .as("a reason to refuse %s of %s, known since round %d", handle, table, since)
        .isTrue();
  }

  /** Whether requests for the table may have been refused in this round. */
  synchronized boolean isReforming(RelationName table) {
    return lastReform.getOrDefault(table, -1) == round;
  }

  private Told told(String handle) {
    return byHandle.computeIfAbsent(handle, h -> new Told(round));
  }

  /** A transaction is about to be committed. */
  void committing(long xid) {
    made.add(xid);
  }

  /** It was not: no client may hear of it. */
  void rolledBack(long xid) {
    made.remove(xid);
  }

  synchronized void toldTransaction(long xid, long lsn) {
    Long place = placeOfTransaction.putIfAbsent(xid, lsn);
    assertThat(place == null ? lsn : place).as("LSN of transaction " + xid).isEqualTo(lsn);
    Long other = transactionAtPlace.putIfAbsent(lsn, xid);
    assertThat(other == null ? xid : other).as("transaction at " + lsn).isEqualTo(xid);
  }

  /** A chunk of a snapshot has come, of which {@code offset} is the end. */
  synchronized void toldSnapshot(String handle, String offset, List<Message> messages) {
    List<Message> before = told(handle).snapshot.putIfAbsent(offset, List.copyOf(messages));
    assertThat(before == null ? messages : before)
        .as("snapshot chunk %s of %s, told again", offset, handle)
        .isEqualTo(messages);
  }

  /** Of the log, all that lies after {@code after}, up to {@code end}, has come. */
  synchronized void toldLog(
      String handle, Offset after, Offset end, NavigableMap<Offset, Message> messages) {
    Told told = told(handle);
    Set<Offset> known = told.messages.subMap(after, false, end.max(after), true).keySet();
    assertThat(messages.keySet())
        .as("what %s has between %s and %s, told again", handle, after, end)
        .containsAll(known);
    assertThat(known)
        .as("what %s has before %s, told again", handle, told.until)
        .containsAll(messages.headMap(told.until, true).keySet());
    messages.forEach((offset, message) -> {
      Message before = told.messages.putIfAbsent(offset, message);
      assertThat(before == null ? message : before)
          .as("message %s of %s, told again", offset, handle)
          .isEqualTo(message);
    });
    if (!after.isAfter(told.until)) {
      told.until = told.until.max(end);
    }
  }

  /** That all transactions told of were committed by somebody. */
  synchronized void assertNoneWasMadeUp() {
    Set<Long> madeUp = new TreeSet<>(placeOfTransaction.keySet());
    madeUp.removeAll(made);
    assertThat(madeUp).as("transactions that nobody committed").isEmpty();
  }
}
