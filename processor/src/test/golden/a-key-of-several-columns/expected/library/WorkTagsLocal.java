package library;

import dev.millrace.client.SyncManager;
import dev.millrace.client.typed.SingleWrites;
import dev.millrace.client.typed.ValuesToWrite;
import dev.millrace.client.writebuffer.WriteHandle;
import java.util.UUID;
import javax.annotation.processing.Generated;
import org.jspecify.annotations.NullMarked;

/**
 * Writes {@link WorkTag} rows: each is on this device when its method returns, and goes to the
 * server when somebody is signed in. Any thread.
 */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class WorkTagsLocal {

  private final SyncManager.Together writes;

  /** Each write by itself. */
  public WorkTagsLocal(SyncManager sync) {
    this(new SingleWrites(sync));
  }

  /** Several at once, of which the server applies all or none. */
  public WorkTagsLocal(SyncManager.Together writes) {
    this.writes = writes;
  }

  /** Adds a row. What is null gets the server's default. */
  public WriteHandle create(WorkTag workTag) {
    return this.writes.create(WorkTagsElectric.ENTITY, values(workTag).present());
  }

  /** Changes what differs between a row as the user saw it and as it shall be. */
  public WriteHandle update(WorkTag before, WorkTag after) {
    return this.writes.update(
        WorkTagsElectric.ENTITY,
        values(after).changesSince(values(before), WorkTagsElectric.ENTITY));
  }

  /** Begins a change of some columns of a row. */
  public Edit edit(UUID workId, String tag) {
    return new Edit(this.writes, key(workId, tag));
  }

  /** Deletes a row. */
  public WriteHandle delete(UUID workId, String tag) {
    return this.writes.delete(WorkTagsElectric.ENTITY, key(workId, tag).all());
  }

  private static ValuesToWrite key(UUID workId, String tag) {
    return new ValuesToWrite()
        .put(WorkTags.WORK_TAG.WORK_ID, workId)
        .put(WorkTags.WORK_TAG.TAG, tag);
  }

  private static ValuesToWrite values(WorkTag workTag) {
    return new ValuesToWrite()
        .put(WorkTags.WORK_TAG.WORK_ID, workTag.workId())
        .put(WorkTags.WORK_TAG.TAG, workTag.tag())
        .put(WorkTags.WORK_TAG.POSITION, workTag.position());
  }

  /** A change of some columns of a row, made when it is saved. One thread. */
  public static final class Edit {

    private final SyncManager.Together writes;
    private final ValuesToWrite values;

    private Edit(SyncManager.Together writes, ValuesToWrite values) {
      this.writes = writes;
      this.values = values;
    }

    public Edit position(Integer position) {
      this.values.put(WorkTags.WORK_TAG.POSITION, position);
      return this;
    }

    /** Makes the change. */
    public WriteHandle save() {
      return this.writes.update(WorkTagsElectric.ENTITY, this.values.all());
    }
  }
}
