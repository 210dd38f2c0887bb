package dev.millrace.dev;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.server.postgres.DatabaseUrl;
import java.io.IOException;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The command {@code sql}: statements on the database of an {@code up} that runs. */
@Command(
    name = "sql",
    description = "Runs SQL on the database of a running 'up', or on DATABASE_URL when set.")
final class Sql implements Callable<Integer> {
  private final Map<String, String> environment;
  private final PrintStream out;

  @Parameters(
      paramLabel = "statements",
      description = "One or several, separated by semicolons; - reads them from the input.")
  private String statements = "-";

  Sql(Map<String, String> environment, PrintStream out) {
    this.environment = environment;
    this.out = out;
  }

  @Override
  public Integer call() throws IOException {
    DatabaseUrl url = url();
    try (Connection connection = DriverManager.getConnection(url.jdbcUrl(), url.jdbcProperties());
        Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      boolean isTable = statement.execute(text());
      while (isTable || statement.getUpdateCount() >= 0) {
        out.print(isTable ? TextTable.of(statement.getResultSet()) : count(statement));
        isTable = statement.getMoreResults();
      }
      return 0;
    } catch (SQLException e) {
      throw new DevException(plain(e, url), e);
    }
  }

  private DatabaseUrl url() throws IOException {
    DataFolder folder = DataFolder.of(environment);
    return folder
        .databaseUrl()
        .or(() ->
            Optional.ofNullable(environment.get("DATABASE_URL")).filter(url -> !url.isBlank()))
        .map(Sql::parse)
        .orElseThrow(() ->
            new DevException(
                "No millrace up is running on "
                    + folder.path()
                    + ": start one, or set DATABASE_URL."));
  }

  private static DatabaseUrl parse(String url) {
    try {
      return DatabaseUrl.parse(url);
    } catch (IllegalArgumentException e) {
      throw new DevException("DATABASE_URL cannot be read: " + e.getMessage() + ".", e);
    }
  }

  private String text() throws IOException {
    return statements.equals("-") ? new String(System.in.readAllBytes(), UTF_8) : statements;
  }

  /** The driver does not tell the kind of a statement: a table made counts as no row changed. */
  private static String count(Statement statement) throws SQLException {
    int changed = statement.getUpdateCount();
    return switch (changed) {
      case 0 -> "done, no row changed\n";
      case 1 -> "1 row changed\n";
      default -> changed + " rows changed\n";
    };
  }

  /** What Postgres said, without the driver's additions. */
  private static String plain(SQLException e, DatabaseUrl url) {
    ServerErrorMessage said = e instanceof PSQLException p ? p.getServerErrorMessage() : null;
    if (said == null) {
      return "Could not ask " + url + ": " + e.getMessage();
    }
    return Stream.of(
            said.getSeverity() + ": " + said.getMessage(),
            labelled("Detail", said.getDetail()),
            labelled("Hint", said.getHint()))
        .filter(line -> !line.isEmpty())
        .collect(Collectors.joining("\n"));
  }

  private static String labelled(String label, @Nullable String text) {
    return text == null ? "" : label + ": " + text;
  }
}
