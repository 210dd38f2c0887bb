package library;

import dev.millrace.client.SyncManager;
import dev.millrace.client.query.Condition;
import dev.millrace.client.query.LiveQuery;
import dev.millrace.client.query.Order;
import dev.millrace.client.store.Entity;
import dev.millrace.client.typed.TypedQuery;
import dev.millrace.client.writebuffer.WriteHandle;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.annotation.processing.Generated;
import org.jspecify.annotations.NullMarked;

/**
 * The {@link WorkTag} rows of table {@code work_tags} on this device: read and written here at
 * once, online or off. Any thread.
 */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class WorkTags {

  /** The columns, of which conditions and orders are made. */
  public static final WorkTagsColumns WORK_TAG = new WorkTagsColumns();

  /** For the settings of the client: what it shall sync. */
  public static final Entity ENTITY = WorkTagsElectric.ENTITY;

  private final WorkTagsLocal local;
  private final WorkTagsElectric electric;
  private final WorkTagsMerged merged;
  private final WorkTagsCleanup cleanup;

  public WorkTags(SyncManager sync) {
    this.local = new WorkTagsLocal(sync);
    this.electric = new WorkTagsElectric(sync);
    this.merged = new WorkTagsMerged(sync);
    this.cleanup = new WorkTagsCleanup(sync);
  }

  /** Adds a row; see {@link WorkTagsLocal#create}. */
  public WriteHandle create(WorkTag workTag) {
    return this.local.create(workTag);
  }

  /** Changes what differs between a row as the user saw it and as it shall be. */
  public WriteHandle update(WorkTag before, WorkTag after) {
    return this.local.update(before, after);
  }

  /** Begins a change of some columns of a row. */
  public WorkTagsLocal.Edit edit(UUID workId, String tag) {
    return this.local.edit(workId, tag);
  }

  /** Deletes a row. */
  public WriteHandle delete(UUID workId, String tag) {
    return this.local.delete(workId, tag);
  }

  /** The row with that key. */
  public Optional<WorkTag> find(UUID workId, String tag) {
    return this.merged.find(workId, tag);
  }

  /** All rows, in the order of their keys. */
  public List<WorkTag> all() {
    return query().list();
  }

  /** All rows, to be narrowed, listed, or shown live. */
  public TypedQuery<WorkTag> query() {
    return this.merged.query();
  }

  /** Rows that meet a condition. */
  public TypedQuery<WorkTag> where(Condition condition) {
    return query().where(condition);
  }

  /** All rows in that order. */
  public TypedQuery<WorkTag> orderBy(Order order) {
    return query().orderBy(order);
  }

  /** All rows, now and after each change. */
  public LiveQuery<WorkTag> live() {
    return query().live();
  }

  /** How the rows of the server come here. */
  public WorkTagsElectric electric() {
    return this.electric;
  }

  /** How the changes made here go, once the server shows them. */
  public WorkTagsCleanup cleanup() {
    return this.cleanup;
  }
}
