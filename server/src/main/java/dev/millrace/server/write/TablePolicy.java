package dev.millrace.server.write;

import java.util.Set;

/**
 * How writes to one table meet.
 *
 * @param unionColumns arrays that are sets: what each user adds or removes is added or removed,
 *     whatever the policy
 */
public record TablePolicy(ConflictPolicy conflicts, Set<String> unionColumns) {

  /** Of a table that nothing is said about. */
  static final TablePolicy DEFAULT = new TablePolicy(new ConflictPolicy.MergeFields(), Set.of());

  public TablePolicy {
    unionColumns = Set.copyOf(unionColumns);
  }
}
