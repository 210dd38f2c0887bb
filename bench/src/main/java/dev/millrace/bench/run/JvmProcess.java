package dev.millrace.bench.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the kernel and the JVM itself tell of a running Java process. */
public record JvmProcess(long pid) {

  /** How the launcher starts Java. */
  static final List<String> FLAGS =
      List.of(
          "-XX:+UseCompactObjectHeaders",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  /** Starts a program of the benchmarks as the launcher would. */
  public static List<String> command(Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(program("java"));
    command.addAll(FLAGS);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return command;
  }

  private static String program(String name) {
    return Path.of(System.getProperty("java.home"), "bin", name).toString();
  }

  /** The most memory it has had, as the kernel counts it: VmHWM. */
  public long peakBytes() throws IOException {
    return kibibytes("VmHWM") * 1024;
  }

  /** The memory it has at this moment, as the kernel counts it: VmRSS. */
  public long residentBytes() throws IOException {
    return kibibytes("VmRSS") * 1024;
  }

  private long kibibytes(String name) throws IOException {
    Matcher line =
        Pattern.compile(name + ":\\s+(\\d+) kB").matcher(Files.readString(folder("status")));
    if (!line.find()) {
      throw new BenchException("The kernel does not tell %s of process %d.".formatted(name, pid));
    }
    return Long.parseLong(line.group(1));
  }

  /** Breaks off if this process and those it starts may not have so many files and sockets open. */
  public static void requireOpenFiles(int count) throws IOException {
    Matcher limit =
        Pattern.compile("Max open files\\s+(\\d+)")
            .matcher(Files.readString(Path.of("/proc/self/limits")));
    if (limit.find() && Long.parseLong(limit.group(1)) < count) {
      throw new BenchException(
          "This needs %,d open files, and the limit is %s: raise it with ulimit -n."
              .formatted(count, limit.group(1)));
    }
  }

  /** How many files and sockets it has open. */
  public int openFiles() throws IOException {
    try (Stream<Path> files = Files.list(folder("fd"))) {
      return Math.toIntExact(files.count());
    }
  }

  /** The processor time it has taken so far, all threads, in the kernel's steps of 10 ms. */
  public double cpuSeconds() {
    return ProcessHandle.of(pid)
        .flatMap(handle -> handle.info().totalCpuDuration())
        .map(used -> used.toNanos() / 1e9)
        .orElseThrow(() -> new BenchException("The kernel does not tell the CPU time of " + pid));
  }

  /** The processor time of its present threads whose names begin so, to the nanosecond. */
  public double cpuSeconds(String threads) throws IOException {
    long nanos = 0;
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(folder("task"))) {
      for (Path task : tasks) {
        if (Files.readString(task.resolve("comm")).startsWith(threads)) {
          nanos += Long.parseLong(Files.readString(task.resolve("schedstat")).split(" ", 2)[0]);
        }
      }
    } catch (NoSuchFileException e) {
      return cpuSeconds(threads); // A thread has just ended.
    }
    return nanos / 1e9;
  }

  private Path folder(String name) {
    return Path.of("/proc", Long.toString(pid), name);
  }

  /** Lets it collect all garbage; tells what is left. */
  public LiveObjects liveObjects() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(program("jcmd"), Long.toString(pid), "GC.class_histogram")
            .redirectErrorStream(true)
            .start();
    process.outputWriter().close();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (process.waitFor() != 0) {
      throw new BenchException("jcmd cannot look into process " + pid + ": " + output.strip());
    }
    return LiveObjects.parse(output);
  }
}
