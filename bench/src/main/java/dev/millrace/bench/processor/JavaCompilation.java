package dev.millrace.bench.processor;

import dev.millrace.bench.run.BenchException;
import dev.millrace.bench.run.Stopwatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/**
 * A compilation to be timed, as a program of its own, which is how a build begins, or within this
 * JVM, whose compiler is warm as that of a build that stays.
 *
 * @param flags beside class path and folders
 */
record JavaCompilation(List<Path> sources, List<String> flags, Path into) {

  /** Milliseconds from the start of a {@code javac} to its end. */
  double cold() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "javac").toString());
    command.addAll(arguments());
    Path log = into.resolveSibling(into.getFileName() + ".log");
    Stopwatch stopwatch = Stopwatch.start();
    Process javac =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    int code = javac.waitFor();
    double millis = stopwatch.seconds() * 1000;
    if (code != 0) {
      throw new BenchException("javac failed:\n" + Files.readString(log));
    }
    return millis;
  }

  /** Milliseconds within this JVM. */
  double warm() throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    String[] arguments = arguments().toArray(String[]::new);
    Stopwatch stopwatch = Stopwatch.start();
    int code = compiler.run(null, null, null, arguments);
    double millis = stopwatch.seconds() * 1000;
    if (code != 0) {
      throw new BenchException("the compiler failed, as it says above");
    }
    return millis;
  }

  private List<String> arguments() throws IOException {
    Path classes = empty(into.resolve("classes"));
    Path generated = empty(into.resolve("generated"));
    List<String> arguments = new ArrayList<>(flags);
    arguments.addAll(
        List.of(
            "-d",
            classes.toString(),
            "-s",
            generated.toString(),
            "-classpath",
            System.getProperty("java.class.path")));
    sources.forEach(source -> arguments.add(source.toString()));
    return arguments;
  }

  private static Path empty(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      for (Path file : files(folder, "")) {
        Files.delete(file);
      }
    }
    return Files.createDirectories(folder);
  }

  static List<Path> files(Path folder, String ending) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> file.toString().endsWith(ending))
          .sorted()
          .toList();
    }
  }

  /** The sources that a processor wrote. */
  List<Path> generated() throws IOException {
    return files(into.resolve("generated"), ".java");
  }
}
