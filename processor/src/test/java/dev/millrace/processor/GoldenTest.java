package dev.millrace.processor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The folders of {@code src/test/golden}, each a case: sources in {@code input}, and beside them
 * what is written ({@code expected}) or complained of ({@code expected.txt}). What compiles must do
 * so without a warning. A first line {@code // shows: …} of a source names the files that its case
 * is about; of the others it is only seen that they compile.
 *
 * <p>{@code mvn test -pl processor -am -Dtest=GoldenTest -Dmillrace.golden=update
 * -Dsurefire.failIfNoSpecifiedTests=false} writes down what is written now, to be looked at.
 */
class GoldenTest {

  private static final Path CASES = Path.of("src", "test", "golden");
  private static final boolean IS_UPDATE = "update".equals(System.getProperty("millrace.golden"));
  private static final String SHOWS = "// shows:";

  @TempDir private Path folder;

  @TestFactory
  Stream<DynamicTest> whatIsWrittenOrComplainedOfIsWhatIsExpected() throws IOException {
    return cases().stream()
        .map(one -> DynamicTest.dynamicTest(one.getFileName().toString(), () -> check(one)));
  }

  private static List<Path> cases() throws IOException {
    try (Stream<Path> cases = Files.list(CASES)) {
      return cases.filter(Files::isDirectory).sorted().toList();
    }
  }

  @Test
  void thereAreFortyCasesAtLeast() throws IOException {
    assertThat(cases()).hasSizeGreaterThanOrEqualTo(40);
  }

  private void check(Path one) throws IOException {
    String name = one.getFileName().toString();
    Compilation made = compile(one, "first");
    if (IS_UPDATE) {
      update(one, made);
    }

    if (Files.exists(one.resolve("expected.txt"))) {
      assertThat(made.text()).as(name).isEqualTo(Files.readString(one.resolve("expected.txt")));
      assertThat(made.isDone()).isFalse();
    } else {
      assertThat(made.messages()).as(name).isEmpty();
      assertThat(shown(one, made)).as(name).isEqualTo(expected(one)).isNotEmpty();
    }
    assertThat(compile(one, "second")).as(name + ", the same each time").isEqualTo(made);
  }

  private Compilation compile(Path one, String time) throws IOException {
    Path input = one.resolve("input");
    return Compilation.of(
        input, folder.resolve(one.getFileName()).resolve(time), List.of("-Werror"));
  }

  /** What the case is about. */
  private static Map<String, String> shown(Path one, Compilation made) throws IOException {
    Map<String, String> shown = new TreeMap<>(made.written());
    String first = "";
    for (Path source : Compilation.files(one.resolve("input"), ".java")) {
      String line = Files.readString(source).lines().findFirst().orElse("");
      first = line.startsWith(SHOWS) ? line.substring(SHOWS.length()).strip() : first;
    }
    if (!first.isEmpty()) {
      List<String> names = List.of(first.split(" "));
      shown.keySet().removeIf(path -> names.stream().noneMatch(path::endsWith));
    }
    return shown;
  }

  private static Map<String, String> expected(Path one) throws IOException {
    Path root = one.resolve("expected");
    Map<String, String> expected = new TreeMap<>();
    for (Path file : Compilation.files(root, "")) {
      expected.put(root.relativize(file).toString(), Files.readString(file));
    }
    return expected;
  }

  private static void update(Path one, Compilation made) throws IOException {
    Path root = one.resolve("expected");
    for (Path old : Compilation.files(root, "")) {
      Files.delete(old);
    }
    Files.deleteIfExists(one.resolve("expected.txt"));
    if (!made.messages().isEmpty()) {
      Files.writeString(one.resolve("expected.txt"), made.text());
      return;
    }
    for (Map.Entry<String, String> file : shown(one, made).entrySet()) {
      Path path = root.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.getValue());
    }
  }
}
