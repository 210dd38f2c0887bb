package dev.millrace.client;

import dev.millrace.client.query.Condition;
import dev.millrace.client.query.LiveQuery;
import dev.millrace.client.query.Query;
import dev.millrace.client.store.Entity;
import dev.millrace.client.store.Row;
import dev.millrace.client.writebuffer.WriteHandle;
import dev.millrace.protocol.WriteChange;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one entity, merged: what the server sent and what the user has written since. May be
 * used from any thread; each call works on the rows of who is signed in then.
 *
 * <p>A write is on the disk and in every query when its method returns, online or off; what becomes
 * of it afterwards is in its {@link WriteHandle}. Reads wait neither for writes nor for the
 * network.
 */
public final class Rows {

  private final SyncManager sync;
  private final Entity entity;

  Rows(SyncManager sync, Entity entity) {
    this.sync = sync;
    this.entity = entity;
  }

  public Entity entity() {
    return entity;
  }

  /**
   * Adds a row. An owner's column that is left out or null is filled with the user's id, or the
   * guest's; other columns that are left out get the server's defaults.
   *
   * @param values by column, with the key
   * @throws IllegalArgumentException if they do not fit the entity
   * @throws dev.millrace.client.sqlite.SqliteException if the disk refuses; nothing was written
   */
  public WriteHandle create(Map<String, ? extends @Nullable Object> values) {
    return write(WriteChange.Op.INSERT, values);
  }

  /**
   * Changes some columns of a row. If somebody else has deleted it meanwhile, the change becomes a
   * dead letter rather than an exception.
   *
   * @param values the key, which stays, and what changes
   */
  public WriteHandle update(Map<String, ? extends @Nullable Object> values) {
    return write(WriteChange.Op.UPDATE, values);
  }

  /**
   * Deletes a row.
   *
   * @param key the columns of its key
   */
  public WriteHandle delete(Map<String, ? extends @Nullable Object> key) {
    return write(WriteChange.Op.DELETE, key);
  }

  private WriteHandle write(WriteChange.Op op, Map<String, ? extends @Nullable Object> values) {
    return sync.write(entity, op, values);
  }

  /** All rows, as a query to be narrowed. */
  public Query query() {
    return Query.of(entity);
  }

  /** The row with that key, by column. */
  public Optional<Row> find(Map<String, ?> key) {
    Query query = query();
    for (String column : entity.key()) {
      query = query.where(equal(column, key.get(column)));
    }
    return sync.run(query.limit(1)).stream().findFirst();
  }

  private Condition equal(String column, @Nullable Object value) {
    var type = entity.column(column).orElseThrow().type();
    Object stored = type.store(value);
    if (stored == null) {
      throw new IllegalArgumentException("%s needs its key %s".formatted(entity.name(), column));
    }
    return new Condition.Compare(column, type, "=", stored);
  }

  /** What a query of this entity finds now. */
  public List<Row> list(Query query) {
    return sync.run(query);
  }

  /** All rows, in the order of their keys. */
  public List<Row> all() {
    return sync.run(query());
  }

  /** What a query finds, now and after each change. Close it when it is not shown any more. */
  public LiveQuery<Row> live(Query query) {
    return sync.live(query, row -> row);
  }
}
