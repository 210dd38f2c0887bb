package dev.millrace.server.policy;

import dev.millrace.server.filter.Filter;
import dev.millrace.server.postgres.Table;
import java.util.Optional;

/**
 * What somebody may see of a table. Immutable.
 *
 * @param table whole, with columns that the policies may name and the user may not read
 * @param audience who else may see the same; empty for a back end that everything is shown to
 * @param policies which rows; empty for all
 */
public record View(Table table, Optional<Audience> audience, Optional<Filter> policies) {

  /** Of everything. */
  public static View all(Table table) {
    return new View(table, Optional.empty(), Optional.empty());
  }

  /** The table with the columns that may be read. */
  public Table readable() {
    return audience.map(who -> who.of(table)).orElse(table);
  }
}
