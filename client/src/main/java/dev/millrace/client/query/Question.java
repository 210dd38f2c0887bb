package dev.millrace.client.query;

import dev.millrace.client.store.Row;
import dev.millrace.client.store.Tx;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is asked of a store, once or again with each change: {@link Query} or {@link SqlQuery}. */
public sealed interface Question permits Query, SqlQuery {

  /** The rows as they are now, in order. */
  List<Row> run(Tx tx);

  /** What tells a row from the others, whatever else of it changes. */
  List<@Nullable Object> key(Row row);

  /** The names of the entities whose rows it depends on. */
  Set<String> entities(Tx tx);
}
