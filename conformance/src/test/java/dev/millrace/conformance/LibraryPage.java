package dev.millrace.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * The Library app in a browser, driven by {@code examples/library/browser/drive-the-page.mjs},
 * which lists what it can be told; its limits end every wait here.
 */
final class LibraryPage implements AutoCloseable {
  private static final Path FOLDER = Repository.root().resolve("examples/library");

  private final Process process;
  private final Path errors;
  private final BufferedReader answers;
  private final Writer commands;
  private final List<ProcessHandle> started = new ArrayList<>();

  private LibraryPage(Process process, Path errors) {
    this.process = process;
    this.errors = errors;
    this.answers = process.inputReader(UTF_8);
    this.commands = process.outputWriter(UTF_8);
    this.started.add(process.toHandle());
  }

  /** Opens the page and waits until it is live with its rows. */
  static LibraryPage open(URI uri) throws IOException {
    if (!Files.isDirectory(FOLDER.resolve("node_modules/playwright-core"))) {
      throw new IllegalStateException(
          "The npm packages of examples/library are missing: run 'npm ci' there.");
    }
    Path errors = Files.createTempFile("library-page-", ".log");
    ProcessBuilder builder =
        new ProcessBuilder("node", "browser/drive-the-page.mjs")
            .directory(FOLDER.toFile())
            .redirectError(errors.toFile());
    builder.environment().put("LIBRARY_URL", uri.toString());
    builder.environment().put("CHROMIUM", chromium());
    LibraryPage page = new LibraryPage(builder.start(), errors);
    String first = page.answer();
    page.started.addAll(page.process.descendants().toList());
    if (!first.equals("READY")) {
      throw new IllegalStateException("the page said " + first);
    }
    return page;
  }

  /** Has it do or see something, and waits until it has. */
  void tell(String command) throws IOException {
    commands.write(command + "\n");
    commands.flush();
    assertThat(answer()).as(command).startsWith("DONE");
  }

  /** Its exit code: 0 unless the page reported an error. */
  int quit() throws IOException, InterruptedException {
    commands.write("quit\n");
    commands.close();
    return process.waitFor();
  }

  private String answer() throws IOException {
    String line = answers.readLine();
    return line == null ? "nothing, but: " + Files.readString(errors) : line;
  }

  private static String chromium() {
    return Optional.ofNullable(System.getenv("CHROMIUM"))
        .or(LibraryPage::chromiumOnPath)
        .orElseThrow(
            () -> new IllegalStateException("No Chromium: set CHROMIUM to its executable."));
  }

  private static Optional<String> chromiumOnPath() {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
        .flatMap(name ->
            Stream.of(path.split(File.pathSeparator, -1)).map(folder -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst();
  }

  /** Ends whatever is left of it. */
  @Override
  public void close() throws IOException {
    Stream.concat(started.stream(), process.descendants()).toList().stream()
        .filter(ProcessHandle::isAlive)
        .peek(ProcessHandle::destroyForcibly)
        .map(ProcessHandle::onExit)
        .forEach(CompletableFuture::join);
    Files.deleteIfExists(errors);
  }
}
