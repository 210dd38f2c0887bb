package dev.millrace.server;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program: {@code serve} runs the server until it is told to stop. */
@Command(
    name = "millrace",
    mixinStandardHelpOptions = true,
    version = "Millrace 0.1.0",
    description = "Streams each change of a Postgres to the devices that may see it.")
public final class Main {

  private static final int HELP_WIDTH = 100;

  public static void main(String[] arguments) {
    CommandLine serve = new CommandLine(new Serve());
    serve.getCommandSpec().usageMessage().footer(settingsHelp()).width(HELP_WIDTH);
    System.exit(new CommandLine(new Main()).addSubcommand("serve", serve).execute(arguments));
  }

  private static String[] settingsHelp() {
    Stream<String> title =
        Stream.of("", "Settings, from the environment or millrace.yaml in the current folder:", "");
    Stream<String> settings = Arrays.stream(Setting.values()).map(Setting::describe);
    return Stream.concat(title, settings).toArray(String[]::new);
  }

  /** {@code millrace serve}. */
  @Command(
      name = "serve",
      mixinStandardHelpOptions = true,
      description = "Runs the server alone against DATABASE_URL.")
  static final class Serve implements Callable<Integer> {

    @Override
    public Integer call() throws InterruptedException {
      try {
        ServerConfig config = ServerConfig.load(System.getenv());
        config.log().apply();
        Server server = Server.start(config, List.of());
        Runtime.getRuntime().addShutdownHook(new Thread(server::close, "shutdown"));
        LoggerFactory.getLogger(Main.class)
            .info("listening on {}:{}", config.http().host(), server.port());
        if (config.http().secret().isEmpty()) {
          LoggerFactory.getLogger(Main.class)
              .warn("authentication is off: everybody who reaches the port reads everything");
        }
        Thread.currentThread().join();
        return 0;
      } catch (ConfigException | IOException e) {
        System.err.println(e.getMessage());
        return 1;
      }
    }
  }

  private Main() {}
}
