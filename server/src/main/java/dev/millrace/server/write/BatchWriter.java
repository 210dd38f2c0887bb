package dev.millrace.server.write;

import dev.millrace.protocol.Conflict;
import dev.millrace.protocol.Lsn;
import dev.millrace.protocol.WriteAnswer;
import dev.millrace.protocol.WriteBatch;
import dev.millrace.protocol.WriteChange;
import dev.millrace.protocol.WriteResult;
import dev.millrace.protocol.WriteResult.Status;
import dev.millrace.server.write.ChangePlanner.Unfit;
import dev.millrace.server.write.Judge.EntryFailed;
import dev.millrace.server.write.Ledger.Name;
import dev.millrace.server.write.Outcome.Done;
import dev.millrace.server.write.Outcome.Failed;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Judges one batch on one connection: what was applied before is a duplicate, what cannot be tried
 * fails at once, the rest is written in one transaction. Used once, by one thread.
 */
final class BatchWriter {

  /** How far a device's clock may be ahead. */
  private static final Duration CLOCK_SLACK = Duration.ofDays(1);

  /** The year 1: Postgres does not know all times that are a number. */
  private static final long OLDEST_MILLIS = -62_135_596_800_000L;

  private static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(2);

  /** How a change ended, and with which transaction if it is in the database. */
  private record Settled(
      Status status, Outcome outcome, Optional<String> txid, Optional<Lsn> lsn) {}

  private final WriteSession session;
  private final Ledger ledger;
  private final ChangePlanner planner;
  private final Duration retention;
  private final Attempt attempt;
  private final Map<Name, Settled> settled = new HashMap<>();

  /**
   * One of a few tries.
   *
   * @param isLast whether contention is answered rather than tried again
   */
  record Attempt(InstantSource clock, Instant deadline, boolean isLast) {
    boolean isOverdue() {
      return clock.instant().isAfter(deadline);
    }
  }

  BatchWriter(
      WriteSession session,
      Ledger ledger,
      ChangePlanner planner,
      Duration retention,
      Attempt attempt) {
    this.session = session;
    this.ledger = ledger;
    this.planner = planner;
    this.retention = retention;
    this.attempt = attempt;
  }

  /**
   * Writes the batch.
   *
   * @throws Restart if it should be tried again at once; nothing was applied
   * @throws SQLException if Postgres failed as a whole
   */
  WriteAnswer write(WriteBatch batch) throws SQLException, Restart {
    Map<Name, WriteChange> changes = new LinkedHashMap<>();
    batch.changes().forEach(change -> changes.putIfAbsent(Name.of(change), change));
    Map<Name, Failed> unfit = new HashMap<>();
    List<RowChange> planned = plan(changes.values(), unfit);
    try {
      transact(planned, changes.values(), unfit);
    } catch (CommitFailed e) {
      // Each for itself, so that the one whose fault it was is found.
      for (List<RowChange> block : Judge.blocks(e.done)) {
        transactAlone(block);
      }
    }
    return answer(batch);
  }

  private List<RowChange> plan(Iterable<WriteChange> changes, Map<Name, Failed> unfit)
      throws SQLException {
    List<RowChange> planned = new ArrayList<>();
    Instant now = attempt.clock().instant();
    for (WriteChange change : changes) {
      try {
        checkTime(change, now);
        planned.add(planner.plan(change));
      } catch (Unfit e) {
        unfit.put(Name.of(change), new Failed(e.error(), List.of()));
      }
    }
    return planned;
  }

  private void checkTime(WriteChange change, Instant now) throws Unfit {
    if (change.createdAt().isEmpty()) {
      return;
    }
    long createdAt = change.createdAt().getAsLong();
    if (createdAt > now.plus(CLOCK_SLACK).toEpochMilli()) {
      throw new Unfit("clock_ahead", "The change is from the future: the device's clock is wrong.");
    }
    if (isBeforeTime(change)) {
      throw new Unfit("invalid_value", "The change is from before the first year.");
    }
    if (createdAt < now.minus(retention).toEpochMilli() && change.retryCount() > 0) {
      throw new Unfit(
          "too_old", "The change is so old that nobody knows whether it was applied before.");
    }
  }

  private static boolean isBeforeTime(WriteChange change) {
    return change.createdAt().isPresent() && change.createdAt().getAsLong() < OLDEST_MILLIS;
  }

  /** COMMIT was answered with an error: nothing was applied. */
  private static final class CommitFailed extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<RowChange> done;
    private final transient SqlFailure failure;

    CommitFailed(List<RowChange> done, SqlFailure failure) {
      super(failure.cause());
      this.done = done;
      this.failure = failure;
    }
  }

  private void transactAlone(List<RowChange> block) throws SQLException, Restart {
    try {
      transact(block, block.stream().map(RowChange::change).toList(), Map.of());
    } catch (CommitFailed e) {
      block.forEach(change -> settle(change, new Failed(e.failure.asError(), List.of())));
    }
  }

  private void transact(
      List<RowChange> planned, Iterable<WriteChange> changes, Map<Name, Failed> unfit)
      throws SQLException, Restart, CommitFailed {
    boolean seemNew = planned.stream().allMatch(change -> change.change().retryCount() == 0);
    if (seemNew && unfit.isEmpty() && !planned.isEmpty() && transactNew(planned)) {
      return;
    }
    session.begin(STATEMENT_TIMEOUT, LOCK_TIMEOUT);
    long claimed = planned.isEmpty() ? 0 : ledger.claim(planned);
    if (claimed < planned.size() || !unfit.isEmpty()) {
      settleDuplicates(changes);
      if (planned.stream().filter(this::isSettled).count() != planned.size() - claimed) {
        throw new SQLException("the ledger has changes that it does not show");
      }
    }
    unfit.forEach((name, failed) ->
        settled.putIfAbsent(
            name, new Settled(status(failed), failed, Optional.empty(), Optional.empty())));
    List<RowChange> open = planned.stream().filter(change -> !isSettled(change)).toList();
    Judge judge = new Judge(session, ledger, attempt, false);
    judge.failGroups(open, groupsOf(changes, unfit));
    try {
      judge.judge(open);
    } catch (EntryFailed e) {
      throw new IllegalStateException("nothing was entered with a change", e);
    }
    finish(open, judge.outcomes());
  }

  /**
   * Writes changes that say nothing else as new ones, with fewer round trips. False if that did not
   * succeed; nothing was done then.
   */
  private boolean transactNew(List<RowChange> planned) throws SQLException, Restart, CommitFailed {
    session.begin(STATEMENT_TIMEOUT, LOCK_TIMEOUT);
    ledger.enter(planned);
    Judge judge = new Judge(session, ledger, attempt, true);
    try {
      judge.judge(planned);
    } catch (EntryFailed e) {
      session.rollBack();
      return false;
    }
    finish(planned, judge.outcomes());
    return true;
  }

  private Set<String> groupsOf(Iterable<WriteChange> changes, Map<Name, Failed> unfit) {
    Set<String> groups = new HashSet<>();
    if (unfit.isEmpty()) {
      return groups;
    }
    for (WriteChange change : changes) {
      Settled end = settled.get(Name.of(change));
      if (unfit.containsKey(Name.of(change)) && end != null && !end.status().isInDatabase()) {
        change.tx().ifPresent(groups::add);
      }
    }
    return groups;
  }

  private boolean isSettled(RowChange change) {
    return settled.containsKey(change.name());
  }

  private void settleDuplicates(Iterable<WriteChange> changes) throws SQLException {
    List<WriteChange> asked = new ArrayList<>();
    changes.forEach(asked::add);
    asked.removeIf(BatchWriter::isBeforeTime);
    Map<Name, String> applied = ledger.applied(asked);
    if (applied.isEmpty()) {
      return;
    }
    Map<UUID, List<Conflict>> conflicts =
        ledger.conflicts(applied.keySet().stream().map(Name::id).toList());
    Lsn lsn = session.position();
    applied.forEach((name, txid) -> {
      List<Conflict> met = conflicts.getOrDefault(name.id(), List.of());
      Outcome outcome = new Done(!met.isEmpty(), met, Optional.empty());
      settled.put(
          name, new Settled(Status.DUPLICATE, outcome, Optional.of(txid), Optional.of(lsn)));
    });
  }

  private void finish(List<RowChange> open, Map<RowChange, Outcome> outcomes)
      throws SQLException, CommitFailed {
    Map<RowChange, Done> done = new LinkedHashMap<>();
    List<RowChange> failed = new ArrayList<>();
    for (RowChange change : open) {
      switch (outcomes.get(change)) {
        case Done met -> done.put(change, met);
        case Failed failure -> {
          failed.add(change);
          settle(change, failure);
        }
        case null -> throw new IllegalStateException("not judged: " + change.change().id());
      }
    }
    if (done.isEmpty()) {
      session.rollBack();
      return;
    }
    ledger.record(done);
    if (!failed.isEmpty()) {
      ledger.release(failed);
    }
    WriteSession.Committed committed = commit(List.copyOf(done.keySet()));
    done.forEach((change, outcome) -> settle(change, outcome, committed));
  }

  private void settle(RowChange change, Done done, WriteSession.Committed committed) {
    settled.put(
        change.name(),
        new Settled(
            done.isMerged() ? Status.MERGED : Status.APPLIED,
            done,
            Optional.of(committed.txid()),
            Optional.of(committed.lsn())));
  }

  private WriteSession.Committed commit(List<RowChange> done) throws SQLException, CommitFailed {
    try {
      return session.commit();
    } catch (SQLException e) {
      SqlFailure failure = SqlFailure.of(e);
      if (failure.isAnswerOfPostgres()) {
        session.rollBack();
        throw new CommitFailed(done, failure);
      }
      throw e;
    }
  }

  private void settle(RowChange change, Failed failed) {
    settled.put(
        change.name(), new Settled(status(failed), failed, Optional.empty(), Optional.empty()));
  }

  private static Status status(Failed failed) {
    return failed.error().isRetryable() ? Status.RETRY : Status.REJECTED;
  }

  private WriteAnswer answer(WriteBatch batch) {
    Set<Name> answered = new HashSet<>();
    List<WriteResult> results = new ArrayList<>();
    for (WriteChange change : batch.changes()) {
      Name name = Name.of(change);
      Settled end = settled.get(name);
      if (end == null) {
        throw new IllegalStateException("not settled: " + change.id());
      }
      results.add(result(change.id(), end, answered.add(name)));
    }
    return new WriteAnswer(results);
  }

  /** A change that stands in the batch twice is applied once. */
  private static WriteResult result(String id, Settled end, boolean isFirst) {
    Status status = isFirst || !end.status().isInDatabase() ? end.status() : Status.DUPLICATE;
    return switch (end.outcome()) {
      case Done done ->
          new WriteResult(
              id, status, end.txid(), end.lsn(), done.conflicts(), done.row(), Optional.empty());
      case Failed failed ->
          new WriteResult(
              id,
              status,
              Optional.empty(),
              Optional.empty(),
              failed.conflicts(),
              Optional.empty(),
              Optional.of(failed.error()));
    };
  }
}
