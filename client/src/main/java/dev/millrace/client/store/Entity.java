package dev.millrace.client.store;

import dev.millrace.protocol.Json;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A kind of rows that an application syncs: a table of the server with the columns the application
 * knows. Columns the server has beyond these are kept, unseen. Immutable.
 *
 * @param name what it is called on the device, and the name of its view in SQL
 * @param table what it is called on the server: {@code works} or {@code schema.table}
 * @param columns in the application's order
 * @param key names of the columns of the primary key, in its order
 * @param owner the column that holds whose row it is, if there is one: filled for new rows, and
 *     rewritten when a guest signs in
 * @param where which rows, as a condition on the server (protocol section 7)
 * @param indexes each the columns of an index on the device
 * @param priority entities of a lower one are synced first
 * @param local columns that never leave the device, beside the others
 */
public record Entity(
    String name,
    String table,
    List<Column> columns,
    List<String> key,
    Optional<String> owner,
    Optional<String> where,
    List<List<String>> indexes,
    int priority,
    List<Column> local) {

  /** Whether a column's values may be null. */
  public enum Nulls {
    /** The application has not said. */
    UNSAID,
    NEVER,
    MAYBE,
    /** Not on the server, which fills it where a new row leaves it out. */
    FILLED
  }

  /**
   * A column.
   *
   * @param name as Postgres has it; without quotes and control characters
   * @param nulls as the application expects it; held against what the server says
   */
  public record Column(String name, ColumnType type, Nulls nulls) {

    /** One of which the application has not said whether it may be null. */
    public Column(String name, ColumnType type) {
      this(name, type, Nulls.UNSAID);
    }

    Json named() {
      return new Json.Text(name);
    }

    public Column {
      boolean isPlain =
          name.chars().noneMatch(c -> c == '"' || c == '\'' || c == '\\' || c < ' ')
              && !name.isEmpty()
              && !name.startsWith("_");
      if (!isPlain) {
        throw new IllegalArgumentException("cannot be a column on the device: " + name);
      }
    }
  }

  public Entity {
    columns = List.copyOf(columns);
    key = List.copyOf(key);
    local = List.copyOf(local);
    indexes = indexes.stream().map(List::copyOf).toList();
    if (!name.matches("[A-Za-z][A-Za-z0-9_]*") || name.startsWith("sqlite")) {
      throw new IllegalArgumentException("cannot be an entity's name: " + name);
    }
    if (name.contains("__") || RESERVED.contains(name)) {
      throw new IllegalArgumentException("is a name of the store's own: " + name);
    }
    if (key.isEmpty()) {
      throw new IllegalArgumentException(name + " has no key");
    }
    Set<String> names = new LinkedHashSet<>();
    columns.forEach(column -> names.add(column.name()));
    Set<String> all = new LinkedHashSet<>(names);
    local.forEach(column -> all.add(column.name()));
    if (all.size() < columns.size() + local.size()) {
      throw new IllegalArgumentException(name + " has a column twice");
    }
    List<String> used = new ArrayList<>(key);
    owner.ifPresent(used::add);
    indexes.forEach(used::addAll);
    used.removeAll(names);
    if (!used.isEmpty()) {
      throw new IllegalArgumentException(name + " has no such columns: " + used);
    }
  }

  private static final Set<String> RESERVED =
      Set.of("meta", "stream", "overlay", "write_buffer", "seen_txid", "conflict");

  /** The column of that name, if the application knows one. */
  public Optional<Column> column(String column) {
    return columns.stream().filter(known -> known.name().equals(column)).findFirst();
  }

  /** What a query selects: those that are synced, then those of the device. */
  public List<Column> selected() {
    List<Column> selected = new ArrayList<>(columns);
    selected.addAll(local);
    return selected;
  }

  /** Its place among the columns, or -1. */
  int indexOf(String column) {
    for (int i = 0; i < columns.size(); i++) {
      if (columns.get(i).name().equals(column)) {
        return i;
      }
    }
    return -1;
  }

  /** Begins the description of the rows of {@code table}, called the same on the device. */
  public static Builder of(String table) {
    return new Builder(table);
  }

  /** Collects what makes an entity. One thread. */
  public static final class Builder {

    private final String table;
    private final List<Column> columns = new ArrayList<>();
    private final List<String> key = new ArrayList<>();
    private final List<Column> local = new ArrayList<>();
    private final List<List<String>> indexes = new ArrayList<>();
    private String name;
    private Optional<String> owner = Optional.empty();
    private Optional<String> where = Optional.empty();
    private int priority;

    private Builder(String table) {
      this.table = table;
      this.name = table.substring(table.lastIndexOf('.') + 1);
    }

    /** What it is called on the device. */
    public Builder name(String onDevice) {
      this.name = onDevice;
      return this;
    }

    /** A column of the primary key. */
    public Builder key(String column, ColumnType type) {
      key.add(column);
      return column(column, type);
    }

    /** The column that holds whose row it is: text or a UUID. */
    public Builder owner(String column, ColumnType type) {
      owner = Optional.of(column);
      return column(column, type);
    }

    public Builder column(String column, ColumnType type) {
      return column(column, type, Nulls.UNSAID);
    }

    /** A column of which is known whether it may be null. */
    public Builder column(String column, ColumnType type, Nulls nulls) {
      columns.add(new Column(column, type, nulls));
      return this;
    }

    /** A column that never leaves the device. */
    public Builder local(String column, ColumnType type) {
      local.add(new Column(column, type));
      return this;
    }

    /** Which rows, as a condition on the server. */
    public Builder where(String condition) {
      this.where = Optional.of(condition);
      return this;
    }

    /** An index on the device. */
    public Builder index(String... columnNames) {
      indexes.add(List.of(columnNames));
      return this;
    }

    /** Entities of a lower one are synced first; 0 unless set. */
    public Builder priority(int value) {
      this.priority = value;
      return this;
    }

    public Entity build() {
      return new Entity(name, table, columns, key, owner, where, indexes, priority, local);
    }
  }
}
