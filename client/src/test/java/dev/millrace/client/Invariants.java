package dev.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.store.Entity;
import dev.millrace.client.store.Overlay;
import dev.millrace.client.store.Store;
import dev.millrace.client.store.StreamPosition;
import dev.millrace.client.store.SyncedTable;
import dev.millrace.client.store.Tx;
import dev.millrace.protocol.Offset;
import dev.millrace.protocol.WriteChange;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What holds of one user's rows on a device after every step: the synced copy is what the server
 * had at the offset beside it, nothing that is shown goes back, the merged view is the copy with
 * the overlay's changes on top, and no promise is broken. One thread.
 */
final class Invariants {

  private final String device;
  private final String user;
  private final ModelServer server;
  private final List<Entity> entities;
  private final Promises promises;
  private final Map<String, Long> newest = new HashMap<>();
  private final Map<String, ModelServer.Copy> copies = new HashMap<>();
  private @Nullable Store checked;
  private Optional<List<Overlay.Pending>> overlay = Optional.empty();
  private List<Overlay.Pending> before = List.of();
  private Set<String> rejected = Set.of();

  /** Of rejected changes: the columns that accepted ones have replaced, all if they are empty. */
  private final Map<String, Map<String, Set<String>>> replaced = new HashMap<>();

  private final Map<Entity, StreamPosition> positions = new HashMap<>();
  private final Map<String, Map<String, Map<String, @Nullable String>>> known = new HashMap<>();

  Invariants(
      String device, String user, ModelServer server, List<Entity> entities, Promises promises) {
    this.device = device;
    this.user = user;
    this.server = server;
    this.entities = entities;
    this.promises = promises;
  }

  /**
   * After a transaction. Of a guest only the merged view is checked: there is no server.
   *
   * @param written tables that may be others than at the last check; what is in the rest is known
   */
  void check(Store store, boolean isGuest, Set<String> written) {
    boolean isFirst = store != checked;
    if (isFirst) {
      checked = store;
      overlay = Optional.empty();
      positions.clear();
      known.clear();
    }
    if (written.contains("overlay")) {
      overlay = Optional.empty();
    }
    if (written.contains("stream")) {
      positions.clear();
    }
    known.keySet().removeIf(table -> written.contains(table.replace("__synced", "")));
    store.read(tx -> {
      List<Overlay.Pending> pending = overlay.orElseGet(() -> Overlay.list(tx));
      overlay = Optional.of(pending);
      boolean isOther = isFirst || written.contains("write_buffer") || written.contains("overlay");
      if (isOther && !isGuest) {
        noteReplaced(
            pending,
            Set.copyOf(
                tx.query(
                    "select id from write_buffer where status = 'error'",
                    List.of(),
                    row -> "" + row.text(0))));
      }
      Map<String, Long> versions = new HashMap<>();
      for (Entity entity : entities) {
        var synced = known.computeIfAbsent(entity.name() + "__synced", table -> rows(tx, table));
        if (!isGuest) {
          var shown = positions.computeIfAbsent(entity, named -> SyncedTable.shown(tx, named));
          syncedRowsAreThoseOfTheServerAtTheirOffset(entity, shown, synced);
          versions.put(entity.name(), rowsDoNotGoBack(entity, shown));
        }
        var merged = known.computeIfAbsent(entity.name(), table -> rows(tx, table));
        mergedRowsAreSyncedOnesWithTheChangesOnTop(entity, merged, synced, pending);
      }
      if (!isGuest) {
        promises.check(pending, versions);
      }
      return true;
    });
  }

  /** What was accepted and is shown now has replaced what was rejected before it. */
  private void noteReplaced(List<Overlay.Pending> pending, Set<String> rejectedNow) {
    Set<String> there =
        pending.stream().map(Overlay.Pending::id).collect(Collectors.toUnmodifiableSet());
    boolean isDiscarding = rejected.stream().anyMatch(id -> !there.contains(id));
    rejected = rejectedNow;
    replaced.keySet().retainAll(rejected);
    replaced.values().forEach(by -> by.keySet().removeAll(there)); // After a crash, perhaps.
    for (int i = 0; i < before.size(); i++) {
      Overlay.Pending gone = before.get(i);
      boolean isAccepted =
          !there.contains(gone.id())
              && server.applied(gone.id()).isPresent()
              && !promises.isGivenUp(gone.id(), isDiscarding);
      if (isAccepted) {
        before.subList(0, i).stream()
            .filter(earlier -> earlier.entity().equals(gone.entity()))
            .filter(earlier -> earlier.key().equals(gone.key()))
            .filter(earlier -> rejected.contains(earlier.id()))
            .forEach(earlier ->
                replaced
                    .computeIfAbsent(earlier.id(), unused -> new HashMap<>())
                    .put(
                        gone.id(),
                        gone.op() == WriteChange.Op.UPDATE
                            ? gone.payload().byName().keySet()
                            : Set.of()));
      }
    }
    before = pending;
  }

  static Map<String, Map<String, @Nullable String>> rows(Tx tx, String from) {
    Map<String, Map<String, @Nullable String>> rows = new TreeMap<>();
    tx.query(
        "select id, owner, a, b from \"" + from + "\"",
        List.of(),
        row -> {
          Map<String, @Nullable String> values = new LinkedHashMap<>();
          values.put("id", row.text(0));
          values.put("owner", row.text(1));
          values.put("a", row.text(2));
          values.put("b", row.text(3));
          return rows.put(String.valueOf(row.text(0)), values) == null;
        });
    return rows;
  }

  private void syncedRowsAreThoseOfTheServerAtTheirOffset(
      Entity entity, StreamPosition shown, Map<String, Map<String, @Nullable String>> synced) {
    for (Map<String, @Nullable String> row : synced.values()) {
      if (!user.equals(row.get("owner"))) {
        throw new AssertionError("%s has somebody else's row: %s".formatted(device, row));
      }
    }
    boolean isWhole = shown.offset().tx() > 0 || shown.offset().equals(Offset.SNAPSHOT_END);
    if (isWhole) {
      ModelServer.Shape shape = server.shape(shown.handle().orElse("")).orElseThrow();
      ModelServer.Copy copy = copies.get(entity.name());
      if (copy == null || !copy.leadsTo(shape, shown.offset())) {
        copy = server.new Copy(shape);
        copies.put(entity.name(), copy);
      }
      assertThat(shape.table).isEqualTo(entity.name());
      same("synced rows of " + entity.name(), synced, copy.rowsAt(shown.offset()));
    }
  }

  private void same(String what, Map<String, ?> found, Map<String, ?> expected) {
    if (!found.equals(expected)) {
      assertThat(found).as("%s on %s", what, device).isEqualTo(expected);
    }
  }

  /** Nothing that is shown was newer before, through restarts and new shapes. */
  private long rowsDoNotGoBack(Entity entity, StreamPosition shown) {
    long version = version(shown);
    Long before = newest.put(entity.name(), version);
    if (before != null && version < before) {
      throw new AssertionError(
          "%s shows %s as of %d, and did as of %d"
              .formatted(device, entity.name(), version, before));
    }
    return version;
  }

  private long version(StreamPosition shown) {
    boolean isWhole = shown.offset().tx() > 0 || shown.offset().equals(Offset.SNAPSHOT_END);
    long snapshot =
        shown.snapshot().isEmpty() && !isWhole
            ? 0
            : server.shape(shown.handle().orElse("")).map(shape -> shape.snapshotLsn).orElse(0L);
    return Math.max(snapshot, Math.max(shown.offset().tx(), shown.lsn().value()));
  }

  private void mergedRowsAreSyncedOnesWithTheChangesOnTop(
      Entity entity,
      Map<String, Map<String, @Nullable String>> merged,
      Map<String, Map<String, @Nullable String>> synced,
      List<Overlay.Pending> overlay) {
    Map<String, Map<String, @Nullable String>> expected = new TreeMap<>();
    synced.forEach((id, row) -> expected.put(id, new LinkedHashMap<>(row)));
    for (Overlay.Pending change : overlay) {
      if (change.entity().equals(entity.name())) {
        put(expected, change, replaced.getOrDefault(change.id(), Map.of()).values());
      }
    }
    same("merged rows of " + entity.name(), merged, expected);
  }

  private static void put(
      Map<String, Map<String, @Nullable String>> rows,
      Overlay.Pending change,
      Collection<Set<String>> replaced) {
    if (replaced.stream().anyMatch(Set::isEmpty)) {
      return;
    }
    Map<String, @Nullable String> set = new LinkedHashMap<>();
    change.payload().byName().forEach((column, json) -> set.put(column, ModelServer.text(json)));
    String id = String.valueOf(set.get("id"));
    replaced.forEach(columns -> set.keySet().removeAll(columns));
    switch (change.op()) {
      case INSERT -> rows.computeIfAbsent(id, Invariants::emptyRow).putAll(set);
      case UPDATE -> {
        Map<String, @Nullable String> row = rows.get(id);
        if (row != null) {
          row.putAll(set);
        }
      }
      case DELETE -> rows.remove(id);
    }
  }

  private static Map<String, @Nullable String> emptyRow(String id) {
    Map<String, @Nullable String> row = new LinkedHashMap<>();
    row.put("id", id);
    row.put("owner", null);
    row.put("a", null);
    row.put("b", null);
    return row;
  }

  /** When faults have stopped and all is quiet: what the server has, and every promise kept. */
  void checkEnd(Store store) {
    for (Entity entity : entities) {
      var shown = store.read(tx -> rows(tx, entity.name()));
      same("rows of " + entity.name(), shown, server.rows(entity.name(), user));
    }
    promises.checkEnd();
  }
}
