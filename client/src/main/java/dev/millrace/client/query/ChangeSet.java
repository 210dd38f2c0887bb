package dev.millrace.client.query;

import java.util.List;

/**
 * What has become of a live query's rows.
 *
 * @param rows all there are now, in order
 * @param added those that were not there before
 * @param changed those that were there with other values, as they are now
 * @param removed those that are there no more, as they were
 */
public record ChangeSet<T>(List<T> rows, List<T> added, List<T> changed, List<T> removed) {

  public ChangeSet {
    rows = List.copyOf(rows);
    added = List.copyOf(added);
    changed = List.copyOf(changed);
    removed = List.copyOf(removed);
  }
}
