package dev.millrace.examples.library.desktop;

import java.util.List;

/**
 * What makes of one list another: rows from one place on give way to others.
 *
 * @param removed how many rows of the first list there are no more
 * @param added how many of the second list stand in their place
 */
record RowsChange(int from, int removed, int added) {

  static <T> RowsChange between(List<T> before, List<T> after) {
    int shorter = Math.min(before.size(), after.size());
    int from = 0;
    while (from < shorter && before.get(from).equals(after.get(from))) {
      from++;
    }
    int tail = 0;
    while (tail < shorter - from
        && before.get(before.size() - 1 - tail).equals(after.get(after.size() - 1 - tail))) {
      tail++;
    }
    return new RowsChange(from, before.size() - from - tail, after.size() - from - tail);
  }

  /** Rows that are there as before, with other values. */
  int updated() {
    return Math.min(removed, added);
  }
}
