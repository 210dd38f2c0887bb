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

/**
 * Reads {@link Class} rows: what the server sent, and over it what was written here. Any thread.
 */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class ClassesMerged {

  private final SyncManager sync;

  public ClassesMerged(SyncManager sync) {
    this.sync = sync;
  }

  /** All rows, to be narrowed. */
  public TypedQuery<Class> query() {
    return new TypedQuery<>(this.sync, Query.of(ClassesElectric.ENTITY), ClassesMerged::read);
  }

  /** The row with that key. */
  public Optional<Class> find(UUID writes) {
    return query().where(Classes.CLASS.WRITES.eq(writes)).first();
  }

  /** The record of a row. */
  public static Class read(Row row) {
    ValuesRead in = ValuesRead.of("classes", row);
    return new Class(
        in.required(Classes.CLASS.WRITES),
        in.required(Classes.CLASS.SYNC),
        in.required(Classes.CLASS.LOCAL),
        in.required(Classes.CLASS.VALUES),
        in.required(Classes.CLASS.IN),
        in.required(Classes.CLASS.OBJECT),
        in.required(Classes.CLASS.ROW),
        in.required(Classes.CLASS.SAVE));
  }
}
