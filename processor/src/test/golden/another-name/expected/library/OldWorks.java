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
 * The {@link Work} rows of table {@code tbl_wrk} on this device: read and written here at once,
 * online or off. Any thread.
 */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class OldWorks {

  /** The columns, of which conditions and orders are made. */
  public static final OldWorksColumns WORK = new OldWorksColumns();

  /** For the settings of the client: what it shall sync. */
  public static final Entity ENTITY = OldWorksElectric.ENTITY;

  private final OldWorksLocal local;
  private final OldWorksElectric electric;
  private final OldWorksMerged merged;
  private final OldWorksCleanup cleanup;

  public OldWorks(SyncManager sync) {
    this.local = new OldWorksLocal(sync);
    this.electric = new OldWorksElectric(sync);
    this.merged = new OldWorksMerged(sync);
    this.cleanup = new OldWorksCleanup(sync);
  }

  /** Adds a row; see {@link OldWorksLocal#create}. */
  public WriteHandle create(Work work) {
    return this.local.create(work);
  }

  /** Changes what differs between a row as the user saw it and as it shall be. */
  public WriteHandle update(Work before, Work after) {
    return this.local.update(before, after);
  }

  /** Begins a change of some columns of a row. */
  public OldWorksLocal.Edit edit(UUID id) {
    return this.local.edit(id);
  }

  /** Deletes a row. */
  public WriteHandle delete(UUID id) {
    return this.local.delete(id);
  }

  /** The row with that key. */
  public Optional<Work> find(UUID id) {
    return this.merged.find(id);
  }

  /** All rows, in the order of their keys. */
  public List<Work> all() {
    return query().list();
  }

  /** All rows, to be narrowed, listed, or shown live. */
  public TypedQuery<Work> query() {
    return this.merged.query();
  }

  /** Rows that meet a condition. */
  public TypedQuery<Work> where(Condition condition) {
    return query().where(condition);
  }

  /** All rows in that order. */
  public TypedQuery<Work> orderBy(Order order) {
    return query().orderBy(order);
  }

  /** All rows, now and after each change. */
  public LiveQuery<Work> live() {
    return query().live();
  }

  /** How the rows of the server come here. */
  public OldWorksElectric electric() {
    return this.electric;
  }

  /** How the changes made here go, once the server shows them. */
  public OldWorksCleanup cleanup() {
    return this.cleanup;
  }
}
