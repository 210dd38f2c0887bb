package dev.millrace.client.typed;

import dev.millrace.client.query.Column;
import dev.millrace.client.query.Condition;
import dev.millrace.client.query.Order;
import dev.millrace.client.store.ColumnType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;

/**
 * A column of an application's own type, such as an enum, that is compared and sorted as what is
 * stored of it.
 *
 * @param <T> of the application's values
 */
public final class MappedColumn<T> implements Converted<T> {

  private final Column<Object> stored;
  private final Function<T, Object> store;
  private final Function<Object, T> load;

  private MappedColumn(Column<Object> stored, Function<T, Object> store, Function<Object, T> load) {
    this.stored = stored;
    this.store = store;
    this.load = load;
  }

  /**
   * A column of that name.
   *
   * @param <S> as {@link ColumnType#javaClass} says
   */
  public static <T, S> MappedColumn<T> of(
      String name,
      ColumnType type,
      Function<? super T, ? extends S> store,
      Function<? super S, ? extends T> load) {
    return new MappedColumn<>(new Column<>(name, type), store::apply, OpaqueColumn.ofStored(load));
  }

  @Override
  public String name() {
    return stored.name();
  }

  @Override
  public ColumnType type() {
    return stored.type();
  }

  @Override
  public Object toStored(T value) {
    return store.apply(value);
  }

  @Override
  public T fromStored(Object value) {
    return load.apply(value);
  }

  public Condition eq(T value) {
    return stored.eq(toStored(value));
  }

  public Condition ne(T value) {
    return stored.ne(toStored(value));
  }

  public Condition gt(T value) {
    return stored.gt(toStored(value));
  }

  public Condition ge(T value) {
    return stored.ge(toStored(value));
  }

  public Condition lt(T value) {
    return stored.lt(toStored(value));
  }

  public Condition le(T value) {
    return stored.le(toStored(value));
  }

  /** Both ends included. */
  public Condition between(T low, T high) {
    return stored.between(toStored(low), toStored(high));
  }

  /** One of these; of none if there are none. */
  public Condition in(Collection<? extends T> values) {
    List<Object> all = new ArrayList<>();
    values.forEach(value -> all.add(toStored(value)));
    return stored.in(all);
  }

  public Condition isNull() {
    return stored.isNull();
  }

  public Condition isNotNull() {
    return stored.isNotNull();
  }

  public Order asc() {
    return stored.asc();
  }

  public Order desc() {
    return stored.desc();
  }

  @Override
  public String toString() {
    return stored.toString();
  }
}
