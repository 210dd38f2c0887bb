package dev.millrace.bench.run;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A program of the machine, of a package that {@code ./millrace bench} installs when missing. */
public record Program(Path path) {

  /** A shell that ends the program with this JVM, however that ends. */
  private static final String LEASH =
      """
      trap '' INT TERM HUP
      "$@" & child=$!
      read -r _
      kill $child
      wait $child
      """;

  /** Looks on the PATH, and where Debian keeps what belongs to one Postgres or to root. */
  public static Program find(String name, String debianPackage) throws IOException {
    return Stream.concat(
            Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .map(Path::of),
            Stream.concat(postgresFolders().stream(), Stream.of(Path.of("/usr/sbin"))))
        .map(folder -> folder.resolve(name))
        .filter(Files::isExecutable)
        .findFirst()
        .map(Program::new)
        .orElseThrow(() ->
            new BenchException(
                "%s is missing: install it (Debian, as root: apt-get install %s)."
                    .formatted(name, debianPackage)));
  }

  private static List<Path> postgresFolders() throws IOException {
    Path root = Path.of("/usr/lib/postgresql");
    List<Path> folders = new ArrayList<>();
    if (Files.isDirectory(root)) {
      try (DirectoryStream<Path> versions = Files.newDirectoryStream(root)) {
        versions.forEach(version -> folders.add(version.resolve("bin")));
      }
    }
    folders.sort(Comparator.reverseOrder());
    return folders;
  }

  /** Runs it to its end, its output thrown away by the system; returns the seconds it took. */
  public double time(String... arguments) throws IOException, InterruptedException {
    Stopwatch stopwatch = Stopwatch.start();
    Process process = builder(arguments).redirectOutput(Redirect.DISCARD).start();
    process.outputWriter().close();
    String complaints = new String(process.getErrorStream().readAllBytes(), UTF_8);
    int code = process.waitFor();
    double seconds = stopwatch.seconds();
    if (code != 0) {
      throw new BenchException(path + " failed (" + code + "): " + complaints.strip());
    }
    return seconds;
  }

  /** Starts it for as long as this JVM lives, or until the input of the process is closed. */
  public Process startLeashed(Path log, String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("sh", "-c", LEASH, "sh"));
    command.addAll(builder(arguments).command());
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(Redirect.appendTo(log.toFile()))
        .start();
  }

  /** What it says of its version. */
  public String version(String argument) throws IOException, InterruptedException {
    return firstLine(argument).orElse("of unknown version");
  }

  /** Runs it to its end; returns the first line of what it prints. */
  public Optional<String> firstLine(String... arguments) throws IOException, InterruptedException {
    Process process = builder(arguments).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    process.waitFor();
    return output.lines().findFirst();
  }

  private ProcessBuilder builder(String... arguments) {
    List<String> command = new ArrayList<>(List.of(path.toString()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command);
  }
}
