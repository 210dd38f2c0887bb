package dev.millrace.dev;

import dev.millrace.server.ConfigException;
import dev.millrace.server.postgres.DatabaseException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Entry point of the commands on a developer's machine, {@code up} and {@code sql}. */
public final class DevMain {
  private static final OptionSpec HELP =
      OptionSpec.builder("-h", "--help").usageHelp(true).description("Show this.").build();

  private DevMain() {}

  public static void main(String[] arguments) {
    System.exit(run(arguments, System.getenv(), System.out, System.err));
  }

  /**
   * Exit codes: 0 done, 1 it failed and one sentence on {@code err} says why, 2 it was called
   * wrongly.
   */
  static int run(
      String[] arguments, Map<String, String> environment, PrintStream out, PrintStream err) {
    Path library = Path.of(System.getProperty("millrace.home", ""), "examples", "library");
    CommandLine commands = new CommandLine(CommandSpec.create().name("millrace"));
    commands.addSubcommand(new Up(environment, library, out));
    commands.addSubcommand(new Sql(environment, out));
    commands.getSubcommands().values().forEach(command -> command.getCommandSpec().addOption(HELP));
    commands.setExecutionExceptionHandler((e, _, _) -> explain(e, err));
    return commands.execute(arguments);
  }

  private static int explain(Exception e, PrintStream err) {
    if (DiskFull.isCauseOf(e)) {
      err.println("The disk is full: make room and start again.");
    } else if (isPlain(e)) {
      err.println(e.getMessage());
    } else if (e instanceof IOException failure) {
      err.println("It failed: " + DevException.reason(failure) + ".");
    } else {
      err.println("This is a bug in Millrace:");
      e.printStackTrace(err);
    }
    return 1;
  }

  private static boolean isPlain(Exception e) {
    return e instanceof DevException
        || e instanceof ConfigException
        || e instanceof DatabaseException
        || e instanceof SQLException;
  }
}
