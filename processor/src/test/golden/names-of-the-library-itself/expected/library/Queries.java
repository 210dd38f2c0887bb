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
 * The {@link Query} rows of table {@code queries} on this device: read and written here at once,
 * online or off. Any thread.
 */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class Queries {

  /** The columns, of which conditions and orders are made. */
  public static final QueriesColumns QUERY = new QueriesColumns();

  /** For the settings of the client: what it shall sync. */
  public static final Entity ENTITY = QueriesElectric.ENTITY;

  private final QueriesLocal local;
  private final QueriesElectric electric;
  private final QueriesMerged merged;
  private final QueriesCleanup cleanup;

  public Queries(SyncManager sync) {
    this.local = new QueriesLocal(sync);
    this.electric = new QueriesElectric(sync);
    this.merged = new QueriesMerged(sync);
    this.cleanup = new QueriesCleanup(sync);
  }

  /** Adds a row; see {@link QueriesLocal#create}. */
  public WriteHandle create(Query query) {
    return this.local.create(query);
  }

  /** Changes what differs between a row as the user saw it and as it shall be. */
  public WriteHandle update(Query before, Query after) {
    return this.local.update(before, after);
  }

  /** Begins a change of some columns of a row. */
  public QueriesLocal.Edit edit(UUID id) {
    return this.local.edit(id);
  }

  /** Deletes a row. */
  public WriteHandle delete(UUID id) {
    return this.local.delete(id);
  }

  /** The row with that key. */
  public Optional<Query> find(UUID id) {
    return this.merged.find(id);
  }

  /** All rows, in the order of their keys. */
  public List<Query> all() {
    return query().list();
  }

  /** All rows, to be narrowed, listed, or shown live. */
  public TypedQuery<Query> query() {
    return this.merged.query();
  }

  /** Rows that meet a condition. */
  public TypedQuery<Query> where(Condition condition) {
    return query().where(condition);
  }

  /** All rows in that order. */
  public TypedQuery<Query> orderBy(Order order) {
    return query().orderBy(order);
  }

  /** All rows, now and after each change. */
  public LiveQuery<Query> live() {
    return query().live();
  }

  /** How the rows of the server come here. */
  public QueriesElectric electric() {
    return this.electric;
  }

  /** How the changes made here go, once the server shows them. */
  public QueriesCleanup cleanup() {
    return this.cleanup;
  }
}
