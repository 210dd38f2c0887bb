package dev.millrace.server.filter;

import dev.millrace.server.filter.value.CaseFolding;
import dev.millrace.server.filter.value.TextForm;
import dev.millrace.server.filter.value.Type;
import dev.millrace.server.postgres.Tuple;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One row of the stream as filters see it. What a filter wants of a column is made of its text when
 * first asked for and kept for the filters that come after it, so a row costs the same decoding
 * whatever the number of shapes. Reused from row to row; one thread.
 */
public final class FilterRow {

  private static final int[] NOWHERE = {};

  private @Nullable Tuple row;
  private @Nullable Tuple old;
  private int[] places = NOWHERE;

  /** Counts rows; what carries another number is of an earlier one. */
  private int generation;

  private @Nullable Object[] values = {};
  private int[] valueGenerations = {};

  /** Per column the text in lower case, for one folding at a time. */
  private byte[][] folded = {};

  private int[] foldedGenerations = {};
  private @Nullable CaseFolding[] foldings = {};

  /**
   * Shows another row. The tuples are read until the next call, so they must not change before.
   *
   * @param row the row
   * @param old where values lie that an update left as they were and the stream did not repeat;
   *     null if there are none
   * @param places for each column of the table its place in the tuples; -1 if it is not there
   */
  public void reset(Tuple row, @Nullable Tuple old, int[] places) {
    this.row = row;
    this.old = old;
    this.places = places;
    generation++;
    if (values.length < places.length) {
      grow(places.length);
    }
  }

  private void grow(int columns) {
    values = new Object[columns];
    valueGenerations = new int[columns];
    folded = new byte[columns][];
    foldedGenerations = new int[columns];
    foldings = new CaseFolding[columns];
    Arrays.fill(valueGenerations, generation - 1);
    Arrays.fill(foldedGenerations, generation - 1);
  }

  /** The tuple in which the column's value lies. */
  Tuple source(int column) {
    int place = place(column);
    Tuple source = Objects.requireNonNull(row);
    if (source.isUnchanged(place)) {
      if (old == null || old.isUnchanged(place)) {
        throw new IllegalStateException("the stream did not carry column " + column);
      }
      source = old;
    }
    return source;
  }

  int place(int column) {
    int place = places[column];
    if (place < 0) {
      throw new IllegalStateException("the stream does not carry column " + column);
    }
    return place;
  }

  boolean isNull(int column) {
    return source(column).isNull(places[column]);
  }

  /** Whether the other row has the same text there, or NULL as this one. */
  public boolean isSameAs(FilterRow other, int column) {
    boolean isNull = isNull(column);
    if (isNull || other.isNull(column)) {
      return isNull && other.isNull(column);
    }
    Tuple ours = source(column);
    Tuple theirs = other.source(column);
    int from = ours.start(places[column]);
    int to = theirs.start(other.places[column]);
    return Arrays.equals(
        ours.bytes(),
        from,
        from + ours.length(places[column]),
        theirs.bytes(),
        to,
        to + theirs.length(other.places[column]));
  }

  /** The column's value, of which {@code type} is the type; null is NULL. */
  @Nullable Object value(int column, Type type) {
    if (valueGenerations[column] != generation) {
      Tuple source = source(column);
      int place = places[column];
      values[column] = source.isNull(place) ? null : TextForm.parse(type, text(source, place));
      valueGenerations[column] = generation;
    }
    return values[column];
  }

  private static String text(Tuple source, int place) {
    return new String(
        source.bytes(), source.start(place), source.length(place), StandardCharsets.UTF_8);
  }

  /** The column's text in lower case; not for NULL. Valid for this row only. */
  byte[] folded(int column, CaseFolding folding) {
    if (foldedGenerations[column] != generation || foldings[column] != folding) {
      Tuple source = source(column);
      int place = places[column];
      folded[column] = folding.lower(source.bytes(), source.start(place), source.length(place));
      foldedGenerations[column] = generation;
      foldings[column] = folding;
    }
    return folded[column];
  }
}
