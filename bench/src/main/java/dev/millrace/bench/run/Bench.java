package dev.millrace.bench.run;

import dev.millrace.dev.DevException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs benchmarks: gives each a run of its own and prints what it reports. */
public record Bench(PrintStream out, PrintStream err) {

  /** Returns the exit code: 0, or 1 when the report names something wrong. */
  public int run(String name, Benchmark benchmark)
      throws IOException, SQLException, InterruptedException {
    Progress progress = new Progress(err, Stopwatch.start());
    Report report = new Report(name);
    progress.say("%s: starting Postgres".formatted(name));
    try (Workspace workspace = Workspace.create();
        BenchPostgres postgres = BenchPostgres.start()) {
      report.fact("machine", machine());
      report.fact(
          "Postgres", postgres.query("show server_version") + ": " + BenchPostgres.settings());
      measure(new Run(workspace, postgres, progress, report), benchmark);
    }
    progress.say("%s: done".formatted(name));
    out.print(report.text());
    out.println();
    out.println(report.markdown(LocalDate.now(ZoneId.systemDefault())));
    return report.isSound() ? 0 : 1;
  }

  /** What breaks the benchmark off is reported with what was found before. */
  private static void measure(Run run, Benchmark benchmark) throws InterruptedException {
    try {
      benchmark.measure(run);
    } catch (BenchException | DevException e) {
      run.report().problem(String.valueOf(e.getMessage()));
    } catch (IOException | SQLException e) {
      run.report().problem("broken off: " + e);
    }
  }

  private static String machine() throws IOException {
    return "%d cores, %d GB, Linux %s, JDK %s, load before %s"
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            memoryGigabytes(),
            System.getProperty("os.version"),
            Runtime.version(),
            Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0]);
  }

  private static long memoryGigabytes() throws IOException {
    String info = Files.readString(Path.of("/proc/meminfo"));
    Matcher total = Pattern.compile("MemTotal:\\s+(\\d+) kB").matcher(info);
    return total.find() ? Math.round(Long.parseLong(total.group(1)) / 1024.0 / 1024) : 0;
  }
}
