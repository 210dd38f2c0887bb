package dev.millrace.client.writebuffer;

import dev.millrace.client.store.Entity;
import dev.millrace.client.store.Store;
import dev.millrace.client.store.Tx;
import dev.millrace.protocol.Conflict;
import dev.millrace.protocol.Json;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The table {@code conflict}: values of the user's that met others, until they are settled. */
final class Conflicts {

  private Conflicts() {}

  /** Notes one, unless the same answer has come before. */
  static void add(Tx tx, String change, String entity, String key, Conflict conflict, Instant now) {
    tx.run(
        """
        insert into conflict
          (change_id, entity, key, "column", base, yours, theirs, kept, noticed_at)
        select ?, ?, ?, ?, ?, ?, ?, ?, ?
        where not exists (select 1 from conflict where change_id = ?1 and "column" = ?4)\
        """,
        change,
        entity,
        key,
        conflict.column(),
        conflict.base().map(Json::toString).orElse(null),
        conflict.yours().toString(),
        conflict.theirs().toString(),
        conflict.kept().name(),
        now.toEpochMilli());
  }

  /** All, the oldest first. */
  static List<EditConflict> list(Tx tx, Store store) {
    return tx.query(
        """
        select id, entity, key, "column", base, yours, theirs, kept, noticed_at
        from conflict order by id\
        """,
        List.of(),
        row ->
            new EditConflict(
                row.number(0),
                "" + row.text(1),
                keyOf(store, "" + row.text(1), "" + row.text(2)),
                "" + row.text(3),
                Optional.ofNullable(row.text(4)).map(Conflicts::json),
                json("" + row.text(5)),
                json("" + row.text(6)),
                Conflict.Kept.valueOf("" + row.text(7)),
                Instant.ofEpochMilli(row.number(8))));
  }

  private static Json.Members keyOf(Store store, String entity, String key) {
    Map<String, Json> columns = new LinkedHashMap<>();
    if (json(key) instanceof Json.Array(List<Json> values)) {
      List<String> names = store.entity(entity).map(Entity::key).orElse(List.of());
      for (int i = 0; i < Math.min(names.size(), values.size()); i++) {
        columns.put(names.get(i), values.get(i));
      }
    }
    return new Json.Members(columns);
  }

  private static Json json(String text) {
    return WriteBuffer.json(text);
  }
}
