package dev.millrace.client.typed;

import dev.millrace.client.query.Condition;
import dev.millrace.client.store.ColumnType;
import java.util.function.Function;

/**
 * A column whose values have no order and no one form, such as a record kept as JSON: it can be
 * asked whether there is one.
 *
 * @param <T> of the application's values
 */
public final class OpaqueColumn<T> implements Converted<T> {

  private final String name;
  private final ColumnType type;
  private final Function<T, Object> store;
  private final Function<Object, T> load;

  private OpaqueColumn(
      String name, ColumnType type, Function<T, Object> store, Function<Object, T> load) {
    this.name = name;
    this.type = type;
    this.store = store;
    this.load = load;
  }

  /**
   * A column of that name.
   *
   * @param <S> as {@link ColumnType#javaClass} says
   */
  public static <T, S> OpaqueColumn<T> of(
      String name,
      ColumnType type,
      Function<? super T, ? extends S> store,
      Function<? super S, ? extends T> load) {
    return new OpaqueColumn<>(name, type, store::apply, ofStored(load));
  }

  /** What a column's type gives is of the class that it says, which the caller has named as S. */
  @SuppressWarnings("unchecked")
  static <T, S> Function<Object, T> ofStored(Function<? super S, ? extends T> load) {
    return stored -> load.apply((S) stored);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public ColumnType type() {
    return type;
  }

  @Override
  public Object toStored(T value) {
    return store.apply(value);
  }

  @Override
  public T fromStored(Object stored) {
    return load.apply(stored);
  }

  public Condition isNull() {
    return new Condition.IsNull(name, true);
  }

  public Condition isNotNull() {
    return new Condition.IsNull(name, false);
  }

  @Override
  public String toString() {
    return name;
  }
}
