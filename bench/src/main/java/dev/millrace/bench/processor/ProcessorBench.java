package dev.millrace.bench.processor;

import dev.millrace.bench.run.Benchmark;
import dev.millrace.bench.run.Run;
import dev.millrace.bench.run.Values;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Compiles synced records with the processor, beside the same records with the classes it writes as
 * if a person had written them, and beside the records alone; in turns.
 */
@Command(
    name = "processor",
    mixinStandardHelpOptions = true,
    description = "Compiles 50 entities with the processor, beside the same classes without it.")
public final class ProcessorBench implements Benchmark {

  private static final List<String> WITH =
      List.of("-processor", "dev.millrace.processor.EntityProcessor");
  private static final List<String> WITHOUT = List.of("-proc:none");
  private static final String SAME = "the same classes without it";

  @Option(
      names = "--entities",
      description = "How many records (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int entities = 50;

  @Option(
      names = "--rounds",
      description = "How many rounds of each (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int rounds = 7;

  @Option(
      names = "--warm-up",
      description = "Rounds before those of a warm compiler (default: ${DEFAULT-VALUE}).",
      paramLabel = "<n>")
  private int warmUp = 5;

  /** One way to compile, once a round. */
  @FunctionalInterface
  private interface Way {
    double millis(JavaCompilation compilation) throws IOException, InterruptedException;
  }

  @Override
  public void measure(Run run) throws IOException, InterruptedException {
    Path folder = run.workspace().newFolder("entities");
    List<Path> records =
        EntitySources.write(Files.createDirectories(folder.resolve("records")), entities);
    JavaCompilation processed = new JavaCompilation(records, WITH, folder.resolve("processed"));
    processed.cold();
    List<Path> all = new ArrayList<>(records);
    for (Path file : processed.generated()) {
      // Those of the compilation are written anew each time.
      all.add(
          Files.copy(
              file,
              Files.createDirectories(folder.resolve("written")).resolve(file.getFileName())));
    }
    JavaCompilation written = new JavaCompilation(all, WITHOUT, folder.resolve("same"));
    JavaCompilation alone = new JavaCompilation(records, WITHOUT, folder.resolve("alone"));
    run.report()
        .fact(
            "sources",
            "%d records of 12 columns, %d files with what is written for them"
                .formatted(records.size(), all.size()));
    compare(run, "a javac of its own", 1, JavaCompilation::cold, processed, written, alone);
    compare(run, "a warm compiler", warmUp, JavaCompilation::warm, processed, written, alone);
  }

  private void compare(
      Run run,
      String subject,
      int before,
      Way way,
      JavaCompilation processed,
      JavaCompilation written,
      JavaCompilation alone)
      throws IOException, InterruptedException {
    List<Double> ours = new ArrayList<>();
    List<Double> theirs = new ArrayList<>();
    List<Double> least = new ArrayList<>();
    for (int round = -before; round < rounds; round++) {
      run.progress().say("%s: round %d of %d".formatted(subject, round + 1, rounds));
      double with = way.millis(processed);
      double without = way.millis(written);
      double bare = way.millis(alone);
      if (round >= 0) {
        ours.add(with);
        theirs.add(without);
        least.add(bare);
      }
    }
    Values with = Values.of(ours);
    Values without = Values.of(theirs);
    run.report().compareTimes(subject, with, SAME, without, OptionalDouble.empty());
    run.report()
        .note(
            "cost of an entity",
            "%s ms beyond %s; the records alone take %s ms in all"
                .formatted(
                    Values.decimal((with.median() - without.median()) / entities),
                    SAME,
                    Values.whole(Values.of(least).median())));
  }
}
