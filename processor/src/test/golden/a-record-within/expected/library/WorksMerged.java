package library;

import dev.millrace.client.SyncManager;
import dev.millrace.client.query.Query;
import dev.millrace.client.store.Row;
import dev.millrace.client.typed.TypedQuery;
import dev.millrace.client.typed.ValuesRead;
import java.util.Optional;
import java.util.UUID;
import javax.annotation.processing.Generated;
import org.jspecify.annotations.NullMarked;

/** Reads {@link Work} rows: what the server sent, and over it what was written here. Any thread. */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class WorksMerged {

  private final SyncManager sync;

  public WorksMerged(SyncManager sync) {
    this.sync = sync;
  }

  /** All rows, to be narrowed. */
  public TypedQuery<Work> query() {
    return new TypedQuery<>(this.sync, Query.of(WorksElectric.ENTITY), WorksMerged::read);
  }

  /** The row with that key. */
  public Optional<Work> find(UUID id) {
    return query().where(Works.WORK.ID.eq(id)).first();
  }

  /** The record of a row. */
  public static Work read(Row row) {
    ValuesRead in = ValuesRead.of("works", row);
    return new Work(
        in.required(Works.WORK.ID),
        in.required(Works.WORK.EDITION),
        in.nullable(Works.WORK.TRANSLATION));
  }
}
