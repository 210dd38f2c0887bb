package dev.millrace.server.policy;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a role may see of a table, as the catalogue has it. Immutable.
 *
 * @param columns names of those that may be read
 * @param isFiltered whether policies decide on its rows
 * @param policies in the order of their names
 * @param functions that policies call, but those of Postgres itself
 * @param references the same of the tables that policies read, by their OIDs
 * @param hasHeirs whether other tables inherit from it, whose changes are not its own
 * @param version changes whenever anything of this does
 */
record TableAccess(
    Set<String> columns,
    boolean isFiltered,
    List<Policy> policies,
    List<PolicyFunction> functions,
    Map<Integer, TableAccess> references,
    boolean hasHeirs,
    String version) {

  /** Of a table that is gone, for a role that is gone, or of nothing at all. */
  static final TableAccess NONE =
      new TableAccess(Set.of(), true, List.of(), List.of(), Map.of(), false, "none");

  TableAccess {
    columns = Set.copyOf(columns);
    policies = List.copyOf(policies);
    functions = List.copyOf(functions);
    references = Map.copyOf(references);
  }

  /** With one of the policies alone, to let everybody in who meets it. */
  TableAccess only(Policy policy) {
    Policy alone = new Policy(policy.name(), true, policy.condition(), policy.functions());
    return new TableAccess(columns, true, List.of(alone), functions, references, hasHeirs, version);
  }
}
