package dev.millrace.bench.run;

import dev.millrace.dev.ServerProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** A server of its own data folder and replication slot, started as the launcher starts it. */
public final class BenchServer implements AutoCloseable {
  public static final String PUBLICATION = "millrace_publication_default";

  private static final String STREAM = "MILLRACE_REPLICATION_STREAM_ID";
  private static final Pattern COMPLAINT =
      Pattern.compile("^\\S+ (?:WARN|ERROR) +(.*)$", Pattern.MULTILINE);
  private static final Duration INTERVAL = Duration.ofMillis(10);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final BenchPostgres postgres;
  private final ServerProcess process;
  private final Path dataFolder;
  private final String stream;
  private int pauses;

  private BenchServer(
      BenchPostgres postgres, ServerProcess process, Path dataFolder, String stream) {
    this.postgres = postgres;
    this.process = process;
    this.dataFolder = dataFolder;
    this.stream = stream;
  }

  /** One beside others on the same Postgres, with slot and publication of that name. */
  public static BenchServer startBeside(Run run, String stream) throws IOException {
    return start(run, Map.of(STREAM, stream));
  }

  private String slot() {
    return "millrace_slot_" + stream;
  }

  /** Starts one; the further flags are the JVM's. */
  public static BenchServer start(Run run, String... furtherFlags) throws IOException {
    return start(run, Map.of(), furtherFlags);
  }

  /** The same with further settings. */
  public static BenchServer start(
      Run run, Map<String, String> furtherSettings, String... furtherFlags) throws IOException {
    Path dataFolder = run.workspace().newFolder("server");
    Map<String, String> settings = new TreeMap<>();
    settings.put("DATABASE_URL", run.postgres().url());
    settings.put("MILLRACE_INSECURE", "true");
    settings.put("MILLRACE_DATA_DIR", dataFolder.toString());
    settings.putAll(furtherSettings);
    List<String> flags = new ArrayList<>(JvmProcess.FLAGS);
    flags.addAll(List.of(furtherFlags));
    return new BenchServer(
        run.postgres(),
        ServerProcess.start(settings, flags),
        dataFolder,
        settings.getOrDefault(STREAM, "default"));
  }

  public int port() {
    return process.port();
  }

  /** Freezes it, with nothing on its way from Postgres to it, and its slot in nobody's use. */
  public void pause() throws IOException, SQLException {
    pauses++;
    process.pause();
    postgres.execute(
        """
        select pg_terminate_backend(active_pid) from pg_replication_slots
         where slot_name = '%s' and active
        """
            .formatted(slot()));
    if (!Waiting.until(() -> !isSlotInUse(), INTERVAL, LIMIT)) {
      throw new BenchException("Postgres goes on sending to a server that is paused.");
    }
  }

  private boolean isSlotInUse() throws SQLException {
    String sql = "select active from pg_replication_slots where slot_name = '" + slot() + "'";
    return postgres.query(sql).equals("t");
  }

  /**
   * Waits until it has seen all that was committed. Postgres notes in its log which transactions
   * there are, as it does every 15 seconds: where a new connection has to begin to read depends on
   * when it did so last.
   */
  public void awaitCaughtUp() throws SQLException {
    postgres.query("select pg_log_standby_snapshot()");
    String end = postgres.query("select pg_current_wal_lsn()");
    String sql =
        "select confirmed_flush_lsn >= '%s' from pg_replication_slots where slot_name = '%s'"
            .formatted(end, slot());
    if (!Waiting.until(() -> postgres.query(sql).equals("t"), INTERVAL, LIMIT)) {
      throw new BenchException("The server does not catch up with Postgres.");
    }
  }

  public void resume() {
    process.resume();
  }

  /** What is known of it from outside. */
  public JvmProcess process() {
    return new JvmProcess(process.pid());
  }

  /** Where it keeps shapes and journal. */
  public Path dataFolder() {
    return dataFolder;
  }

  /** Notes its peak memory and what it complained of. */
  public void describe(Report report, String label) throws IOException {
    report.note(
        label + ", peak memory", Values.whole(process().peakBytes() / 1e6) + " MB resident");
    complaints().forEach(text -> report.note(label + ", its log", text));
  }

  /**
   * What it has logged as a warning or worse, without what the benchmark itself has brought about:
   * the warning that everybody may read, and one for each connection that {@link #pause} has cut.
   */
  private List<String> complaints() {
    List<String> complaints = new ArrayList<>();
    int excused = pauses;
    for (MatchResult line : COMPLAINT.matcher(process.log()).results().toList()) {
      if (line.group(1).contains("the replication stream broke") && excused > 0) {
        excused--;
      } else if (!line.group(1).contains("authentication is off")) {
        complaints.add(line.group(1));
      }
    }
    return complaints;
  }

  /** Stops it and drops its slot, so that the next one begins afresh. */
  @Override
  public void close() throws IOException, SQLException {
    process.close();
    Waiting.until(() -> !isSlotInUse(), INTERVAL, LIMIT);
    postgres.execute("select pg_drop_replication_slot('%s')".formatted(slot()));
    postgres.execute("drop publication millrace_publication_" + stream);
  }
}
