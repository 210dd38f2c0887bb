package dev.millrace.server.shape;

import dev.millrace.server.filter.Clause;
import dev.millrace.server.postgres.DatabaseUser;
import java.util.Optional;

/**
 * How a request names the rows it wants. Immutable.
 *
 * @param clause in its own words; empty for all rows
 * @param user who asks, if that makes a difference to what may be seen
 */
public record Reading(Optional<Clause> clause, Optional<DatabaseUser> user) {}
