package dev.millrace.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What a server process keeps on disk, in its data folder and in its open descriptors. */
record ServerFiles(Path folder) {

  /** The handles of the shapes that have a folder. */
  List<String> shapes() {
    return names(folder.resolve("server/shapes"));
  }

  List<String> journal() {
    return names(folder.resolve("server/journal"));
  }

  /** Bytes in the server's files. */
  long size() {
    try (Stream<Path> files = Files.walk(folder.resolve("server"))) {
      return files.filter(Files::isRegularFile).mapToLong(ServerFiles::size).sum();
    } catch (UncheckedIOException | IOException e) {
      // A file went while we looked; the caller looks again.
      return Long.MAX_VALUE;
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Those of the files that a process has open, removed ones included. */
  List<String> open(long pid) {
    try (Stream<Path> links = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
      return links
          .map(ServerFiles::target)
          .filter(file -> file.startsWith(folder.resolve("server").toString() + "/"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Removed files that a process still holds by a descriptor or a mapping, and so on the disk. */
  List<String> held(long pid) {
    try (Stream<String> maps = Files.lines(Path.of("/proc", Long.toString(pid), "maps"))) {
      return Stream.concat(open(pid).stream(), maps)
          .filter(name -> name.contains(folder.toString()) && name.endsWith("(deleted)"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return ""; // closed meanwhile
    }
  }

  private static List<String> names(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
