package dev.millrace.client.store;

import dev.millrace.client.sqlite.SqliteRow;
import dev.millrace.protocol.InvalidJson;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.JsonReader;
import dev.millrace.protocol.Lsn;
import dev.millrace.protocol.Offset;
import dev.millrace.protocol.SeenTransactions;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code stream}: where each copy of a shape stands, and which transactions it showed.
 */
final class StreamTable {

  private StreamTable() {}

  static Optional<StreamPosition> find(Tx tx, String entity, Slot slot) {
    return tx.first(
        "select handle, \"offset\", lsn, snapshot from stream where entity = ? and slot = ?",
        row -> position(slot, row),
        entity,
        slot.name());
  }

  /** Where the copy that is shown stands. */
  static StreamPosition shown(Tx tx, String entity) {
    return find(tx, entity, Slot.SYNCED).orElse(StreamPosition.begin(Slot.SYNCED));
  }

  private static StreamPosition position(Slot slot, SqliteRow row) {
    return new StreamPosition(
        slot,
        Optional.ofNullable(row.text(0)),
        Offset.parse(String.valueOf(row.text(1))).orElse(Offset.BEFORE_ALL),
        new Lsn(row.number(2)),
        Optional.ofNullable(row.text(3)).flatMap(StreamTable::snapshot));
  }

  private static Optional<SeenTransactions> snapshot(String text) {
    try {
      if (JsonReader.read(text, ColumnType.LIMITS) instanceof Json.Array(List<Json> numbers)) {
        long[] ids = numbers.stream().mapToLong(id -> Long.parseLong(id.toString())).toArray();
        Set<Long> running = new HashSet<>();
        Arrays.stream(ids, 2, ids.length).forEach(running::add);
        return Optional.of(new SeenTransactions(ids[0], ids[1], running));
      }
    } catch (InvalidJson e) {
      // Not written by us.
    }
    return Optional.empty();
  }

  private static @Nullable String text(Optional<SeenTransactions> snapshot) {
    return snapshot
        .map(seen -> {
          StringBuilder text = new StringBuilder("[").append(seen.xmin());
          text.append(',').append(seen.xmax());
          seen.running().stream().sorted().forEach(id -> text.append(',').append(id));
          return text.append(']').toString();
        })
        .orElse(null);
  }

  static void save(Tx tx, String entity, StreamPosition position) {
    tx.run(
        """
        insert into stream (entity, slot, handle, "offset", lsn, snapshot) values (?, ?, ?, ?, ?, ?)
        on conflict (entity, slot) do update set handle = excluded.handle,
          "offset" = excluded."offset", lsn = excluded.lsn, snapshot = excluded.snapshot\
        """,
        entity,
        position.slot().name(),
        position.handle().orElse(null),
        position.offset().toString(),
        position.lsn().value(),
        text(position.snapshot()));
  }

  static void forget(Tx tx, String entity, Slot slot) {
    tx.run("delete from stream where entity = ? and slot = ?", entity, slot.name());
    tx.run("delete from seen_txid where entity = ? and slot = ?", entity, slot.name());
  }

  /** Notes transactions that the copy has shown whole. */
  static void showed(Tx tx, String entity, Slot slot, Set<Long> txids) {
    for (Long txid : txids) {
      tx.run(
          "insert or ignore into seen_txid (entity, slot, txid) values (?, ?, ?)",
          entity,
          slot.name(),
          txid);
    }
  }

  static boolean hasShown(Tx tx, String entity, long txid) {
    return tx.number(
            "select 1 from seen_txid where entity = ? and slot = 'SYNCED' and txid = ?",
            entity,
            txid)
        == 1;
  }
}
