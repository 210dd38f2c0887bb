package dev.millrace.server.write;

import dev.millrace.protocol.InvalidName;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.RelationName;
import dev.millrace.protocol.WriteChange;
import dev.millrace.protocol.WriteChange.Op;
import dev.millrace.protocol.WriteError;
import dev.millrace.server.write.ColumnType.Mismatch;
import dev.millrace.server.write.RowChange.Cell;
import dev.millrace.server.write.WritableColumn.Generation;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Holds changes against the catalogue, as one role sees it. Nothing is refused here because of a
 * table as it was before the batch came.
 */
final class ChangePlanner {

  /** A change that cannot even be tried. */
  static final class Unfit extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient WriteError error;

    Unfit(String code, String message) {
      super(message);
      this.error = new WriteError(code, message, false);
    }

    WriteError error() {
      return error;
    }
  }

  private final TableCatalog catalog;
  private final Connection connection;
  private final String role;
  private final Instant begun;
  private final Map<String, WritableTable> known = new HashMap<>();
  private @Nullable RowChange last;

  ChangePlanner(TableCatalog catalog, Connection connection, String role) {
    this.catalog = catalog;
    this.connection = connection;
    this.role = role;
    this.begun = catalog.now();
  }

  RowChange plan(WriteChange change) throws Unfit, SQLException {
    WritableTable expected = known.get(change.table());
    if (expected == null) {
      expected = catalog.table(connection, role, name(change)).orElse(null);
    }
    if (expected != null) {
      try {
        known.put(change.table(), expected);
        return plan(change, expected);
      } catch (Unfit e) {
        // Perhaps it fits the table as it is by now.
      }
    }
    RelationName name = name(change);
    WritableTable table =
        catalog
            .table(connection, role, name, begun)
            .orElseThrow(() -> new Unfit("unknown_table", "There is no table %s.".formatted(name)));
    known.put(change.table(), table);
    return plan(change, table);
  }

  private static RelationName name(WriteChange change) throws Unfit {
    try {
      return RelationName.parse(change.table());
    } catch (InvalidName e) {
      throw new Unfit("unknown_table", String.valueOf(e.getMessage()));
    }
  }

  private RowChange plan(WriteChange change, WritableTable table) throws Unfit {
    Map<WritableColumn, Cell> payload = cells(change.payload(), table);
    List<@Nullable String> key = key(change, table, payload);
    List<Cell> base = base(change, table, payload);
    List<Cell> cells =
        switch (change.op()) {
          case INSERT -> sorted(payload.values());
          case UPDATE -> {
            payload.keySet().removeIf(WritableColumn::isKey);
            yield sorted(payload.values());
          }
          case DELETE -> List.of();
        };
    for (Cell cell : cells) {
      if (cell.column().generation() == Generation.ALWAYS) {
        throw new Unfit(
            "generated_column",
            "The column %s is computed by the database.".formatted(cell.column().name()));
      }
    }
    RowChange planned =
        last == null
            ? RowChange.of(change, table, key, cells, base)
            : last.followedBy(change, table, key, cells, base);
    last = planned;
    return planned;
  }

  private static List<Cell> sorted(Collection<Cell> cells) {
    List<Cell> sorted = new ArrayList<>(cells);
    sorted.sort(Comparator.comparingInt(cell -> cell.column().number()));
    return sorted;
  }

  /** Columns by name or by camel case; values in their text form. */
  private static Map<WritableColumn, Cell> cells(Json.Members given, WritableTable table)
      throws Unfit {
    Map<WritableColumn, Cell> cells = new LinkedHashMap<>();
    for (Map.Entry<String, Json> entry : given.byName().entrySet()) {
      String name = entry.getKey();
      WritableColumn column =
          table
              .column(entry.getKey())
              .orElseThrow(() ->
                  new Unfit(
                      "unknown_column",
                      "The table %s has no column %s.".formatted(table.name(), name)));
      if (cells.put(column, cell(column, name, entry.getValue())) != null) {
        throw new Unfit("invalid_value", "The column %s is given twice.".formatted(column.name()));
      }
    }
    return cells;
  }

  private static Cell cell(WritableColumn column, String name, Json value) throws Unfit {
    try {
      return new Cell(column, value, column.type().text(value));
    } catch (Mismatch e) {
      throw new Unfit(
          "invalid_value",
          "The column %s (%s) expects %s."
              .formatted(name, column.type().declared(), e.getMessage()));
    }
  }

  private static List<@Nullable String> key(
      WriteChange change, WritableTable table, Map<WritableColumn, Cell> payload) throws Unfit {
    if (!table.hasKey() && change.op() != Op.INSERT) {
      throw new Unfit(
          "no_primary_key",
          "The table %s has no primary key to find a row by.".formatted(table.name()));
    }
    List<@Nullable String> key = new ArrayList<>();
    for (WritableColumn column : table.key()) {
      Cell cell = payload.get(column);
      if (cell != null && cell.text() != null) {
        key.add(cell.text());
      } else if (change.op() == Op.INSERT) {
        return List.of();
      } else {
        throw new Unfit(
            "missing_key", "The primary key's column %s is missing.".formatted(column.name()));
      }
    }
    return Collections.unmodifiableList(key);
  }

  /** What does not concern the change is passed over: a base may be a whole row. */
  private static List<Cell> base(
      WriteChange change, WritableTable table, Map<WritableColumn, Cell> payload) throws Unfit {
    if (change.base().isEmpty()) {
      return List.of();
    }
    Map<WritableColumn, Cell> base = new LinkedHashMap<>();
    for (Map.Entry<String, Json> entry : change.base().get().byName().entrySet()) {
      Optional<WritableColumn> column = table.column(entry.getKey()).filter(c -> !c.isKey());
      if (column.isPresent() && (change.op() == Op.DELETE || payload.containsKey(column.get()))) {
        Cell cell = cell(column.get(), "base." + entry.getKey(), entry.getValue());
        base.put(column.get(), cell);
      }
    }
    return sorted(base.values());
  }
}
