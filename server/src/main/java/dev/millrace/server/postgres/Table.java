package dev.millrace.server.postgres;

import dev.millrace.protocol.RelationName;
import java.util.List;
import java.util.Optional;

/**
 * A table as the catalogue has it; columns in their order in the table.
 *
 * @param isPartitioned whether its rows lie in partitions, whose changes the stream tells as theirs
 * @param obstacle why it cannot be followed, for the client; empty if it can
 */
public record Table(
    int oid,
    RelationName name,
    boolean isPartitioned,
    List<Column> columns,
    Optional<String> obstacle) {

  public Table {
    columns = List.copyOf(columns);
  }
}
