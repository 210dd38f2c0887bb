package dev.millrace.processor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.annotation.processing.Processor;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/**
 * What the compiler made of some sources.
 *
 * @param messages each with the place it is at, in the order the compiler had them
 * @param written by the processor: sources and resources by their paths
 */
record Compilation(boolean isDone, List<String> messages, Map<String, String> written) {

  /** Compiles the sources of a folder with the processor, all warnings on. */
  static Compilation of(Path sources, Path into, List<String> flags) throws IOException {
    return of(files(sources, ".java"), sources, into, flags, new EntityProcessor());
  }

  static Compilation of(
      List<Path> files, Path root, Path into, List<String> flags, Processor processor)
      throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> heard = new DiagnosticCollector<>();
    Path classes = Files.createDirectories(into.resolve("classes"));
    Path generated = Files.createDirectories(into.resolve("generated"));
    try (StandardJavaFileManager manager =
        compiler.getStandardFileManager(heard, Locale.ROOT, StandardCharsets.UTF_8)) {
      manager.setLocationFromPaths(StandardLocation.CLASS_OUTPUT, List.of(classes));
      manager.setLocationFromPaths(StandardLocation.SOURCE_OUTPUT, List.of(generated));
      List<String> options =
          new ArrayList<>(List.of("-Xlint:all,-processing,-path", "--release", "21"));
      options.addAll(flags);
      JavaCompiler.CompilationTask task =
          compiler.getTask(
              null, manager, heard, options, null, manager.getJavaFileObjectsFromPaths(files));
      task.setProcessors(List.of(processor));
      boolean isDone = task.call();
      Map<String, String> written = new TreeMap<>();
      for (Path file : files(generated, "")) {
        written.put(generated.relativize(file).toString(), Files.readString(file));
      }
      for (Path file : files(classes, ".json")) {
        written.put(classes.relativize(file).toString(), Files.readString(file));
      }
      return new Compilation(
          isDone, heard.getDiagnostics().stream().map(one -> message(one, root)).toList(), written);
    }
  }

  private static String message(Diagnostic<? extends JavaFileObject> told, Path root) {
    JavaFileObject source = told.getSource();
    String text = told.getMessage(Locale.ROOT);
    if (source == null) {
      return told.getKind() + ": " + text;
    }
    Path file = Path.of(source.toUri());
    Path shown = file.startsWith(root) ? root.relativize(file) : file.getFileName();
    return "%s:%d:%d: %s: %s"
        .formatted(
            shown,
            told.getLineNumber(),
            told.getColumnNumber(),
            told.getKind().toString().toLowerCase(Locale.ROOT),
            text);
  }

  static List<Path> files(Path folder, String ending) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> file.toString().endsWith(ending))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String text() {
    return messages.stream().collect(Collectors.joining("\n", "", "\n"));
  }
}
