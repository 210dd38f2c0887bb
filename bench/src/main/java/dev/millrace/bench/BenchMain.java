package dev.millrace.bench;

import dev.millrace.bench.device.DeviceBench;
import dev.millrace.bench.fanout.FanoutBench;
import dev.millrace.bench.filters.FiltersBench;
import dev.millrace.bench.filters.IlikeBench;
import dev.millrace.bench.filters.PolicyBench;
import dev.millrace.bench.idle.IdleBench;
import dev.millrace.bench.latency.LatencyBench;
import dev.millrace.bench.processor.ProcessorBench;
import dev.millrace.bench.replication.ReplicationBench;
import dev.millrace.bench.run.Bench;
import dev.millrace.bench.run.BenchException;
import dev.millrace.bench.run.Benchmark;
import dev.millrace.bench.shapes.ShapesBench;
import dev.millrace.bench.snapshot.SnapshotBench;
import dev.millrace.bench.writes.WritesBench;
import dev.millrace.dev.DevException;
import java.io.IOException;
import java.io.PrintStream;
import java.sql.SQLException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

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
public final class BenchMain {
  private BenchMain() {}

  public static void main(String[] arguments) {
    System.exit(run(arguments, System.out, System.err));
  }

  static int run(String[] arguments, PrintStream out, PrintStream err) {
    List<Benchmark> all =
        List.of(
            new SnapshotBench(),
            new ReplicationBench(),
            new LatencyBench(),
            new FanoutBench(),
            new IdleBench(),
            new ShapesBench(),
            new FiltersBench(),
            new IlikeBench(),
            new PolicyBench(),
            new WritesBench(),
            new DeviceBench(),
            new ProcessorBench());
    Bench bench = new Bench(out, err);
    CommandLine commands = new CommandLine(new BenchMain());
    all.forEach(commands::addSubcommand);
    commands.setExecutionStrategy(parsed -> execute(parsed, bench));
    commands.setExecutionExceptionHandler((e, _, _) -> explain(e, err));
    return commands.execute(arguments);
  }

  private static int execute(ParseResult parsed, Bench bench) {
    Integer helped = CommandLine.executeHelpRequest(parsed);
    if (helped != null) {
      return helped;
    }
    int code = 0;
    for (CommandSpec spec : chosen(parsed)) {
      code = Math.max(code, measure(spec, bench));
    }
    return code;
  }

  private static List<CommandSpec> chosen(ParseResult parsed) {
    if (parsed.hasSubcommand()) {
      return List.of(parsed.subcommand().commandSpec());
    }
    return parsed.commandSpec().subcommands().values().stream()
        .map(CommandLine::getCommandSpec)
        .toList();
  }

  private static int measure(CommandSpec spec, Bench bench) {
    try {
      return bench.run(spec.name(), (Benchmark) spec.userObject());
    } catch (IOException | SQLException | InterruptedException | RuntimeException e) {
      throw new ExecutionException(spec.commandLine(), spec.name() + " broke off", e);
    }
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
