package dev.millrace.server;

import dev.millrace.server.entities.CompiledEntities;
import dev.millrace.server.entities.EntitiesException;
import dev.millrace.server.entities.EntityDescription;
import dev.millrace.server.entities.SchemaCheck;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code millrace check-schema}. */
@Command(
    name = "check-schema",
    mixinStandardHelpOptions = true,
    description = {
      "Holds the @Synced records of a compiled application against the tables of DATABASE_URL and"
          + " what millrace.yaml says of them, and names each difference, before it becomes a"
          + " rejected write.",
      "Changes nothing. Ends with 0 if there is none, 1 if there are some, 2 if it cannot look."
    })
final class CheckSchema implements Callable<Integer> {

  private static final int SAME = 0;
  private static final int DIFFERENT = 1;
  private static final int NOT_CHECKED = 2;

  private final Map<String, String> environment;
  private final PrintStream out;
  private final PrintStream err;

  @Parameters(
      arity = "0..*",
      paramLabel = "<classes>",
      description =
          "Folders and jars with the application's classes; if none is named, target/classes and"
              + " build/classes/java/main.")
  private List<Path> places = List.of();

  CheckSchema(Map<String, String> environment, PrintStream out, PrintStream err) {
    this.environment = environment;
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() {
    try {
      List<EntityDescription> entities = CompiledEntities.in(places());
      List<String> differences;
      try (Connection connection = CommandDatabase.connect(environment)) {
        differences =
            SchemaCheck.differences(entities, connection, ServerConfig.loadTables(environment));
      }
      differences.forEach(out::println);
      out.println(verdict(entities.size(), differences.size()));
      return differences.isEmpty() ? SAME : DIFFERENT;
    } catch (ConfigException | EntitiesException e) {
      err.println(e.getMessage());
      return NOT_CHECKED;
    } catch (SQLException e) {
      err.println("Postgres cannot be asked: " + e.getMessage());
      return NOT_CHECKED;
    }
  }

  private static String verdict(int records, int differences) {
    if (differences == 0) {
      return records == 1 ? "The record fits its table." : records + " records fit their tables.";
    }
    return "%d %s in %d %s."
        .formatted(
            differences,
            differences == 1 ? "difference" : "differences",
            records,
            records == 1 ? "record" : "records");
  }

  private List<Path> places() {
    return places.isEmpty()
        ? CompiledEntities.USUAL.stream().filter(Files::isDirectory).toList()
        : places;
  }
}
