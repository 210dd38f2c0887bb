package dev.millrace.conformance;

import dev.millrace.dev.LocalPostgres;
import dev.millrace.dev.ServerProcess;
import dev.millrace.protocol.InvalidName;
import dev.millrace.protocol.RelationName;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** An empty database of its own and a server process that follows it. */
final class SyncedDatabase implements AutoCloseable {
  /** Protocol section 6.7. */
  static final String TEXT_FORMS =
      """
      set bytea_output = 'hex';
      set DateStyle = 'ISO, DMY';
      set TimeZone = 'UTC';
      set extra_float_digits = 1;
      set IntervalStyle = 'iso_8601'
      """;

  private static final List<String> JVM_FLAGS = List.of("-Xmx256m");

  private final LocalPostgres postgres;
  private final String url;
  private final String name;
  private final Map<String, String> settings;
  private final List<String> jvmFlags;
  private ServerProcess server;

  private SyncedDatabase(
      LocalPostgres postgres,
      String url,
      String name,
      Map<String, String> settings,
      List<String> jvmFlags) {
    this.postgres = postgres;
    this.url = url;
    this.name = name;
    this.settings = settings;
    this.jvmFlags = jvmFlags;
    this.server = ServerProcess.start(settings, jvmFlags);
  }

  /**
   * Starts the server on an empty folder with the settings given, and {@code MILLRACE_INSECURE}
   * unless they have a secret.
   */
  static SyncedDatabase start(LocalPostgres postgres, Path folder, Map<String, String> settings) {
    return start(postgres, folder, settings, JVM_FLAGS);
  }

  /** Starts a server that lets users in, by tokens of {@link Tokens#OURS}. */
  static SyncedDatabase startForUsers(
      LocalPostgres postgres, Path folder, Map<String, String> further) throws SQLException {
    WriteServer.createRoles(postgres);
    Map<String, String> settings = new HashMap<>(further);
    settings.put("MILLRACE_SECRET", WriteServer.SECRET);
    settings.put("MILLRACE_JWT_SECRET", Tokens.OURS.secret());
    return start(postgres, folder, settings);
  }

  /** The same with flags for the server's JVM. */
  static SyncedDatabase start(
      LocalPostgres postgres, Path folder, Map<String, String> settings, List<String> jvmFlags) {
    String url = postgres.createDatabase("conformance");
    String name = url.substring(url.lastIndexOf('/') + 1);
    Map<String, String> all = new HashMap<>(settings);
    all.put("DATABASE_URL", url);
    all.put("MILLRACE_DATA_DIR", folder.toString());
    // Slots have names in a whole cluster.
    all.put("MILLRACE_REPLICATION_STREAM_ID", name);
    if (!settings.containsKey("MILLRACE_SECRET")) {
      all.put("MILLRACE_INSECURE", "true");
    }
    return new SyncedDatabase(postgres, url, name, all, jvmFlags);
  }

  /** Ends the server and starts another in its place, with further settings. */
  void restartWith(Map<String, String> further) {
    server.close();
    settings.putAll(further);
    server = ServerProcess.start(settings, jvmFlags);
  }

  static SyncedDatabase start(LocalPostgres postgres, Path folder) {
    return start(postgres, folder, Map.of());
  }

  ServerProcess server() {
    return server;
  }

  /** Of the database, for a program that connects by itself. */
  String url() {
    return url;
  }

  /** A new connection; the caller closes it. */
  Connection connect() throws SQLException {
    return postgres.connect(name);
  }

  /** Each statement in a transaction of its own. */
  void execute(String... statements) throws SQLException {
    try (Connection own = connect();
        Statement statement = own.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** The only column of the only row. */
  String query(String sql) throws SQLException {
    try (Connection own = connect();
        Statement statement = own.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  /**
   * What SELECT has of all columns, in the order of the keys.
   *
   * @param table as SQL writes it
   * @param keyColumns those of the primary key in its order; none if there is no primary key
   */
  List<Row> select(String table, String... keyColumns) throws SQLException {
    return select(table, columns(table), List.of(keyColumns));
  }

  /** The same of some columns. */
  List<Row> select(String table, List<String> columns, List<String> keyColumns)
      throws SQLException {
    return select(table, "true", columns, keyColumns);
  }

  /** The same of the rows that meet a condition. */
  List<Row> select(String table, String condition, List<String> columns, List<String> keyColumns)
      throws SQLException {
    List<String> key = keyColumns.isEmpty() ? columns(table) : keyColumns;
    Set<String> wanted = new LinkedHashSet<>(columns);
    wanted.addAll(key);
    String texts = wanted.stream().map(SyncedDatabase::asText).collect(Collectors.joining(", "));
    String relation = relation(table);
    List<Row> rows = new ArrayList<>();
    try (Connection own = connect();
        Statement statement = own.createStatement()) {
      statement.execute(TEXT_FORMS);
      try (ResultSet found =
          statement.executeQuery("select %s from %s where %s".formatted(texts, table, condition))) {
        while (found.next()) {
          Row all = row(found, relation, key);
          Map<String, @Nullable Object> selected = new LinkedHashMap<>(all.values());
          selected.keySet().retainAll(columns);
          rows.add(new Row(all.key(), selected));
        }
      }
    }
    return rows.stream().sorted().toList();
  }

  private static String relation(String table) {
    try {
      return RelationName.parse(table).quoted();
    } catch (InvalidName e) {
      throw new IllegalArgumentException(e.reason(), e);
    }
  }

  /** All columns of a table, in order. */
  List<String> columns(String table) throws SQLException {
    List<String> columns = new ArrayList<>();
    try (Connection own = connect();
        Statement statement = own.createStatement();
        ResultSet none = statement.executeQuery("select * from " + table + " limit 0")) {
      for (int i = 1; i <= none.getMetaData().getColumnCount(); i++) {
        columns.add(none.getMetaData().getColumnName(i));
      }
    }
    return columns;
  }

  /** As the type's own output function writes it: a cast would cut the padding of char(n). */
  private static String asText(String column) {
    String quoted = '"' + column.replace("\"", "\"\"") + '"';
    return "case when num_nulls(%1$s) = 0 then concat(%1$s) end as %1$s".formatted(quoted);
  }

  private static Row row(ResultSet found, String relation, List<String> keyColumns)
      throws SQLException {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) {
      values.put(found.getMetaData().getColumnName(i), found.getString(i));
    }
    String key =
        keyColumns.stream()
            .map(column -> keyPart(values.get(column)))
            .collect(Collectors.joining("/", relation + "/", ""));
    return new Row(key, values);
  }

  private static String keyPart(@Nullable Object value) {
    return value == null ? "_" : '"' + value.toString().replace("/", "//") + '"';
  }

  /** Removes the database with its slot; the folder is its owner's. */
  @Override
  public void close() throws SQLException {
    server.close();
    try (Connection own = postgres.connect();
        Statement statement = own.createStatement()) {
      statement.execute(
          "select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = '%s'"
              .formatted(name));
      statement.execute("drop database %s with (force)".formatted(name));
    }
  }
}
