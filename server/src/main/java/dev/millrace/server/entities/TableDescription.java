package dev.millrace.server.entities;

import dev.millrace.protocol.RelationName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A table as the catalogue has it.
 *
 * @param comment what is said of it there; empty if nothing is
 */
public record TableDescription(RelationName name, String comment, List<TableColumn> columns) {

  /**
   * A column.
   *
   * @param type name of the type; of the element type for an array
   * @param isFilled whether the server fills it where a new row leaves it out
   * @param keyIndex place in the primary key from 0, or -1
   */
  public record TableColumn(
      String name,
      String type,
      boolean isArray,
      boolean notNull,
      boolean isFilled,
      int keyIndex,
      String comment) {

    String typeText() {
      return type + (isArray ? "[]" : "");
    }
  }

  private static final String COLUMNS =
      """
      select a.attname, coalesce(e.typname, t.typname), e.oid is not null, a.attnotnull,
             a.atthasdef or a.attidentity <> '' or a.attgenerated <> '',
             coalesce(array_position(i.indkey::int2[], a.attnum), -1),
             coalesce(col_description(c.oid, a.attnum), ''), coalesce(obj_description(c.oid, 'pg_class'), '')
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        join pg_type t on t.oid = a.atttypid
        left join pg_type e on t.typcategory = 'A' and e.oid = t.typelem
        left join pg_index i on i.indrelid = c.oid and i.indisprimary
       where n.nspname = ? and c.relname = ? and c.relkind in ('r', 'p')
       order by a.attnum
      """;

  public TableDescription {
    columns = List.copyOf(columns);
  }

  /** The table of that name; empty if there is none that could be followed. */
  public static Optional<TableDescription> read(Connection connection, RelationName name)
      throws SQLException {
    List<TableColumn> columns = new ArrayList<>();
    String comment = "";
    try (PreparedStatement query = connection.prepareStatement(COLUMNS)) {
      query.setString(1, name.schema());
      query.setString(2, name.table());
      try (ResultSet row = query.executeQuery()) {
        while (row.next()) {
          comment = row.getString(8);
          columns.add(
              new TableColumn(
                  row.getString(1),
                  row.getString(2),
                  row.getBoolean(3),
                  row.getBoolean(4),
                  row.getBoolean(5),
                  row.getInt(6),
                  row.getString(7)));
        }
      }
    }
    return columns.isEmpty()
        ? Optional.empty()
        : Optional.of(new TableDescription(name, comment, columns));
  }

  Optional<TableColumn> column(String column) {
    return columns.stream().filter(one -> one.name().equals(column)).findFirst();
  }

  /** Columns of the primary key, in its order. */
  List<TableColumn> key() {
    return columns.stream()
        .filter(column -> column.keyIndex() >= 0)
        .sorted(Comparator.comparingInt(TableColumn::keyIndex))
        .toList();
  }

  /** As a person calls it. */
  String text() {
    return name.schema().equals("public") ? name.table() : name.schema() + "." + name.table();
  }
}
