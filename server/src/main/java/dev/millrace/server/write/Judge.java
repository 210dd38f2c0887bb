package dev.millrace.server.write;

import dev.millrace.protocol.WriteError;
import dev.millrace.server.write.BatchWriter.Attempt;
import dev.millrace.server.write.Outcome.Failed;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds out which changes of a transaction can be, in order, with few statements when all can.
 *
 * <p>All are tried at once under one savepoint. If something fails, it is rolled back and the part
 * that failed is tried apart from what came before and after, then by halves, until it is one
 * change: that one is rejected, and stops nothing else. Changes with the same {@code tx} are one
 * whole; what lies between them in the batch is tried with them, so that the order stays.
 *
 * <p>A change that could not be written for a reason that may pass makes those after it wait that
 * touch the same row, and whatever fails after it is not the last word either: it may have needed
 * the one that waits.
 */
final class Judge {

  private static final int LONGEST_RUN = 1_000;

  /**
   * Postgres keeps 64 open subtransactions of a session at hand; with more, everybody's snapshots
   * become slow. So what has been found good is then written again, in one piece.
   */
  private static final int MOST_SAVEPOINTS = 48;

  /** Having waited once, we only look whether the others are still locked. */
  private static final Duration SHORT_LOCK_TIMEOUT = Duration.ofMillis(100);

  /** A run did not succeed; where it stood among what was tried. */
  private static final class RunFailed extends Exception {
    private static final long serialVersionUID = 1L;

    private final int from;
    private final int to;
    private final transient SqlFailure failure;

    RunFailed(int from, int to, SQLException cause) {
      super(cause);
      this.from = from;
      this.to = to;
      this.failure = SqlFailure.of(cause);
    }
  }

  /** What failed may have been the ledger's entries rather than a change. */
  static final class EntryFailed extends Exception {
    private static final long serialVersionUID = 1L;

    EntryFailed(SqlFailure failure) {
      super(failure.cause());
    }
  }

  private final WriteSession session;
  private final Attempt attempt;
  private final Map<RowChange, Outcome> outcomes = new HashMap<>();
  private List<RowChange> all = List.of();
  private final RunWriter writer;
  private boolean isEntering;
  private boolean isBegun;
  private boolean isInPart;
  private boolean looksFirst;
  private boolean isSomethingWaiting;
  private int savepoints;

  /**
   * Begins.
   *
   * @param isEntering whether entries in the ledger go with the first round trip
   */
  Judge(WriteSession session, Ledger ledger, Attempt attempt, boolean isEntering) {
    this.isEntering = isEntering;
    this.session = session;
    this.attempt = attempt;
    this.writer = new RunWriter(session, ledger);
  }

  Map<RowChange, Outcome> outcomes() {
    return outcomes;
  }

  /** Settles those of groups of which a member could not even be tried. */
  void failGroups(List<RowChange> changes, Set<String> groups) {
    for (RowChange change : changes) {
      if (change.change().tx().filter(groups::contains).isPresent()) {
        outcomes.put(change, groupFailed(false));
      }
    }
  }

  private static Failed groupFailed(boolean isRetryable) {
    return new Failed(
        new WriteError(
            "tx_failed", "Another change of the same tx could not be applied.", isRetryable),
        List.of());
  }

  /** Gives every change an outcome, with what can be done in the transaction. */
  void judge(List<RowChange> changes) throws SQLException, Restart, EntryFailed {
    all = changes;
    judgeBlocks(blocks(changes.stream().filter(this::isOpen).toList()));
  }

  private boolean isOpen(RowChange change) {
    return !outcomes.containsKey(change);
  }

  /**
   * Cuts changes where no group goes across: each change alone, or from a group's first to last.
   */
  static List<List<RowChange>> blocks(List<RowChange> changes) {
    Map<String, Integer> ends = new HashMap<>();
    for (int i = 0; i < changes.size(); i++) {
      int place = i;
      changes.get(i).change().tx().ifPresent(tx -> ends.put(tx, place));
    }
    List<List<RowChange>> blocks = new ArrayList<>();
    int start = 0;
    int end = 0;
    for (int i = 0; i < changes.size(); i++) {
      end = Math.max(end, changes.get(i).change().tx().map(ends::get).orElse(i));
      if (i == end) {
        blocks.add(changes.subList(start, i + 1));
        start = i + 1;
        end = start;
      }
    }
    return blocks;
  }

  private void judgeBlocks(List<List<RowChange>> blocks) throws SQLException, Restart, EntryFailed {
    List<RowChange> open = blocks.stream().flatMap(List::stream).filter(this::isOpen).toList();
    if (open.isEmpty()) {
      return;
    }
    if (attempt.isOverdue()) {
      open.forEach(change -> fail(change, tooLate()));
      return;
    }
    begin();
    try {
      keep(open, write(open, LONGEST_RUN));
    } catch (ChangeFailed e) {
      rollBack();
      fail(e.change(), e.failure());
      judgeBlocks(blocks);
    } catch (RunFailed e) {
      rollBack();
      if (mayTryAgain(e.failure)) {
        judgeBlocks(blocks);
      } else if (open.size() == 1) {
        fail(open.getFirst(), failed(open.getFirst(), e.failure));
      } else if (blocks.size() == 1) {
        settle(open);
      } else {
        for (List<List<RowChange>> part : parts(blocks, open, e)) {
          judgeBlocks(part);
        }
      }
    }
  }

  private static Failed tooLate() {
    return Failed.forNow("too_slow", "The batch took too long.");
  }

  /**
   * Whether the same may succeed now: a failed insert is tried as one of a row that may be there.
   */
  private boolean mayTryAgain(SqlFailure failure) throws SQLException, Restart, EntryFailed {
    if (isEntering && failure.kind() != SqlFailure.Kind.WORLD && !failure.isConstraintOfUser()) {
      throw new EntryFailed(failure);
    }
    switch (failure.kind()) {
      case WORLD -> throw failure.cause();
      case CONTENTION, OUTDATED -> {
        if (!attempt.isLast()) {
          throw new Restart(failure);
        }
      }
      case SLOWNESS ->
          session.beginNext(
              "set local lock_timeout = '%dms'".formatted(SHORT_LOCK_TIMEOUT.toMillis()));
      case CHANGE -> {
        if (failure.isUniqueViolation() && !looksFirst) {
          looksFirst = true;
          return true;
        }
      }
    }
    return false;
  }

  /** What came before the run that failed, the run, and the rest; or halves. */
  private static List<List<List<RowChange>>> parts(
      List<List<RowChange>> blocks, List<RowChange> open, RunFailed failed) {
    Set<RowChange> run = new HashSet<>(open.subList(failed.from, failed.to));
    int first = 0;
    while (blocks.get(first).stream().noneMatch(run::contains)) {
      first++;
    }
    int end = blocks.size();
    while (blocks.get(end - 1).stream().noneMatch(run::contains)) {
      end--;
    }
    if (first == 0 && end == blocks.size()) {
      int half = blocks.size() / 2;
      return List.of(blocks.subList(0, half), blocks.subList(half, blocks.size()));
    }
    return List.of(
        blocks.subList(0, first), blocks.subList(first, end), blocks.subList(end, blocks.size()));
  }

  /** A block that fails: change by change, to learn whose fault it is; then without it. */
  private void settle(List<RowChange> block) throws SQLException, Restart, EntryFailed {
    List<RowChange> open = block.stream().filter(this::isOpen).toList();
    if (open.isEmpty()) {
      return;
    }
    begin();
    try {
      keep(open, write(open, 1));
      return;
    } catch (ChangeFailed e) {
      rollBack();
      fail(e.change(), e.failure());
    } catch (RunFailed e) {
      rollBack();
      if (!mayTryAgain(e.failure)) {
        RowChange guilty = open.get(e.from);
        fail(guilty, failed(guilty, e.failure));
      }
    }
    settle(open);
  }

  private Failed failed(RowChange change, SqlFailure failure) throws SQLException {
    if (!failure.isBadValue()) {
      return new Failed(failure.asError(), List.of());
    }
    begin();
    WriteError error = BadValue.find(session, change, failure);
    rollBack();
    return new Failed(error, List.of());
  }

  /** Settles what was written, in order, and what was seen to be impossible on the way. */
  private void keep(List<RowChange> changes, Map<RowChange, Outcome> written)
      throws SQLException, Restart {
    for (RowChange change : changes) {
      switch (written.get(change)) {
        case Outcome.Done done -> outcomes.put(change, done);
        case Failed failed -> fail(change, failed);
        case null -> throw new IllegalStateException("not written: " + change.change().id());
      }
    }
    release();
  }

  /** Settles a change that cannot be, with those that cannot be without it. */
  private void fail(RowChange change, Failed failed) {
    if (!isOpen(change)) {
      return;
    }
    boolean isRetryable = isSomethingWaiting || failed.error().isRetryable();
    outcomes.put(change, isRetryable ? forNow(failed) : failed);
    isSomethingWaiting |= isRetryable;
    for (RowChange other : all.subList(all.indexOf(change), all.size())) {
      if (isRetryable && other.isSameRow(change)) {
        fail(other, waits());
      }
    }
    for (RowChange other : all) {
      if (change.change().tx().isPresent() && other.change().tx().equals(change.change().tx())) {
        fail(other, groupFailed(isRetryable));
      }
    }
  }

  private static Failed forNow(Failed failed) {
    return Failed.forNow(failed.error().code(), failed.error().message());
  }

  private static Failed waits() {
    return Failed.forNow("waits", "An earlier change of the same row has to be tried again first.");
  }

  /** The first savepoint is the one that {@link #fold} goes back to. */
  private void begin() {
    session.beginNext(isBegun ? "savepoint part" : "savepoint beginning");
    isInPart = isBegun;
    isBegun = true;
  }

  private void rollBack() {
    if (isInPart) {
      session.beginNext("rollback to savepoint part");
      session.beginNext("release savepoint part");
    } else {
      session.beginNext("rollback to savepoint beginning");
    }
  }

  private void release() throws SQLException, Restart {
    session.beginNext("release savepoint " + (isInPart ? "part" : "beginning"));
    session.beginNext("set constraints all deferred");
    savepoints++;
    if (savepoints > MOST_SAVEPOINTS && !attempt.isLast()) {
      fold();
    }
  }

  /** Writes again, under one savepoint, what was found good so far. */
  private void fold() throws SQLException, Restart {
    List<RowChange> good =
        all.stream().filter(change -> outcomes.get(change) instanceof Outcome.Done).toList();
    session.beginNext("rollback to savepoint beginning");
    begin();
    try {
      outcomes.putAll(write(good, LONGEST_RUN));
      savepoints = 0;
      release();
    } catch (RunFailed | ChangeFailed e) {
      throw new Restart(SqlFailure.of(new SQLException("written again, it failed", e)));
    }
  }

  /** Writes changes in runs, and has all constraints checked. */
  private Map<RowChange, Outcome> write(List<RowChange> changes, int longest)
      throws RunFailed, ChangeFailed {
    Map<RowChange, Outcome> written = new HashMap<>();
    int from = 0;
    while (from < changes.size()) {
      int to = endOfRun(changes, from, longest);
      try {
        List<RowChange> run = changes.subList(from, to);
        boolean mayBeThere = looksFirst || run.getFirst().table().hasLateKey();
        written.putAll(writer.write(run, mayBeThere));
        isEntering = false;
        checkGroups(run, written);
        if (to == changes.size() && areLate(changes)) {
          session.run(session.asUser().add("set constraints all immediate"));
        }
      } catch (SQLException e) {
        throw new RunFailed(from, to, e);
      }
      from = to;
    }
    return written;
  }

  private static boolean areLate(List<RowChange> changes) {
    return changes.stream().anyMatch(change -> change.table().hasLateChecks());
  }

  /** What is rejected alone stops nothing; in a group it stops the group. */
  private static void checkGroups(List<RowChange> run, Map<RowChange, Outcome> written)
      throws ChangeFailed {
    for (RowChange change : run) {
      if (change.change().tx().isPresent() && written.get(change) instanceof Failed failed) {
        throw new ChangeFailed(change, failed);
      }
    }
  }

  private static int endOfRun(List<RowChange> changes, int from, int longest) {
    RowChange first = changes.get(from);
    if (isAlone(first)) {
      return from + 1;
    }
    Set<Long> rows = new HashSet<>();
    int to = from;
    while (to < changes.size()
        && to - from < longest
        && changes.get(to).kind().equals(first.kind())
        && isNewRow(rows, changes.get(to))) {
      to++;
    }
    return to;
  }

  /** Whether the change cannot share a statement. */
  private static boolean isAlone(RowChange change) {
    return (change.table().hasKey() && !change.table().hasPlainKey())
        || (change.cells().isEmpty() && change.key().isEmpty());
  }

  private static boolean isNewRow(Set<Long> rows, RowChange change) {
    return change.rowHash().isEmpty() || rows.add(change.rowHash().get());
  }
}
