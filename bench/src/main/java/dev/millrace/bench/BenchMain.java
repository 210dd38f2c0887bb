package dev.millrace.bench;

import dev.millrace.bench.latency.LatencyBench;
import dev.millrace.bench.replication.ReplicationBench;
import dev.millrace.bench.run.Bench;
import dev.millrace.bench.run.BenchException;
import dev.millrace.bench.snapshot.SnapshotBench;
import dev.millrace.dev.DevException;
import java.io.IOException;
import java.io.PrintStream;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Entry point of {@code ./millrace bench}; without a name it runs all benchmarks. */
@Command(
    name = "./millrace bench",
    mixinStandardHelpOptions = true,
    description = "Measures the server beside yardsticks on this machine; without a name, all.",
    footer = {
      "",
      "Each prints its figure beside its yardstick measured in the same run. A missed",
      "target is a result; the exit code is not 0 when something went wrong, such as",
      "a lost row."
    })
public final class BenchMain implements Callable<Integer> {
  private final List<Callable<Integer>> all;

  private BenchMain(List<Callable<Integer>> all) {
    this.all = all;
  }

  public static void main(String[] arguments) {
    System.exit(run(arguments, System.out, System.err));
  }

  static int run(String[] arguments, PrintStream out, PrintStream err) {
    Bench bench = new Bench(out, err);
    List<Callable<Integer>> all =
        List.of(new SnapshotBench(bench), new ReplicationBench(bench), new LatencyBench(bench));
    CommandLine commands = new CommandLine(new BenchMain(all));
    all.forEach(commands::addSubcommand);
    commands.setExecutionExceptionHandler((e, _, _) -> explain(e, err));
    return commands.execute(arguments);
  }

  @Override
  public Integer call() throws Exception {
    int code = 0;
    for (Callable<Integer> benchmark : all) {
      code = Math.max(code, benchmark.call());
    }
    return code;
  }

  private static int explain(Exception e, PrintStream err) {
    switch (e) {
      case BenchException plain -> err.println(plain.getMessage());
      case DevException plain -> err.println(plain.getMessage());
      case IOException world -> err.println("The benchmark broke off: " + world);
      case SQLException world -> err.println("The benchmark broke off: " + world.getMessage());
      default -> e.printStackTrace(err);
    }
    return 1;
  }
}
