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
 * The {@link Class} rows of table {@code classes} on this device: read and written here at once,
 * online or off. Any thread.
 */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class Classes {

  /** The columns, of which conditions and orders are made. */
  public static final ClassesColumns CLASS = new ClassesColumns();

  /** For the settings of the client: what it shall sync. */
  public static final Entity ENTITY = ClassesElectric.ENTITY;

  private final ClassesLocal local;
  private final ClassesElectric electric;
  private final ClassesMerged merged;
  private final ClassesCleanup cleanup;

  public Classes(SyncManager sync) {
    this.local = new ClassesLocal(sync);
    this.electric = new ClassesElectric(sync);
    this.merged = new ClassesMerged(sync);
    this.cleanup = new ClassesCleanup(sync);
  }

  /** Adds a row; see {@link ClassesLocal#create}. */
  public WriteHandle create(Class row) {
    return this.local.create(row);
  }

  /** Changes what differs between a row as the user saw it and as it shall be. */
  public WriteHandle update(Class before, Class after) {
    return this.local.update(before, after);
  }

  /** Begins a change of some columns of a row. */
  public ClassesLocal.Edit edit(UUID writes) {
    return this.local.edit(writes);
  }

  /** Deletes a row. */
  public WriteHandle delete(UUID writes) {
    return this.local.delete(writes);
  }

  /** The row with that key. */
  public Optional<Class> find(UUID writes) {
    return this.merged.find(writes);
  }

  /** All rows, in the order of their keys. */
  public List<Class> all() {
    return query().list();
  }

  /** All rows, to be narrowed, listed, or shown live. */
  public TypedQuery<Class> query() {
    return this.merged.query();
  }

  /** Rows that meet a condition. */
  public TypedQuery<Class> where(Condition condition) {
    return query().where(condition);
  }

  /** All rows in that order. */
  public TypedQuery<Class> orderBy(Order order) {
    return query().orderBy(order);
  }

  /** All rows, now and after each change. */
  public LiveQuery<Class> live() {
    return query().live();
  }

  /** How the rows of the server come here. */
  public ClassesElectric electric() {
    return this.electric;
  }

  /** How the changes made here go, once the server shows them. */
  public ClassesCleanup cleanup() {
    return this.cleanup;
  }
}
