package library;

import dev.millrace.client.SyncManager;
import dev.millrace.client.store.Row;
import dev.millrace.client.typed.TypedQuery;
import dev.millrace.client.typed.ValuesRead;
import java.util.Optional;
import java.util.UUID;
import javax.annotation.processing.Generated;
import org.jspecify.annotations.NullMarked;

/**
 * Reads {@link Query} rows: what the server sent, and over it what was written here. Any thread.
 */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class QueriesMerged {

  private final SyncManager sync;

  public QueriesMerged(SyncManager sync) {
    this.sync = sync;
  }

  /** All rows, to be narrowed. */
  public TypedQuery<Query> query() {
    return new TypedQuery<>(
        this.sync, dev.millrace.client.query.Query.of(QueriesElectric.ENTITY), QueriesMerged::read);
  }

  /** The row with that key. */
  public Optional<Query> find(UUID id) {
    return query().where(Queries.QUERY.ID.eq(id)).first();
  }

  /** The record of a row. */
  public static Query read(Row row) {
    ValuesRead in = ValuesRead.of("queries", row);
    return new Query(
        in.required(Queries.QUERY.ID),
        in.required(Queries.QUERY.ROW),
        in.required(Queries.QUERY.JSON));
  }
}
