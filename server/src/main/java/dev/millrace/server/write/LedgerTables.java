package dev.millrace.server.write;

import dev.millrace.protocol.SqlIdentifier;
import dev.millrace.server.postgres.Database;
import dev.millrace.server.postgres.DatabaseUrl;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The tables in schema {@code millrace}: made and migrated before the first write, the ledger's
 * partitions made ahead and dropped when they are out of date. A partition holds a month.
 *
 * <p>Any thread; several servers may do it at once.
 */
final class LedgerTables {

  static final String SCHEMA = "millrace";

  private static final int MONTHS_AHEAD = 2;
  private static final Duration CONFLICTS_KEPT = Duration.ofDays(366);
  private static final Pattern PARTITION = Pattern.compile("applied_change_(\\d{4})_(\\d{2})");

  private static final String PARTITIONS =
      """
      select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
       where i.inhparent = 'millrace.applied_change'::regclass
      """;

  /** Waits for nobody: what is locked now is done the next time. */
  private static final String PATIENCE =
      "set local lock_timeout = '2s'; set local search_path = pg_catalog, pg_temp";

  private final Database database;
  private final Duration retention;
  private final InstantSource clock;

  LedgerTables(Database database, Duration retention, InstantSource clock) {
    this.database = database;
    this.retention = retention;
    this.clock = clock;
  }

  /**
   * Makes what is missing.
   *
   * @throws WriteException if Postgres is away, or the role may not
   */
  void migrate() {
    DatabaseUrl url = database.url();
    try {
      Flyway.configure()
          .dataSource(source(url))
          .schemas(SCHEMA)
          .locations("classpath:dev/millrace/server/write")
          // The schema may be there already, with what the read path has made.
          .baselineOnMigrate(true)
          .baselineVersion("0")
          .connectRetries(0)
          .load()
          .migrate();
    } catch (FlywayException e) {
      throw SqlFailure.find(e)
          .map(cause -> explain(cause, url))
          .orElseGet(
              () -> new WriteException(WriteException.Code.NOT_READY, said(e.getMessage()), e));
    }
  }

  private static DataSource source(DatabaseUrl url) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(url.jdbcUrl());
    Properties properties = url.jdbcProperties();
    try {
      for (String name : properties.stringPropertyNames()) {
        source.setProperty(name, properties.getProperty(name));
      }
    } catch (SQLException e) {
      throw SqlFailure.of(e).asException("making the tables of the write path");
    }
    return source;
  }

  private static WriteException explain(SQLException cause, DatabaseUrl url) {
    if ("42501".equals(cause.getSQLState())) {
      String role = SqlIdentifier.quote(url.user());
      return new WriteException(
          WriteException.Code.NOT_READY,
          "making the tables of the write path: %s; run CREATE SCHEMA millrace AUTHORIZATION %s"
              .formatted(said(cause.getMessage()), role),
          cause);
    }
    return SqlFailure.of(cause).asException("making the tables of the write path");
  }

  private static String said(@Nullable String message) {
    return String.valueOf(message).replaceAll("\\s*\\n\\s*", " ");
  }

  /** Makes the partitions of the months that are remembered and of the next ones. */
  void makePartitions() {
    YearMonth month = month(clock.instant());
    List<String> present = partitions();
    for (YearMonth m = oldest(); !m.isAfter(month.plusMonths(MONTHS_AHEAD)); m = m.plusMonths(1)) {
      if (!present.contains(name(m))) {
        make(m);
      }
    }
  }

  private YearMonth oldest() {
    return month(clock.instant().minus(retention));
  }

  private static YearMonth month(Instant instant) {
    return YearMonth.from(LocalDate.ofInstant(instant, ZoneOffset.UTC));
  }

  /** Drops and deletes what is out of date. */
  void prune() {
    YearMonth oldest = oldest();
    partitions().stream().filter(name -> isOutOfDate(name, oldest)).forEach(this::drop);
    database.with("forgetting old changes", connection -> prune(connection, clock.instant()));
  }

  private List<String> partitions() {
    return database.with(
        "listing the ledger's partitions",
        connection -> {
          try (Statement statement = connection.createStatement();
              ResultSet rows = statement.executeQuery(PARTITIONS)) {
            List<String> names = new ArrayList<>();
            while (rows.next()) {
              names.add(rows.getString(1));
            }
            return names;
          }
        });
  }

  private static String name(YearMonth month) {
    return "applied_change_%04d_%02d".formatted(month.getYear(), month.getMonthValue());
  }

  private static boolean isOutOfDate(String partition, YearMonth oldest) {
    Matcher name = PARTITION.matcher(partition);
    return name.matches()
        && YearMonth.of(Integer.parseInt(name.group(1)), Integer.parseInt(name.group(2)))
            .isBefore(oldest);
  }

  /**
   * Attaches a table rather than creating a partition, which would lock out writers; rows that came
   * before it are moved out of the one for all others.
   */
  private void make(YearMonth month) {
    String range =
        "'%s 00:00+00' and created_at < '%s 00:00+00'"
            .formatted(month.atDay(1), month.plusMonths(1).atDay(1));
    String sql =
        """
        create table millrace.%1$s (like millrace.applied_change including all);
        lock table millrace.applied_change in access exclusive mode;
        with moved as (
          delete from millrace.applied_change_other where created_at >= %2$s returning *)
        insert into millrace.%1$s select * from moved;
        alter table millrace.applied_change attach partition millrace.%1$s
          for values from ('%3$s 00:00+00') to ('%4$s 00:00+00')
        """
            .formatted(name(month), range, month.atDay(1), month.plusMonths(1).atDay(1));
    database.inTransaction("making a partition of the ledger", tx -> execute(tx, sql));
  }

  private void drop(String partition) {
    String sql = "drop table millrace." + partition;
    database.inTransaction("dropping a partition of the ledger", tx -> execute(tx, sql));
  }

  private static boolean execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(PATIENCE);
      return statement.execute(sql);
    }
  }

  private int prune(Connection connection, Instant now) throws SQLException {
    return deleteBefore(connection, "applied_change_other", "applied_at", now.minus(retention))
        + deleteBefore(connection, "conflict", "at", now.minus(CONFLICTS_KEPT));
  }

  private static int deleteBefore(Connection connection, String table, String column, Instant limit)
      throws SQLException {
    String sql =
        "delete from millrace.%s where %s < to_timestamp(?::double precision)"
            .formatted(table, column);
    try (PreparedStatement delete = connection.prepareStatement(sql)) {
      delete.setLong(1, limit.getEpochSecond());
      return delete.executeUpdate();
    }
  }
}
