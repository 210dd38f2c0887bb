package dev.millrace.server.write;

import dev.millrace.protocol.Conflict;
import dev.millrace.protocol.Conflict.Kept;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.WriteChange.Op;
import dev.millrace.protocol.WriteError;
import dev.millrace.server.write.ConflictPolicy.KeepBoth;
import dev.millrace.server.write.ConflictPolicy.LastWriteWins;
import dev.millrace.server.write.ConflictPolicy.MergeFields;
import dev.millrace.server.write.ConflictPolicy.RejectStale;
import dev.millrace.server.write.Outcome.Done;
import dev.millrace.server.write.Outcome.Failed;
import dev.millrace.server.write.RoundTrip.Reply;
import dev.millrace.server.write.RowChange.Cell;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes runs, as the user, and says what became of each change. An error of Postgres is of the
 * whole run, and the caller's to deal with.
 */
final class RunWriter {

  /** What stands in a row that has been locked, where it is not what the change expects. */
  private record Locked(boolean isNewer, List<@Nullable String> others) {}

  private final WriteSession session;
  private final Ledger ledger;
  private final Set<Long> deletedHere = new HashSet<>();

  RunWriter(WriteSession session, Ledger ledger) {
    this.session = session;
    this.ledger = ledger;
  }

  /**
   * Writes a run.
   *
   * @param looksFirst whether an insert expects that its row may be there
   */
  Map<RowChange, Outcome> write(List<RowChange> run, boolean looksFirst)
      throws SQLException, ChangeFailed {
    RowChange first = run.getFirst();
    return switch (first.op()) {
      case INSERT -> looksFirst && !first.key().isEmpty() ? meet(run) : insert(run);
      case UPDATE -> update(run);
      case DELETE -> delete(run);
    };
  }

  private Map<RowChange, Outcome> insert(List<RowChange> run) throws SQLException {
    boolean wantsRows = run.getFirst().table().hasKey() && run.getFirst().key().isEmpty();
    Reply reply = session.run(new RowStatements(run).insert(session.asUser(), wantsRows));
    Map<RowChange, Outcome> outcomes = new LinkedHashMap<>();
    // A trigger may have kept some out; then nobody knows which.
    boolean hasRows = wantsRows && reply.rows().size() == run.size();
    for (int i = 0; i < run.size(); i++) {
      Outcome outcome =
          hasRows ? new Done(false, List.of(), row(reply.rows().get(i), 0)) : Done.PLAIN;
      outcomes.put(run.get(i), outcome);
    }
    return outcomes;
  }

  /** The row that the objects from {@code column} on make together. */
  private static Optional<Json.Members> row(List<@Nullable String> answer, int column) {
    Map<String, Json> members = new LinkedHashMap<>();
    for (String object : answer.subList(column, answer.size())) {
      if (Ledger.json(object) instanceof Json.Members part) {
        members.putAll(part.byName());
      }
    }
    return Optional.of(new Json.Members(members));
  }

  /** Most find what their authors saw; the others are looked at. */
  private Map<RowChange, Outcome> update(List<RowChange> run) throws SQLException {
    RowStatements statements = new RowStatements(run);
    if (!statements.areSeen()) {
      return meet(run);
    }
    Reply reply = session.run(statements.updateAsSeen(session.asUser()));
    Map<RowChange, Outcome> outcomes = new LinkedHashMap<>();
    String places = reply.value(0, 1);
    if (String.valueOf(reply.value(0, 0)).equals(Integer.toString(run.size()))) {
      run.forEach(change -> outcomes.put(change, Done.PLAIN));
    } else {
      if (places != null) {
        for (String place : places.split(",", -1)) {
          outcomes.put(run.get(Integer.parseInt(place) - 1), Done.PLAIN);
        }
      }
      outcomes.putAll(meet(run.stream().filter(change -> !outcomes.containsKey(change)).toList()));
    }
    return outcomes;
  }

  /** Changes of rows that are there, or may be. */
  private Map<RowChange, Outcome> meet(List<RowChange> run) throws SQLException {
    Map<RowChange, Locked> locked = lock(run);
    Map<RowChange, List<Conflict>> conflicts = conflicts(locked);
    Map<RowChange, Outcome> outcomes = new LinkedHashMap<>();
    List<RowChange> missing = new ArrayList<>();
    List<RowChange> updated = new ArrayList<>();
    List<RowChange> late = new ArrayList<>();
    List<RowChange> copied = new ArrayList<>();
    List<RowChange> met = new ArrayList<>();
    for (RowChange change : run) {
      Locked row = locked.get(change);
      List<Conflict> lost = conflicts.getOrDefault(change, List.of());
      if (row == null) {
        missing.add(change);
        continue;
      }
      switch (change.table().policy().conflicts()) {
        case RejectStale stale when !lost.isEmpty() -> outcomes.put(change, stale(lost));
        case KeepBoth both when !lost.isEmpty() -> copied.add(change);
        case LastWriteWins last when row.isNewer() -> late.add(change);
        case MergeFields merge -> updated.add(change);
        case LastWriteWins last -> updated.add(change);
        case RejectStale stale -> updated.add(change);
        case KeepBoth both -> updated.add(change);
      }
      if (row.isNewer() || change.op() == Op.INSERT || !lost.isEmpty()) {
        met.add(change);
      }
    }
    if (!updated.isEmpty()) {
      session.run(new RowStatements(updated).update(session.asUser()));
      updated.forEach(change -> outcomes.put(change, Done.PLAIN));
    }
    if (!late.isEmpty()) {
      session.run(new RowStatements(late).updateSets(session.asUser()));
    }
    met.removeIf(change -> outcomes.get(change) instanceof Failed || copied.contains(change));
    if (!met.isEmpty()) {
      Reply rows = session.run(new RowStatements(met).select(session.asUser()));
      Map<RowChange, Optional<Json.Members>> now = new HashMap<>();
      rows.rows().forEach(row -> now.put(at(met, row), row(row, 1)));
      met.forEach(change ->
          outcomes.put(
              change,
              new Done(
                  true,
                  conflicts.getOrDefault(change, List.of()),
                  now.getOrDefault(change, Optional.empty()))));
    }
    if (!copied.isEmpty()) {
      outcomes.putAll(copy(copied, conflicts));
    }
    if (!missing.isEmpty()) {
      outcomes.putAll(run.getFirst().op() == Op.INSERT ? insert(missing) : absent(missing));
    }
    return outcomes;
  }

  private Map<RowChange, Locked> lock(List<RowChange> run) throws SQLException {
    Reply reply = session.run(new RowStatements(run).lock(session.asUser()));
    Map<RowChange, Locked> locked = new LinkedHashMap<>();
    for (List<@Nullable String> row : reply.rows()) {
      locked.put(at(run, row), new Locked("t".equals(row.get(1)), row.subList(2, row.size())));
    }
    return locked;
  }

  private static RowChange at(List<RowChange> run, List<@Nullable String> row) {
    return run.get(Integer.parseInt(String.valueOf(row.getFirst())) - 1);
  }

  /**
   * What each change met: with a base, a value that is neither what its author saw nor what it
   * sets; without one, a value that another user or device wrote since.
   */
  private Map<RowChange, List<Conflict>> conflicts(Map<RowChange, Locked> locked)
      throws SQLException {
    List<RowChange> blind =
        locked.entrySet().stream()
            .filter(entry -> isBlind(entry.getKey(), entry.getValue()))
            .map(Map.Entry::getKey)
            .toList();
    Map<RowChange, Set<Integer>> others = blind.isEmpty() ? Map.of() : ledger.others(blind);
    Map<RowChange, List<Conflict>> conflicts = new HashMap<>();
    locked.forEach((change, row) -> {
      List<Conflict> met = conflicts(change, row, others.getOrDefault(change, Set.of()));
      if (!met.isEmpty()) {
        conflicts.put(change, met);
      }
    });
    return conflicts;
  }

  /** Whether something else stands in a column of which nobody said what was seen. */
  private static boolean isBlind(RowChange change, Locked row) {
    List<Cell> set = change.cellsBesideKey();
    for (int i = 0; i < set.size(); i++) {
      if (row.others().get(i) != null && usableBase(change, set.get(i)).isEmpty()) {
        return true;
      }
    }
    return false;
  }

  private static Optional<Cell> usableBase(RowChange change, Cell cell) {
    if (change.table().policy().conflicts() instanceof LastWriteWins) {
      return Optional.empty();
    }
    return change.base().stream().filter(b -> b.column().equals(cell.column())).findFirst();
  }

  private static List<Conflict> conflicts(RowChange change, Locked row, Set<Integer> others) {
    boolean isLate = row.isNewer();
    boolean keepsTheirs = isLate || change.table().policy().conflicts() instanceof KeepBoth;
    List<Conflict> conflicts = new ArrayList<>();
    List<Cell> set = change.cellsBesideKey();
    for (int i = 0; i < set.size(); i++) {
      String theirs = row.others().get(i);
      Cell cell = set.get(i);
      Optional<Cell> base = usableBase(change, cell);
      boolean isMet =
          base.isPresent()
              || isLate
              || others.contains(0)
              || others.contains(cell.column().number());
      if (theirs != null && isMet) {
        conflicts.add(
            new Conflict(
                cell.column().name(),
                base.map(Cell::given),
                cell.given(),
                Ledger.json(theirs),
                keepsTheirs ? Kept.THEIRS : Kept.YOURS));
      }
    }
    return conflicts;
  }

  private static Failed stale(List<Conflict> conflicts) {
    String columns = conflicts.stream().map(Conflict::column).collect(Collectors.joining(", "));
    List<Conflict> kept =
        conflicts.stream()
            .map(c -> new Conflict(c.column(), c.base(), c.yours(), c.theirs(), Kept.THEIRS))
            .toList();
    String message = "Somebody else has changed the row meanwhile: " + columns + ".";
    return new Failed(new WriteError("stale", message, false), kept);
  }

  private Map<RowChange, Outcome> copy(
      List<RowChange> run, Map<RowChange, List<Conflict>> conflicts) throws SQLException {
    KeepBoth policy = (KeepBoth) run.getFirst().table().policy().conflicts();
    Optional<RoundTrip> trip = new RowStatements(run).insertCopies(session.asUser(), policy);
    Map<RowChange, Outcome> outcomes = new LinkedHashMap<>();
    if (trip.isEmpty()) {
      run.forEach(change -> outcomes.put(change, stale(conflicts.getOrDefault(change, List.of()))));
      return outcomes;
    }
    Reply reply = session.run(trip.get());
    boolean hasRows = reply.rows().size() == run.size();
    for (int i = 0; i < run.size(); i++) {
      RowChange change = run.get(i);
      Optional<Json.Members> row = hasRows ? row(reply.rows().get(i), 0) : Optional.empty();
      outcomes.put(change, new Done(true, conflicts.getOrDefault(change, List.of()), row));
    }
    return outcomes;
  }

  /** Rows that are not there for this user to change. */
  private Map<RowChange, Outcome> absent(List<RowChange> missing) throws SQLException {
    Set<RowChange> gone = ledger.gone(missing);
    Reply reply = session.run(new RowStatements(missing).select(session.asUser()));
    Set<RowChange> visible = new HashSet<>();
    reply.rows().forEach(row -> visible.add(at(missing, row)));
    Map<RowChange, Outcome> outcomes = new LinkedHashMap<>();
    for (RowChange change : missing) {
      boolean isGone =
          gone.contains(change) || change.rowHash().filter(deletedHere::contains).isPresent();
      outcomes.put(change, absent(change, visible.contains(change), isGone));
    }
    return outcomes;
  }

  private static Outcome absent(RowChange change, boolean isVisible, boolean isGone) {
    if (isVisible) {
      return Failed.of("forbidden", "A policy of the table does not allow it.");
    }
    if (!isGone) {
      return Failed.of("row_not_found", "There is no such row.");
    }
    return change.op() == Op.DELETE ? Done.PLAIN : Failed.of("row_deleted", "The row was deleted.");
  }

  private Map<RowChange, Outcome> delete(List<RowChange> run) throws SQLException, ChangeFailed {
    Reply reply = session.run(new RowStatements(run).delete(session.asUser()));
    Map<RowChange, List<@Nullable String>> found = new LinkedHashMap<>();
    reply.rows().forEach(row -> found.put(at(run, row), row));
    Map<RowChange, Set<Integer>> others =
        found.isEmpty() ? Map.of() : ledger.others(List.copyOf(found.keySet()));
    Map<RowChange, Outcome> outcomes = new LinkedHashMap<>();
    List<RowChange> missing = new ArrayList<>();
    for (RowChange change : run) {
      List<@Nullable String> row = found.get(change);
      if (row == null) {
        missing.add(change);
        continue;
      }
      List<Conflict> lost = deleted(change, row, others.getOrDefault(change, Set.of()));
      if (!lost.isEmpty() && change.table().policy().conflicts() instanceof RejectStale) {
        throw new ChangeFailed(change, stale(lost));
      }
      change.rowHash().ifPresent(deletedHere::add);
      outcomes.put(change, lost.isEmpty() ? Done.PLAIN : new Done(true, lost, Optional.empty()));
    }
    if (!missing.isEmpty()) {
      outcomes.putAll(absent(missing));
    }
    return outcomes;
  }

  /** What others had written to a row that is deleted now. */
  private static List<Conflict> deleted(
      RowChange change, List<@Nullable String> answer, Set<Integer> others) {
    int seen = change.base().size();
    Json.Members row = row(answer, 1 + seen).orElseThrow();
    List<Conflict> conflicts = new ArrayList<>();
    for (WritableColumn column : change.table().columns()) {
      Optional<Json> theirs = row.member(column.name());
      if (column.isKey() || theirs.isEmpty()) {
        continue;
      }
      int place = basePlace(change, column);
      boolean isMet =
          place >= 0
              ? "t".equals(answer.get(1 + place))
              : others.contains(0) || others.contains(column.number());
      if (isMet) {
        conflicts.add(
            new Conflict(
                column.name(),
                place >= 0 ? Optional.of(change.base().get(place).given()) : Optional.empty(),
                Json.NULL,
                theirs.get(),
                Kept.YOURS));
      }
    }
    return conflicts;
  }

  private static int basePlace(RowChange change, WritableColumn column) {
    for (int i = 0; i < change.base().size(); i++) {
      if (change.base().get(i).column().equals(column)) {
        return i;
      }
    }
    return -1;
  }
}
