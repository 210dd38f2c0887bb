package dev.millrace.client.typed;

import dev.millrace.client.SyncManager;
import dev.millrace.client.query.Condition;
import dev.millrace.client.query.LiveQuery;
import dev.millrace.client.query.Order;
import dev.millrace.client.query.Query;
import dev.millrace.client.store.Row;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A question about the rows of one entity, answered with records. Immutable; any thread.
 *
 * @param <T> the record
 */
public final class TypedQuery<T> {

  private final SyncManager sync;
  private final Query query;
  private final Function<Row, T> reader;

  /**
   * Asks for all that {@code query} finds.
   *
   * @param reader makes the record of a row
   */
  public TypedQuery(SyncManager sync, Query query, Function<Row, T> reader) {
    this.sync = sync;
    this.query = query;
    this.reader = reader;
  }

  private TypedQuery<T> with(Query narrowed) {
    return new TypedQuery<>(sync, narrowed, reader);
  }

  /** Those that meet this condition too. */
  public TypedQuery<T> where(Condition condition) {
    return with(query.where(condition));
  }

  /** Sorted by this, after what it is sorted by already. */
  public TypedQuery<T> orderBy(Order order) {
    return with(query.orderBy(order));
  }

  /** At most so many. */
  public TypedQuery<T> limit(int rows) {
    return with(query.limit(rows));
  }

  /** Without so many before. */
  public TypedQuery<T> offset(int rows) {
    return with(query.offset(rows));
  }

  /** The rows as they are now. */
  public List<T> list() {
    return sync.rows(query.entity()).list(query).stream().map(reader).toList();
  }

  /** The first of them, if there is one. */
  public Optional<T> first() {
    return limit(1).list().stream().findFirst();
  }

  /** How many there are now. */
  public long count() {
    return sync.count(query);
  }

  /** The rows now and after each change. Close it when it is not shown any more. */
  public LiveQuery<T> live() {
    return sync.live(query, reader);
  }

  /** The same without types, for what this has not. */
  public Query untyped() {
    return query;
  }
}
