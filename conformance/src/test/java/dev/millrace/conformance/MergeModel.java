package dev.millrace.conformance;

import dev.millrace.protocol.Conflict;
import dev.millrace.protocol.Conflict.Kept;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.WriteChange;
import dev.millrace.protocol.WriteChange.Op;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What should become of changes of one table, one after the other: rows in a map, a set of the keys
 * that were deleted, and who wrote which column. Knows nothing of SQL, runs or round trips.
 *
 * <p>The table has a key {@code id}, the columns of {@link #COLUMNS}, of which {@code tags} is a
 * set whatever the policy, and {@code edited} says what is later where the last write wins.
 */
final class MergeModel {
  static final List<String> COLUMNS = List.of("title", "year", "edited", "tags");

  /** As the settings name them. */
  enum Policy {
    MERGE_FIELDS,
    LAST_WRITE_WINS,
    REJECT_STALE,
    KEEP_BOTH
  }

  /**
   * What a change is answered with.
   *
   * @param end the status, or the code of the error
   */
  record Verdict(String end, List<Conflict> conflicts, Optional<Map<String, Json>> row) {}

  /** A value that lost, as {@code millrace.conflict} has it. */
  record Lost(String device, String change, Conflict conflict) {}

  private record Write(String row, String device, Set<String> columns) {}

  private final Policy policy;
  private final Map<String, Map<String, Json>> rows = new TreeMap<>();
  private final Set<String> deleted = new TreeSet<>();
  private final List<Write> writes = new ArrayList<>();
  private final Map<String, Verdict> applied = new HashMap<>();
  private final List<Lost> lost = new ArrayList<>();

  MergeModel(Policy policy) {
    this.policy = policy;
  }

  Map<String, Map<String, Json>> rows() {
    return rows;
  }

  List<Lost> lost() {
    return lost;
  }

  /**
   * Judges a change.
   *
   * @param newKey the key that Postgres gave to a second row, if it made one
   */
  Verdict apply(String device, WriteChange change, Optional<String> newKey) {
    Verdict first = applied.get(change.id());
    if (first != null) {
      return new Verdict("DUPLICATE", first.conflicts(), Optional.empty());
    }
    String id = text(cell(change.payload().byName(), "id"));
    Map<String, Json> row = rows.get(id);
    Verdict verdict;
    if (change.op() == Op.DELETE) {
      verdict = row == null ? missing(change, id) : delete(device, change, id, row);
    } else if (row == null) {
      verdict = change.op() == Op.INSERT ? insert(change, id) : missing(change, id);
    } else {
      verdict = merge(device, change, id, row, newKey);
    }
    if (Set.of("APPLIED", "MERGED").contains(verdict.end())) {
      applied.put(change.id(), verdict);
      boolean isWhole = change.op() != Op.UPDATE;
      writes.add(
          new Write(
              id, device, isWhole ? Set.copyOf(COLUMNS) : change.payload().byName().keySet()));
      verdict.conflicts().forEach(one -> lost.add(new Lost(device, change.id(), one)));
    }
    return verdict;
  }

  private Verdict missing(WriteChange change, String id) {
    if (!deleted.contains(id)) {
      return new Verdict("row_not_found", List.of(), Optional.empty());
    }
    return new Verdict(
        change.op() == Op.DELETE ? "APPLIED" : "row_deleted", List.of(), Optional.empty());
  }

  private Verdict insert(WriteChange change, String id) {
    rows.put(id, new TreeMap<>(change.payload().byName()));
    return new Verdict("APPLIED", List.of(), Optional.empty());
  }

  private Verdict delete(String device, WriteChange change, String id, Map<String, Json> row) {
    List<Conflict> conflicts = new ArrayList<>();
    for (String column : COLUMNS) {
      Optional<Json> base = base(change, column);
      boolean isOther =
          base.isPresent() ? !base.get().equals(row.get(column)) : wrote(device, id, column);
      if (isOther) {
        conflicts.add(new Conflict(column, base, Json.NULL, cell(row, column), Kept.YOURS));
      }
    }
    if (policy == Policy.REJECT_STALE && !conflicts.isEmpty()) {
      return new Verdict("stale", keeping(Kept.THEIRS, conflicts), Optional.empty());
    }
    rows.remove(id);
    deleted.add(id);
    return new Verdict(conflicts.isEmpty() ? "APPLIED" : "MERGED", conflicts, Optional.empty());
  }

  private Verdict merge(
      String device,
      WriteChange change,
      String id,
      Map<String, Json> row,
      Optional<String> newKey) {
    Map<String, Json> yours = change.payload().byName();
    boolean isLate =
        policy == Policy.LAST_WRITE_WINS
            && number(cell(row, "edited")) > number(cell(yours, "edited"));
    List<Conflict> conflicts = conflicts(device, change, id, row, isLate);
    boolean met = !conflicts.isEmpty();
    if (met && policy == Policy.REJECT_STALE) {
      return new Verdict("stale", keeping(Kept.THEIRS, conflicts), Optional.empty());
    }
    if (met && policy == Policy.KEEP_BOTH) {
      Map<String, Json> copy = new TreeMap<>(row);
      copy.putAll(yours);
      String key = newKey.orElse("no new key");
      copy.put("id", new Json.Text(key));
      copy.put("title", new Json.Text(text(cell(copy, "title")) + " (conflicting copy)"));
      rows.put(key, copy);
      return new Verdict("MERGED", keeping(Kept.THEIRS, conflicts), Optional.of(copy));
    }
    for (String column : COLUMNS) {
      if (yours.containsKey(column) && column.equals("tags")) {
        row.put(column, union(cell(row, column), base(change, column), cell(yours, column)));
      } else if (yours.containsKey(column) && !isLate) {
        row.put(column, yours.get(column));
      }
    }
    return met || isLate || change.op() == Op.INSERT
        ? new Verdict(
            "MERGED",
            keeping(isLate ? Kept.THEIRS : Kept.YOURS, conflicts),
            Optional.of(new TreeMap<>(row)))
        : new Verdict("APPLIED", List.of(), Optional.empty());
  }

  private List<Conflict> conflicts(
      String device, WriteChange change, String id, Map<String, Json> row, boolean isLate) {
    List<Conflict> conflicts = new ArrayList<>();
    for (String column : COLUMNS) {
      Json yours = change.payload().byName().get(column);
      Json theirs = cell(row, column);
      if (yours == null || column.equals("tags") || yours.equals(theirs)) {
        continue;
      }
      Optional<Json> base =
          policy == Policy.LAST_WRITE_WINS ? Optional.empty() : base(change, column);
      boolean isOther =
          base.isPresent() ? !base.get().equals(theirs) : isLate || wrote(device, id, column);
      if (isOther) {
        conflicts.add(new Conflict(column, base, yours, theirs, Kept.YOURS));
      }
    }
    return conflicts;
  }

  /** Whether another device has ever written to the column. */
  private boolean wrote(String device, String row, String column) {
    return writes.stream()
        .anyMatch(write ->
            write.row().equals(row)
                && !write.device().equals(device)
                && write.columns().contains(column));
  }

  /** What is there, without what was taken out, with what was put in. */
  private static Json union(Json stored, Optional<Json> base, Json yours) {
    Set<Json> seen = new LinkedHashSet<>(base.map(MergeModel::items).orElse(List.of()));
    Set<Json> added = new LinkedHashSet<>(items(yours));
    Set<Json> removed = new LinkedHashSet<>(seen);
    removed.removeAll(added);
    added.removeAll(seen);
    Set<Json> all = new LinkedHashSet<>(items(stored));
    all.removeAll(removed);
    all.addAll(added);
    return new Json.Array(List.copyOf(all));
  }

  private static List<Json> items(Json array) {
    return ((Json.Array) array).items();
  }

  private static List<Conflict> keeping(Kept kept, List<Conflict> conflicts) {
    return conflicts.stream()
        .map(c -> new Conflict(c.column(), c.base(), c.yours(), c.theirs(), kept))
        .toList();
  }

  private static Optional<Json> base(WriteChange change, String column) {
    return change.base().flatMap(base -> base.member(column));
  }

  /** What a row or a change has in a column. */
  static Json cell(Map<String, Json> row, String column) {
    return Objects.requireNonNull(row.get(column), column);
  }

  private static String text(Json value) {
    return ((Json.Text) value).value();
  }

  private static long number(Json value) {
    return Long.parseLong(((Json.Numeral) value).literal());
  }
}
