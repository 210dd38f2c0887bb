package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.dev.LocalPostgres;
import dev.millrace.server.postgres.Database;
import dev.millrace.server.postgres.DatabaseUrl;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.SplittableRandom;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What our filters say of a row is what Postgres says of it: random conditions of every type,
 * operator and function that we evaluate, on rows full of edge values. {@code MILLRACE_PAIRS} says
 * how many pairs of a condition and a row per database, {@code MILLRACE_SEED} which.
 */
@ExtendWith(OnePostgres.class)
class FilterOracleTest {

  private static final int PAIRS = 40_000;
  private static final int ROWS = 60;

  private static long pairs() {
    String given = System.getenv("MILLRACE_PAIRS");
    return given == null ? PAIRS : Long.parseLong(given);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "libc    | locale_provider libc    lc_collate 'C.UTF-8' lc_ctype 'C.UTF-8' | 0.95",
        "builtin | locale_provider builtin builtin_locale 'C.UTF-8'                | 0.95",
        "ascii   | locale_provider libc    lc_collate 'C'       lc_ctype 'C'       | 0.95",
        "icu     | locale_provider icu     icu_locale 'und'     lc_ctype 'C.UTF-8' | 0.70",
      })
  void aRowIsInExactlyIfPostgresSaysSo(
      String name, String locale, double share, LocalPostgres postgres) throws SQLException {
    long seed = Workload.seed();
    String database = "filters_" + name + "_" + Long.toHexString(seed);
    try (Connection connection = postgres.connect()) {
      execute(
          connection,
          "create database %s template template0 encoding 'UTF8' %s".formatted(database, locale));
    }
    try (Database pool = Database.open(DatabaseUrl.parse(postgres.url(database)), 2);
        Connection connection = postgres.connect(database)) {
      execute(connection, SyncedDatabase.TEXT_FORMS);
      FilterOracle oracle = new FilterOracle(connection, pool, new SplittableRandom(seed));

      oracle.prepare(ROWS);
      oracle.compare(pairs());

      System.out.println(name + ": " + oracle.summary());
      assertThat(oracle.differences())
          .as("MILLRACE_SEED=%d ./millrace test FilterOracleTest", seed)
          .isEmpty();
      assertThat(oracle.nativeShare()).isGreaterThan(share);
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
