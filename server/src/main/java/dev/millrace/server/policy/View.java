package dev.millrace.server.policy;

import dev.millrace.server.filter.Filter;
import dev.millrace.server.postgres.Table;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * What somebody may see of a table. Immutable.
 *
 * @param table whole, with columns that the policies may name and the user may not read
 * @param audience who else may see the same; empty for a back end that everything is shown to
 * @param policies which rows; empty for all
 * @param basis the policies without what other tables say, which changes; empty if they ask none
 * @param dependencies what the policies were filled with of other tables
 * @param check asks Postgres whether it would still say the same
 */
public record View(
    Table table,
    Optional<Audience> audience,
    Optional<Filter> policies,
    Optional<String> basis,
    List<Dependency> dependencies,
    Check check) {

  /** Whether policies still say the same, in the snapshot of a transaction that is the user's. */
  @FunctionalInterface
  public interface Check {
    /** That they do. */
    Check NONE = connection -> true;

    boolean holds(Connection connection) throws SQLException;
  }

  public View {
    dependencies = List.copyOf(dependencies);
  }

  /** Of everything. */
  public static View all(Table table) {
    return of(table, Optional.empty());
  }

  /** Of all rows. */
  public static View of(Table table, Optional<Audience> audience) {
    return new View(table, audience, Optional.empty(), Optional.empty(), List.of(), Check.NONE);
  }

  /** Whether {@link #policies} are a request's own clause, which asks other tables. */
  public boolean isOfClause() {
    return audience.isEmpty() && policies.isPresent();
  }

  /** The table with the columns that may be read. */
  public Table readable() {
    return audience.map(who -> who.of(table)).orElse(table);
  }
}
