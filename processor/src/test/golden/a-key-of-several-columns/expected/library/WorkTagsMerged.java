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
 * Reads {@link WorkTag} rows: what the server sent, and over it what was written here. Any thread.
 */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class WorkTagsMerged {

  private final SyncManager sync;

  public WorkTagsMerged(SyncManager sync) {
    this.sync = sync;
  }

  /** All rows, to be narrowed. */
  public TypedQuery<WorkTag> query() {
    return new TypedQuery<>(this.sync, Query.of(WorkTagsElectric.ENTITY), WorkTagsMerged::read);
  }

  /** The row with that key. */
  public Optional<WorkTag> find(UUID workId, String tag) {
    return query()
        .where(WorkTags.WORK_TAG.WORK_ID.eq(workId))
        .where(WorkTags.WORK_TAG.TAG.eq(tag))
        .first();
  }

  /** The record of a row. */
  public static WorkTag read(Row row) {
    ValuesRead in = ValuesRead.of("work_tags", row);
    return new WorkTag(
        in.required(WorkTags.WORK_TAG.WORK_ID),
        in.required(WorkTags.WORK_TAG.TAG),
        in.required(WorkTags.WORK_TAG.POSITION));
  }
}
