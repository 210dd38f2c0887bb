package dev.millrace.client.query;

import dev.millrace.client.store.ColumnType;
import dev.millrace.client.store.Entity;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A column with the Java type of its values, from which conditions and orders are made.
 *
 * <p>Comparisons are those of Postgres, but that a text is compared by its bytes; null is neither
 * equal to anything nor unequal, and comes first in an ascending order.
 *
 * @param <T> as {@link ColumnType#javaClass} says
 */
public record Column<T>(String name, ColumnType type) {

  /**
   * The column of an entity.
   *
   * @throws IllegalArgumentException if there is none of that name, or of another Java type
   */
  public static <T> Column<T> of(Entity entity, String name, Class<T> javaClass) {
    Entity.Column column =
        entity
            .column(name)
            .orElseThrow(
                () -> new IllegalArgumentException(entity.name() + " has no column " + name));
    if (column.type().javaClass() != javaClass) {
      throw new IllegalArgumentException(
          "%s.%s has values of %s".formatted(entity.name(), name, column.type().javaClass()));
    }
    return new Column<>(name, column.type());
  }

  public Condition eq(T value) {
    return compare("=", value);
  }

  public Condition ne(T value) {
    return compare("<>", value);
  }

  public Condition gt(T value) {
    return compare(">", value);
  }

  public Condition ge(T value) {
    return compare(">=", value);
  }

  public Condition lt(T value) {
    return compare("<", value);
  }

  public Condition le(T value) {
    return compare("<=", value);
  }

  private Condition compare(String operator, T value) {
    return new Condition.Compare(name, type, operator, stored(value));
  }

  private Object stored(T value) {
    Object stored = type.store(value);
    if (stored == null) {
      throw new IllegalArgumentException("use isNull() to ask for null");
    }
    return stored;
  }

  /** Both ends included. */
  public Condition between(T low, T high) {
    return ge(low).and(le(high));
  }

  /** One of these; of none if there are none. */
  public Condition in(Collection<? extends T> values) {
    List<@Nullable Object> all = new ArrayList<>();
    values.forEach(value -> all.add(stored(value)));
    return new Condition.In(name, type, all);
  }

  public Condition isNull() {
    return new Condition.IsNull(name, true);
  }

  public Condition isNotNull() {
    return new Condition.IsNull(name, false);
  }

  /** Whether the text begins so, exactly. */
  public Condition startsWith(String prefix) {
    return new Condition.Text(name, Optional.of(prefix), Optional.empty());
  }

  /** Whether the text has this in it, exactly. */
  public Condition contains(String part) {
    return new Condition.Text(name, Optional.empty(), Optional.of(part));
  }

  public Order asc() {
    return new Order(name, type, true);
  }

  public Order desc() {
    return new Order(name, type, false);
  }
}
