package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Holds docs/protocol.md against the tests: its bold numbers against the comments that cite them,
 * such as {@code // Protocol 4.1-2, 4.1-3.}
 */
class StatementsTest {

  private static final Path ROOT = Repository.root();
  private static final String NUMBER = "\\d+(?:\\.\\d+)?-\\d+";
  private static final Pattern STATEMENT = Pattern.compile("\\*\\*(" + NUMBER + ")\\*\\*");
  private static final Pattern CITATION =
      Pattern.compile("(?m)^ *// Protocol (" + NUMBER + "(?:, " + NUMBER + ")*)\\.$");

  private static List<String> statements() throws IOException {
    return numbers(STATEMENT, Files.readString(ROOT.resolve("docs/protocol.md")));
  }

  private static Set<String> citations() throws IOException {
    Set<String> cited = new TreeSet<>();
    for (String module : List.of("protocol", "server", "conformance")) {
      for (Path source : sources(ROOT.resolve(module).resolve("src/test/java"))) {
        numbers(CITATION, Files.readString(source))
            .forEach(list -> cited.addAll(List.of(list.split(", ", -1))));
      }
    }
    return cited;
  }

  private static List<Path> sources(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".java")).toList();
    }
  }

  private static List<String> numbers(Pattern pattern, String text) {
    return pattern.matcher(text).results().map((MatchResult found) -> found.group(1)).toList();
  }

  @Test
  void noNumberIsGivenTwice() throws IOException {
    assertThat(statements()).isNotEmpty().doesNotHaveDuplicates();
  }

  @Test
  void everyStatementIsCitedByATest() throws IOException {
    List<String> uncited = new ArrayList<>(statements());
    uncited.removeAll(citations());

    assertThat(uncited).isEmpty();
  }

  @Test
  void noTestCitesWhatIsNotThere() throws IOException {
    assertThat(statements()).containsAll(citations());
  }
}
