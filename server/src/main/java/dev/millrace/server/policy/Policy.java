package dev.millrace.server.policy;

import java.util.Set;

/**
 * A policy for reading, as it applies to one role. Immutable.
 *
 * @param isPermissive whether it lets rows in; else it keeps out what does not meet it
 * @param condition as Postgres prints it on a search path of {@code pg_catalog} alone
 * @param functions OIDs of all that the condition calls
 */
record Policy(String name, boolean isPermissive, String condition, Set<Long> functions) {

  Policy {
    functions = Set.copyOf(functions);
  }
}
