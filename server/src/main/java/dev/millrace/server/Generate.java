package dev.millrace.server;

import dev.millrace.protocol.InvalidName;
import dev.millrace.protocol.RelationName;
import dev.millrace.server.entities.EntitiesException;
import dev.millrace.server.entities.EntityGenerator;
import dev.millrace.server.entities.TableDescription;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code millrace generate}, which has one subcommand. */
@Command(
    name = "generate",
    mixinStandardHelpOptions = true,
    subcommandsRepeatable = false,
    synopsisSubcommandLabel = "entities",
    description = "Writes sources of an application.")
final class Generate {

  Generate() {}

  /** {@code millrace generate entities}. */
  @Command(
      name = "entities",
      mixinStandardHelpOptions = true,
      description = {
        "Writes a @Synced record for each of some tables of DATABASE_URL, to begin with.",
        "Ends with 0 if all are written, 1 if none is, and says why."
      })
  static final class Entities implements Callable<Integer> {

    private final Map<String, String> environment;
    private final PrintStream out;
    private final PrintStream err;

    @Option(
        names = "--table",
        required = true,
        split = ",",
        paramLabel = "<table>",
        description = "Tables, with commas between; schema.table for one of another schema.")
    private List<String> tables = List.of();

    @Option(
        names = "--package",
        required = true,
        paramLabel = "<package>",
        description = "The package of the records.")
    private String packageName = "";

    @Option(
        names = "--output",
        paramLabel = "<folder>",
        description = "Where sources lie; src/main/java unless set.")
    private Path output = Path.of("src", "main", "java");

    @Option(
        names = "--owner",
        paramLabel = "<column>",
        description = "The column with the user's id; owner_id, owner or user_id unless set.")
    private @Nullable String owner;

    @Option(names = "--force", description = "Writes over files that are there.")
    private boolean force;

    Entities(Map<String, String> environment, PrintStream out, PrintStream err) {
      this.environment = environment;
      this.out = out;
      this.err = err;
    }

    @Override
    public Integer call() {
      try {
        write(sources());
        return 0;
      } catch (ConfigException | EntitiesException e) {
        err.println(e.getMessage());
      } catch (InvalidName e) {
        err.println(e.reason());
      } catch (SQLException e) {
        err.println("Postgres cannot be asked: " + e.getMessage());
      } catch (IOException e) {
        err.println("The records cannot be written: " + e);
      }
      return 1;
    }

    /** All of them before any is written. */
    private Map<Path, String> sources() throws SQLException, InvalidName {
      if (!packageName.matches("[\\p{L}_$][\\p{L}\\p{Nd}_$]*(\\.[\\p{L}_$][\\p{L}\\p{Nd}_$]*)*")) {
        throw new EntitiesException("'%s' is no package.".formatted(packageName));
      }
      Map<Path, String> sources = new LinkedHashMap<>();
      List<String> problems = new ArrayList<>();
      Path folder = output.resolve(packageName.replace('.', '/'));
      try (Connection connection = CommandDatabase.connect(environment)) {
        for (String name : tables) {
          try {
            EntityGenerator.Source source = source(connection, RelationName.parse(name.strip()));
            Path file = folder.resolve(source.record() + ".java");
            if (Files.exists(file) && !force) {
              problems.add("%s is there already: --force writes over it.".formatted(file));
            }
            sources.put(file, source.text());
          } catch (EntitiesException e) {
            problems.add(e.getMessage());
          }
        }
      }
      if (!problems.isEmpty()) {
        throw new EntitiesException(String.join("\n", problems));
      }
      return sources;
    }

    private EntityGenerator.Source source(Connection connection, RelationName name)
        throws SQLException {
      Optional<TableDescription> table = TableDescription.read(connection, name);
      if (table.isEmpty()) {
        throw new EntitiesException("There is no table %s that could be followed.".formatted(name));
      }
      return EntityGenerator.write(table.get(), packageName, Optional.ofNullable(owner));
    }

    private void write(Map<Path, String> sources) throws IOException {
      for (Map.Entry<Path, String> source : sources.entrySet()) {
        Path parent = source.getKey().getParent();
        if (parent != null) {
          Files.createDirectories(parent);
        }
        Files.writeString(source.getKey(), source.getValue());
        out.println(source.getKey());
      }
    }
  }
}
