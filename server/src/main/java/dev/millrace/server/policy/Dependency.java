package dev.millrace.server.policy;

import dev.millrace.server.filter.Filter;
import dev.millrace.server.postgres.Table;
import java.util.Set;

/**
 * Values of another table that a condition was filled with, such as the teams that a user is in.
 * Immutable.
 *
 * @param columns those whose values they are
 * @param filter of which rows
 */
public record Dependency(Table table, Set<String> columns, Filter filter) {

  public Dependency {
    columns = Set.copyOf(columns);
  }
}
