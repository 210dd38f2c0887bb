package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Reads the sources and the documents and checks facts about them that no compiler knows. */
class TidyTest {

  private static final Path ROOT = Repository.root();
  private static final List<String> MODULES =
      List.of(
          "protocol",
          "server",
          "client",
          "annotations",
          "processor",
          "examples/library-entities",
          "examples/library-desktop",
          "dev",
          "conformance",
          "bench");

  /** Packages of the project that each package may import: the arrows of ARCHITECTURE.md. */
  private static final Map<String, Set<String>> ARROWS =
      Map.ofEntries(
          arrows("protocol"),
          arrows("server.postgres", "protocol"),
          arrows("server.filter.value"),
          arrows("server.filter", "protocol", "server.postgres", "server.filter.value"),
          arrows("server.policy", "protocol", "server.postgres", "server.filter"),
          arrows("server.shape", "protocol", "server.postgres", "server.filter", "server.policy"),
          arrows("server.auth", "protocol", "server.postgres"),
          arrows("server.write", "protocol", "server.postgres", "server.auth"),
          arrows(
              "server.http",
              "protocol",
              "server.postgres",
              "server.filter",
              "server.policy",
              "server.shape",
              "server.auth",
              "server.write"),
          arrows("server.doctor", "protocol", "server.postgres"),
          arrows("server.entities", "protocol", "server.write"),
          arrows(
              "server",
              "protocol",
              "server.doctor",
              "server.entities",
              "server.postgres",
              "server.filter",
              "server.policy",
              "server.shape",
              "server.auth",
              "server.write",
              "server.http"),
          arrows("client.transport"),
          arrows("client.sqlite"),
          arrows("client.store", "protocol", "client.sqlite"),
          arrows("client.stream", "protocol", "client.sqlite", "client.store", "client.transport"),
          arrows(
              "client.writebuffer",
              "protocol",
              "client.sqlite",
              "client.store",
              "client.transport"),
          arrows("client.query", "protocol", "client.sqlite", "client.store", "client.transport"),
          arrows(
              "client",
              "protocol",
              "client.sqlite",
              "client.store",
              "client.stream",
              "client.transport",
              "client.writebuffer",
              "client.query"),
          arrows(
              "client.typed",
              "protocol",
              "client",
              "client.query",
              "client.store",
              "client.writebuffer"),
          arrows("annotations"),
          arrows("examples.library", "annotations"),
          arrows(
              "examples.library.desktop",
              "protocol",
              "client",
              "client.query",
              "client.sqlite",
              "client.store",
              "client.transport",
              "client.writebuffer",
              "examples.library"),
          arrows("processor.model"),
          arrows("processor.read", "annotations", "processor.model"),
          arrows("processor.validate", "processor.model"),
          arrows("processor.write", "processor.model"),
          arrows(
              "processor",
              "annotations",
              "processor.model",
              "processor.read",
              "processor.validate",
              "processor.write"),
          arrows("dev", "server", "server.http", "server.postgres"),
          arrows(
              "bench",
              "protocol",
              "dev",
              "server.filter",
              "server.postgres",
              "client",
              "client.query",
              "client.sqlite",
              "client.store"));

  /** Modules whose packages may import one another. */
  private static final Set<String> LOOSE = Set.of("dev.millrace.bench");

  private static final Pattern PACKAGE = Pattern.compile("(?m)^package ([\\w.]+);");
  private static final Pattern IMPORT =
      Pattern.compile("(?m)^import (?:static )?(dev\\.millrace(?:\\.[a-z]+)*)\\.[A-Z]");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+?)(?:#[^)]*)?\\)");

  private static Map.Entry<String, Set<String>> arrows(String from, String... to) {
    Set<String> allowed = new TreeSet<>();
    for (String name : to) {
      allowed.add("dev.millrace." + name);
    }
    return Map.entry("dev.millrace." + from, allowed);
  }

  private record Source(Path file, String text) {

    String packageName() {
      Matcher matcher = PACKAGE.matcher(text);
      return matcher.find() ? matcher.group(1) : "";
    }

    Set<String> imports() {
      Set<String> found = new TreeSet<>();
      Matcher matcher = IMPORT.matcher(text);
      while (matcher.find()) {
        found.add(matcher.group(1));
      }
      return found;
    }
  }

  private static List<Source> sources(String set) {
    List<Source> sources = new ArrayList<>();
    for (String module : MODULES) {
      Path folder = ROOT.resolve(module).resolve("src").resolve(set).resolve("java");
      files(folder, ".java").forEach(file -> sources.add(new Source(file, read(file))));
    }
    return sources;
  }

  private static List<Path> files(Path folder, String ending) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void packagesImportOnlyWhatTheArrowsAllow() {
    List<String> wrong = new ArrayList<>();
    for (Source source : sources("main")) {
      String home = home(source.packageName());
      Set<String> allowed = ARROWS.getOrDefault(home, Set.of());
      source.imports().stream()
          .filter(imported -> !home(imported).equals(home) && !allowed.contains(imported))
          .forEach(imported -> wrong.add(ROOT.relativize(source.file()) + " imports " + imported));
    }

    assertThat(wrong).isEmpty();
  }

  /** The package itself, or its module where the packages are free. */
  private static String home(String packageName) {
    return LOOSE.stream().filter(packageName::startsWith).findFirst().orElse(packageName);
  }

  @Test
  void nettyStaysInTheHttpPackageAndItsYardstick() {
    assertThat(sources("main"))
        .filteredOn(source -> source.text().contains("io.netty"))
        .extracting(Source::packageName)
        .containsOnly("dev.millrace.server.http", "dev.millrace.bench.bare");
  }

  @Test
  void everyPackageSaysWhatLivesInItAndIsNullMarked() {
    Set<Path> folders = new TreeSet<>();
    sources("main").stream()
        .filter(source -> !source.packageName().isEmpty())
        .forEach(source -> folders.add(source.file().getParent()));

    assertThat(folders)
        .isNotEmpty()
        .allSatisfy(folder ->
            assertThat(folder.resolve("package-info.java")).content().contains("@NullMarked"));
  }

  @Test
  void theProtocolDoesNoInputOrOutput() {
    assertThat(sources("main"))
        .filteredOn(source -> source.packageName().equals("dev.millrace.protocol"))
        .isNotEmpty()
        .allSatisfy(source ->
            // Of java.io the exception alone, which the JSON parser declares.
            assertThat(source.text().replace("import java.io.IOException;", ""))
                .doesNotContain("import java.io", "import java.nio.file", "import java.net"));
  }

  @Test
  void testsWaitForConditionsNotForTime() {
    assertThat(sources("test"))
        .isNotEmpty()
        .filteredOn(source -> !source.file().endsWith("TidyTest.java"))
        .allSatisfy(source -> assertThat(source.text()).doesNotContain("Thread.sleep("));
  }

  @Test
  void linksInDocumentsLeadSomewhere() {
    List<String> broken = new ArrayList<>();
    List<Path> documents = new ArrayList<>(files(ROOT.resolve("docs"), ".md"));
    for (String name : List.of("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")) {
      documents.add(ROOT.resolve(name));
    }
    for (Path document : documents) {
      Matcher link = LINK.matcher(read(document));
      while (link.find()) {
        if (!Files.exists(document.resolveSibling(link.group(1)))) {
          broken.add(ROOT.relativize(document) + " → " + link.group(1));
        }
      }
    }

    assertThat(broken).isEmpty();
  }

  @Test
  void classesNamedInTheReadmeExist() {
    Matcher name = Pattern.compile("`([A-Z]\\w+Test)`").matcher(read(ROOT.resolve("README.md")));
    Set<String> tests = new TreeSet<>();
    sources("test").forEach(source -> tests.add(source.file().getFileName().toString()));

    assertThat(name.results().map(found -> found.group(1) + ".java").toList())
        .isNotEmpty()
        .isSubsetOf(tests);
  }
}
