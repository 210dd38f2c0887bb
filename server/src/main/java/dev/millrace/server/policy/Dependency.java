package dev.millrace.server.policy;

import dev.millrace.server.filter.Filter;
import dev.millrace.server.postgres.Table;

/**
 * Values of another table that a condition was filled with, such as the teams that a user is in.
 * Immutable.
 *
 * @param column the one whose values they are
 * @param filter of which rows
 */
public record Dependency(Table table, String column, Filter filter) {}
