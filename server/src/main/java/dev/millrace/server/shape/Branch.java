package dev.millrace.server.shape;

import dev.millrace.server.filter.FilterRow;
import dev.millrace.server.postgres.Column;
import dev.millrace.server.postgres.Relation;
import dev.millrace.server.postgres.Tuple;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The shapes of one table as reached from a table of the stream: the same one, or a partition of
 * it, whose columns may lie in another order. Guarded by the router's lock.
 */
final class Branch {

  private final Relation relation;
  private final TableShapes shapes;
  private final FilterRow oldRow = new FilterRow();
  private final FilterRow newRow = new FilterRow();

  /** How the tuples lie for each encoder; null where the table is not as the shapes know it. */
  private final Map<MessageEncoder, MessageEncoder.@Nullable Layout> layouts = new HashMap<>();

  /** By a column's number less one, where it lies in the tuples; -1 where no filter asks. */
  private int[] places = new int[0];

  private int encodersKnown = -1;

  // Of the change at hand.
  private boolean hadRow;
  private boolean hasRow;

  Branch(Relation relation, TableShapes shapes) {
    this.relation = relation;
    this.shapes = shapes;
  }

  TableShapes shapes() {
    return shapes;
  }

  /** Null if the table is not as the shapes of that encoder know it. */
  MessageEncoder.@Nullable Layout layout(MessageEncoder encoder) {
    learn();
    return layouts.get(encoder);
  }

  private void learn() {
    if (encodersKnown == shapes.encodersMade()) {
      return;
    }
    encodersKnown = shapes.encodersMade();
    layouts.clear();
    places = new int[0];
    for (MessageEncoder encoder : shapes.encoders()) {
      layouts.put(encoder, encoder.layout(relation));
      encoder.filterColumns().forEach(this::place);
    }
    shapes.watchedColumns().forEach(this::place);
  }

  private void place(Column column) {
    if (column.number() > places.length) {
      int known = places.length;
      places = Arrays.copyOf(places, column.number());
      Arrays.fill(places, known, places.length, -1);
    }
    places[column.number() - 1] = relation.indexOf(column.name());
  }

  /** The shapes that have a new row. */
  List<Follower> inserted(Tuple row) {
    return concerned(null, row, null);
  }

  /** The shapes that have the row before an update or the one after it; {@code old} is whole. */
  List<Follower> updated(Tuple old, Tuple row) {
    return concerned(old, row, old);
  }

  /** The shapes that had the row, which is whole. */
  List<Follower> deleted(Tuple old) {
    return concerned(old, null, null);
  }

  /** The shapes that have all rows. */
  List<Follower> unfiltered() {
    return shapes.concerned(null, null);
  }

  /**
   * The shapes that depend on something that the change just looked at has changed: by {@link
   * #inserted}, {@link #updated} or {@link #deleted}.
   */
  List<Shape> stirred() {
    return shapes.stirred(hadRow ? oldRow : null, hasRow ? newRow : null);
  }

  private List<Follower> concerned(
      @Nullable Tuple old, @Nullable Tuple row, @Nullable Tuple unchanged) {
    learn();
    hadRow = old != null;
    hasRow = row != null;
    return shapes.concerned(fill(oldRow, old, null), fill(newRow, row, unchanged));
  }

  private @Nullable FilterRow fill(
      FilterRow filled, @Nullable Tuple row, @Nullable Tuple unchanged) {
    if (row == null) {
      return null;
    }
    filled.reset(row, unchanged, places);
    return filled;
  }
}
