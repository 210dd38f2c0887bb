package dev.millrace.server.postgres;

import dev.millrace.protocol.RelationName;
import java.util.List;
import java.util.Optional;

/**
 * A table as the catalogue has it; columns in their order in the table.
 *
 * @param obstacle why it cannot be followed, for the client; empty if it can
 */
public record Table(int oid, RelationName name, List<Column> columns, Optional<String> obstacle) {

  public Table {
    columns = List.copyOf(columns);
  }
}
