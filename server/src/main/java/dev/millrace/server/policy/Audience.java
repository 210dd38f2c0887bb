package dev.millrace.server.policy;

import dev.millrace.server.postgres.Column;
import dev.millrace.server.postgres.Table;
import java.util.Set;

/**
 * For whom a shape is: users who act as a role, as long as what the role may see of the table stays
 * as it was. Immutable.
 *
 * @param version of the privileges and policies
 * @param columns names of those that the role may read
 */
public record Audience(String role, String version, Set<String> columns) {

  public Audience {
    columns = Set.copyOf(columns);
  }

  /** The table as the role sees it. */
  public Table of(Table table) {
    return new Table(
        table.oid(),
        table.name(),
        table.isPartitioned(),
        table.columns().stream().filter(this::reads).toList(),
        table.obstacle());
  }

  private boolean reads(Column column) {
    return columns.contains(column.name());
  }
}
