package dev.millrace.bench.run;

import dev.millrace.dev.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server of its own data folder and replication slot, started as the launcher starts it. */
public final class BenchServer implements AutoCloseable {
  public static final String PUBLICATION = "millrace_publication_default";

  private static final String SLOT = "millrace_slot_default";
  private static final List<String> JVM_FLAGS =
      List.of(
          "-XX:+UseCompactObjectHeaders",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  private static final Pattern COMPLAINT =
      Pattern.compile("^\\S+ (?:WARN|ERROR) +(.*)$", Pattern.MULTILINE);
  private static final Pattern PEAK = Pattern.compile("VmHWM:\\s+(\\d+) kB");
  private static final Duration INTERVAL = Duration.ofMillis(10);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final BenchPostgres postgres;
  private final ServerProcess process;
  private int pauses;

  private BenchServer(BenchPostgres postgres, ServerProcess process) {
    this.postgres = postgres;
    this.process = process;
  }

  /** Starts one; the further flags are the JVM's. */
  public static BenchServer start(Run run, String... furtherFlags) throws IOException {
    Map<String, String> settings = new TreeMap<>();
    settings.put("DATABASE_URL", run.postgres().url());
    settings.put("MILLRACE_INSECURE", "true");
    settings.put("MILLRACE_DATA_DIR", run.workspace().newFolder("server").toString());
    List<String> flags = new ArrayList<>(JVM_FLAGS);
    flags.addAll(List.of(furtherFlags));
    return new BenchServer(run.postgres(), ServerProcess.start(settings, flags));
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
            .formatted(SLOT));
    if (!Waiting.until(() -> !isSlotInUse(), INTERVAL, LIMIT)) {
      throw new BenchException("Postgres goes on sending to a server that is paused.");
    }
  }

  private boolean isSlotInUse() throws SQLException {
    String sql = "select active from pg_replication_slots where slot_name = '" + SLOT + "'";
    return postgres.query(sql).equals("t");
  }

  public void resume() {
    process.resume();
  }

  /** The most memory it has had, as the kernel counts it: VmHWM. */
  public long peakMemoryBytes() throws IOException {
    String status = Files.readString(Path.of("/proc", Long.toString(process.pid()), "status"));
    Matcher peak = PEAK.matcher(status);
    if (!peak.find()) {
      throw new BenchException("The kernel does not tell the server's peak memory.");
    }
    return Long.parseLong(peak.group(1)) * 1024;
  }

  /** The processor time it has taken so far, all threads, in the kernel's steps of 10 ms. */
  public double cpuSeconds() {
    return ProcessHandle.of(process.pid())
        .flatMap(handle -> handle.info().totalCpuDuration())
        .map(used -> used.toNanos() / 1e9)
        .orElseThrow(() -> new BenchException("The kernel does not tell the server's CPU time."));
  }

  /**
   * What it has logged as a warning or worse, without what the benchmark itself has brought about:
   * the warning that everybody may read, and one for each connection that {@link #pause} has cut.
   */
  public List<String> complaints() {
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
    postgres.execute("select pg_drop_replication_slot('%s')".formatted(SLOT));
    postgres.execute("drop publication " + PUBLICATION);
  }
}
