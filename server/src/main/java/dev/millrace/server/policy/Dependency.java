package dev.millrace.server.policy;

import dev.millrace.server.filter.Filter;
import dev.millrace.server.postgres.Table;
import java.util.Set;

/**
 * Values of another table that a policy was filled with, such as the teams that a user is in.
 * Immutable.
 *
 * @param columns the one whose values they are, and all others that make a difference to which rows
 *     count
 * @param filter of which rows; more than Postgres takes, never less
 */
public record Dependency(Table table, Set<String> columns, Filter filter) {

  public Dependency {
    columns = Set.copyOf(columns);
  }
}
