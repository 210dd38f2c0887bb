package dev.millrace.server.write;

import dev.millrace.protocol.RelationName;
import java.time.Duration;
import java.util.Map;

/**
 * What the settings say of writes.
 *
 * @param tables those that something is said about
 * @param ledgerRetention for how long it is remembered which changes were applied
 * @param connections how many writes may be under way in Postgres at once
 */
public record WritePolicies(
    Map<RelationName, TablePolicy> tables, Duration ledgerRetention, int connections) {

  public WritePolicies {
    tables = Map.copyOf(tables);
  }

  public TablePolicy of(RelationName table) {
    return tables.getOrDefault(table, TablePolicy.DEFAULT);
  }
}
