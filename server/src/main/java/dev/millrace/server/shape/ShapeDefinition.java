package dev.millrace.server.shape;

import dev.millrace.protocol.RelationName;
import dev.millrace.server.postgres.Column;
import java.util.Comparator;
import java.util.List;

/**
 * What a shape contains; two requests with equal definitions share one shape (protocol section
 * 10.1).
 *
 * @param columns the selected columns in the order of the table, the key's among them
 * @param allColumns whether the request named no columns, so that a new one belongs to the shape
 */
public record ShapeDefinition(
    int oid,
    RelationName relation,
    List<Column> columns,
    boolean allColumns,
    Replica replica,
    LogMode logMode) {

  public ShapeDefinition {
    columns = List.copyOf(columns);
  }

  /** How much an update or delete tells (protocol section 5.3). */
  public enum Replica {
    /** Key and changed columns. */
    DEFAULT,
    /** The whole new row and the old values of what changed. */
    FULL
  }

  /** Whether the rows that were there before belong to the shape. */
  public enum LogMode {
    FULL,
    CHANGES_ONLY
  }

  /** The columns that identify a row, in the order of the key; all when there is no primary key. */
  public List<Column> rowKey() {
    List<Column> key =
        columns.stream()
            .filter(Column::isKey)
            .sorted(Comparator.comparingInt(Column::keyIndex))
            .toList();
    return key.isEmpty() ? columns : key;
  }
}
