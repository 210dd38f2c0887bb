package dev.millrace.server;

import dev.millrace.server.doctor.Doctor;
import dev.millrace.server.doctor.Report;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The program: {@code serve} runs the server until it is told to stop, {@code doctor} looks at its
 * Postgres, {@code check-schema} holds an application's records against it, and {@code generate}
 * writes such records.
 */
@Command(
    name = "millrace",
    mixinStandardHelpOptions = true,
    version = "Millrace 0.1.0",
    description = "Streams each change of a Postgres to the devices that may see it.")
public final class Main {

  private static final int HELP_WIDTH = 100;

  /** How often somebody who reads the log is told that a server is open to all. */
  private static final Duration REMINDER = Duration.ofHours(1);

  public static void main(String[] arguments) {
    System.exit(run(arguments, System.getenv(), System.out, System.err));
  }

  /** Runs a command to its end and returns what the process ends with. */
  public static int run(
      String[] arguments, Map<String, String> environment, PrintStream out, PrintStream err) {
    CommandLine commands = new CommandLine(new Main());
    commands.addSubcommand(withSettings(new Serve(environment, err)));
    commands.addSubcommand(withSettings(new Examine(environment, out, err)));
    commands.addSubcommand(new CheckSchema(environment, out, err));
    CommandLine generate = new CommandLine(new Generate());
    generate.addSubcommand(new Generate.Entities(environment, out, err));
    commands.addSubcommand(generate);
    return commands.execute(arguments);
  }

  private static CommandLine withSettings(Object command) {
    CommandLine line = new CommandLine(command);
    line.getCommandSpec().usageMessage().footer(settingsHelp()).width(HELP_WIDTH);
    return line;
  }

  private static String[] settingsHelp() {
    Stream<String> title =
        Stream.of(
            "",
            "Settings, from the environment, or else from millrace.yaml in the current folder or the",
            "file that MILLRACE_CONFIG names; there also how writes to a table meet:",
            "",
            "  tables:",
            "    works: {conflicts: last-write-wins, column: updated_at}",
            "    notes: {conflicts: keep-both, label: title, union: [tags]}",
            "    terms: {conflicts: reject-stale}        # merge-fields where nothing is said",
            "");
    Stream<String> settings = Arrays.stream(Setting.values()).map(Setting::describe);
    return Stream.concat(title, settings).toArray(String[]::new);
  }

  /** {@code millrace serve}. */
  @Command(
      name = "serve",
      mixinStandardHelpOptions = true,
      description = "Runs the server alone against DATABASE_URL.")
  static final class Serve implements Callable<Integer> {

    private final Map<String, String> environment;
    private final PrintStream err;

    Serve(Map<String, String> environment, PrintStream err) {
      this.environment = environment;
      this.err = err;
    }

    @Override
    public Integer call() throws InterruptedException {
      try {
        ServerConfig config = ServerConfig.load(environment);
        config.log().apply();
        Server server = Server.start(config, List.of());
        Runtime.getRuntime().addShutdownHook(new Thread(server::close, "shutdown"));
        LoggerFactory.getLogger(Main.class)
            .atInfo()
            .addKeyValue("host", config.http().host())
            .addKeyValue("port", server.port())
            .log("listening on {}:{}", config.http().host(), server.port());
        do {
          if (config.http().isOpen()) {
            LoggerFactory.getLogger(Main.class)
                .warn("authentication is off: everybody who reaches the port reads everything");
          }
        } while (!Thread.currentThread().join(REMINDER));
        return 0;
      } catch (ConfigException | IOException e) {
        err.println(e.getMessage());
        return 1;
      }
    }
  }

  /** {@code millrace doctor}. */
  @Command(
      name = "doctor",
      mixinStandardHelpOptions = true,
      description = {
        "Looks at DATABASE_URL and says what is fine, missing or unhealthy, and what mends it.",
        "Changes nothing. Ends with 0 if healthy, 1 if something must be mended, 2 if it cannot"
            + " connect or a setting is wrong."
      })
  static final class Examine implements Callable<Integer> {

    private final Map<String, String> environment;
    private final PrintStream out;
    private final PrintStream err;

    @Option(names = "--json", description = "Writes the findings as JSON.")
    private boolean json;

    Examine(Map<String, String> environment, PrintStream out, PrintStream err) {
      this.environment = environment;
      this.out = out;
      this.err = err;
    }

    @Override
    public Integer call() {
      try {
        ServerConfig.Source source = ServerConfig.loadSource(environment);
        Report report =
            Doctor.examine(
                source.database(),
                source.publication(),
                source.slot(),
                source.poolSize(),
                source.userRoles());
        out.print(json ? report.json() : report.text());
        return report.exitCode();
      } catch (ConfigException e) {
        err.println(e.getMessage());
        return Report.NOT_EXAMINED;
      }
    }
  }

  private Main() {}
}
