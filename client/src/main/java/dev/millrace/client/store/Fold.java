package dev.millrace.client.store;

import dev.millrace.protocol.Json;
import dev.millrace.protocol.WriteChange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Folds the pending changes of a row, in their order, over its synced state. A delete takes away
 * what came before it; what comes after it begins from nothing. An insert makes the row be there;
 * an update sets columns of a row that is there for another reason. A change without columns, not
 * even its key's, is one that others have replaced: it says nothing.
 */
final class Fold {

  /** A pending change, as it is stored. */
  record Change(WriteChange.Op op, Json.Members columns) {}

  private final EntitySql sql;
  private final RowKey key;
  private final @Nullable Object[] row;
  private boolean isThere;

  private Fold(EntitySql sql, RowKey key) {
    this.sql = sql;
    this.key = key;
    this.row = new Object[sql.entity().columns().size() + 2];
  }

  /** Stores what the merged view shows of a row anew. */
  static void refresh(Tx tx, EntitySql sql, RowKey key) {
    List<Change> changes =
        tx.query(
            "select op, columns from overlay where entity = ? and key = ? order by seq",
            List.of(sql.entity().name(), key.text()),
            row ->
                new Change(
                    Overlay.op(String.valueOf(row.text(0))),
                    StoreSchema.members(String.valueOf(row.text(1)))));
    if (changes.isEmpty()) {
      tx.run(sql.delete(sql.local()), key.array());
      return;
    }
    Fold fold = new Fold(sql, key);
    fold.begin(tx);
    changes.forEach(fold::add);
    tx.run(sql.putLocal(), fold.stored());
  }

  private void begin(Tx tx) {
    Optional<List<@Nullable Object>> synced =
        tx.first(
            sql.selectSynced(),
            found -> {
              List<@Nullable Object> values = new ArrayList<>();
              for (int i = 0; i < row.length - 1; i++) {
                values.add(found.value(i));
              }
              return values;
            },
            key.array());
    isThere = synced.isPresent();
    synced.ifPresent(values -> values.toArray(row));
  }

  private void add(Change change) {
    if (change.columns().byName().isEmpty()) {
      return;
    }
    switch (change.op()) {
      case INSERT -> {
        set(change.columns());
        isThere = true;
      }
      case UPDATE -> set(change.columns());
      case DELETE -> {
        Arrays.fill(row, null);
        isThere = false;
      }
    }
  }

  private void set(Json.Members columns) {
    columns
        .byName()
        .forEach((name, value) -> {
          int place = sql.entity().indexOf(name);
          if (place >= 0) {
            row[place] = PostgresArray.plain(value);
          }
        });
  }

  /** The columns with the key's, the rest, and whether the row is not there. */
  private @Nullable Object[] stored() {
    for (int i = 0; i < key.values().size(); i++) {
      row[sql.entity().indexOf(sql.entity().key().get(i))] = key.values().get(i);
    }
    row[row.length - 1] = isThere ? 0L : 1L;
    return row;
  }
}
