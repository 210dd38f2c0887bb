package dev.millrace.dev;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The processes of one Postgres data folder: the postmaster and its children all work in it, which
 * Linux shows in {@code /proc/PID/cwd}. A process id in a stale {@code postmaster.pid}, given to
 * another program since, is none of them.
 */
final class ClusterProcesses {
  private static final Duration FAST_SHUTDOWN = Duration.ofSeconds(30);
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);

  private final Path data;

  ClusterProcesses(Path data) {
    this.data = data;
  }

  /** Ends all of them: the orderly shutdown first, force when it takes too long. */
  void shutDown() throws IOException, InterruptedException {
    Signal.INT.send(postmaster());
    if (!endWithin(FAST_SHUTDOWN)) {
      Signal.QUIT.send(all());
      if (!endWithin(LAST_WORDS)) {
        kill();
      }
    }
  }

  /** Ends them as a crash would: the postmaster by SIGKILL, the others when they miss it. */
  void kill() throws IOException, InterruptedException {
    Signal.KILL.send(postmaster());
    if (!endWithin(LAST_WORDS)) {
      Signal.KILL.send(all());
      if (!endWithin(LAST_WORDS)) {
        throw new DevException("The Postgres processes " + all() + " do not end.");
      }
    }
  }

  private boolean endWithin(Duration limit) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!all().isEmpty()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      Thread.sleep(10);
    }
    return true;
  }

  private List<Long> postmaster() throws IOException {
    Path file = data.resolve("postmaster.pid");
    if (!Files.exists(file)) {
      return List.of();
    }
    List<String> named = Files.readString(file).lines().limit(1).toList();
    return all().stream().filter(pid -> named.contains(pid.toString())).toList();
  }

  List<Long> all() throws IOException {
    List<Long> found = new ArrayList<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        if (worksInData(process)) {
          found.add(Long.valueOf(process.getFileName().toString()));
        }
      }
    }
    return found;
  }

  private boolean worksInData(Path process) {
    try {
      return Files.readSymbolicLink(process.resolve("cwd")).equals(data.toRealPath());
    } catch (IOException e) {
      return false; // It has ended, or is another user's.
    }
  }
}
