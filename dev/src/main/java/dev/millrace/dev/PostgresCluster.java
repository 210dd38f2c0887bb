package dev.millrace.dev;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A Postgres on disk and the server on it. The folder holds {@code data}, {@code postgres.log} of
 * the last run and the {@code port}. The data folder gets its name when it is complete, so an
 * interrupted initdb is never taken for a cluster.
 *
 * <p>One thread at a time.
 */
final class PostgresCluster {
  private static final int PORT_TRIALS = 5;
  private static final int BUILTIN_LOCALES_SINCE = 17;
  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final Pattern COMPLAINT = Pattern.compile("(?:FATAL|PANIC|error): +(.*)");

  private final PostgresPrograms programs;
  private final Path folder;
  private final Path data;
  private final Path log;
  private final Map<String, String> settings;
  private final ClusterProcesses processes;

  /** The settings are handed to the server at each start. */
  PostgresCluster(PostgresPrograms programs, Path folder, Map<String, String> settings) {
    this.programs = programs;
    this.folder = folder;
    this.data = folder.resolve("data");
    this.log = folder.resolve("postgres.log");
    this.settings = new TreeMap<>(settings);
    this.processes = new ClusterProcesses(data);
  }

  /** Makes the cluster, if there is none. */
  void create() throws IOException, InterruptedException {
    if (Files.isDirectory(data)) {
      return;
    }
    Path unfinished = folder.resolve("data.unfinished");
    new ClusterProcesses(unfinished).kill();
    FileTree.delete(unfinished);
    PostgresPrograms.Outcome outcome = programs.run("initdb", initArguments(unfinished));
    if (outcome.failed()) {
      throw notStarted(outcome.output());
    }
    Files.move(unfinished, data, StandardCopyOption.ATOMIC_MOVE);
  }

  private String[] initArguments(Path target) throws IOException, InterruptedException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--pgdata=" + target,
                "--username=postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
                "--no-instructions"));
    if (programs.majorVersion() >= BUILTIN_LOCALES_SINCE) {
      // They make text sort and compare alike on every machine.
      arguments.addAll(List.of("--locale-provider=builtin", "--builtin-locale=C.UTF-8"));
    }
    if ("off".equals(settings.get("fsync"))) {
      arguments.add("--no-sync");
    }
    return arguments.toArray(String[]::new);
  }

  /** Starts the server with a new log on a port, 0 for any free one, and returns the port. */
  int start(int port) throws IOException, InterruptedException {
    for (int trial = 1; ; trial++) {
      int tried = port == 0 ? FreePort.any() : port;
      if (isReady(programs.startServer(log, arguments(tried)))) {
        Files.writeString(folder.resolve("port"), tried + "\n");
        return tried;
      }
      String output = Files.readString(log);
      boolean isPortLost = port == 0 && output.contains("Address already in use");
      if (!isPortLost || trial == PORT_TRIALS) {
        throw notStarted(output);
      }
    }
  }

  private List<String> arguments(int port) {
    List<String> arguments = new ArrayList<>(List.of("-D", data.toString()));
    arguments.addAll(List.of("-p", Integer.toString(port)));
    settings.forEach((name, value) -> arguments.addAll(List.of("-c", name + "=" + value)));
    return arguments;
  }

  /**
   * Waits for the server, which may have to recover first; false when it ended or took too long.
   */
  private boolean isReady(Process server) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (server.isAlive() && System.nanoTime() < deadline) {
      if (saysReady()) {
        return true;
      }
      Thread.sleep(10);
    }
    return false;
  }

  /** The eighth line of postmaster.pid is the server's state; a standby can be read too. */
  private boolean saysReady() throws IOException {
    try (Stream<String> lines = Files.lines(data.resolve("postmaster.pid"))) {
      return lines
          .skip(7)
          .anyMatch(state -> state.startsWith("ready") || state.startsWith("standby"));
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /**
   * Ends the server, also one that another process left running, and forgets what a killed one
   * noted.
   */
  void shutDown() throws IOException, InterruptedException {
    processes.shutDown();
    Files.deleteIfExists(data.resolve("postmaster.pid"));
  }

  /** Ends the server by SIGKILL, as a crash would. */
  void kill() throws IOException, InterruptedException {
    processes.kill();
  }

  /** The sentence gives the last complaint, the cause all the output. */
  private static DevException notStarted(String output) {
    String complaint =
        COMPLAINT
            .matcher(output)
            .results()
            .map(found -> found.group(1))
            .reduce((_, last) -> last)
            .orElse(output.strip());
    return new DevException("Postgres did not start: " + complaint + ".", new IOException(output));
  }
}
