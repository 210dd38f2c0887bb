package dev.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The scenarios that the web client plays too, each with both ways to follow a stream. */
class ScenarioTest {

  /** A step that may crash anywhere has no more places than that. */
  private static final int MOST_PLACES = 1_000;

  @TempDir private Path folder;

  @TestFactory
  Stream<DynamicTest> byLongPolls() {
    return tests(false);
  }

  @TestFactory
  Stream<DynamicTest> byEventStreams() {
    return tests(true);
  }

  private Stream<DynamicTest> tests(boolean mayStream) {
    return Scenario.all().stream()
        .map(scenario ->
            DynamicTest.dynamicTest(
                scenario.name(), scenario.file().toUri(), () -> play(scenario, mayStream)));
  }

  private void play(Scenario scenario, boolean mayStream) {
    int place = 1;
    while (new ScenarioPlay(scenario, fresh(scenario, mayStream, place), mayStream, place).play()) {
      assertThat(++place).isLessThan(MOST_PLACES);
    }
    assertThat(place > 1).isEqualTo(scenario.isCrashing());
  }

  private Path fresh(Scenario scenario, boolean mayStream, int place) {
    return folder.resolve(scenario.file().getFileName() + "-" + mayStream + "-" + place);
  }

  @Test
  void eachIsCalledAsNoOther() {
    List<String> names = Scenario.all().stream().map(Scenario::name).toList();

    assertThat(names).hasSizeGreaterThanOrEqualTo(40).doesNotHaveDuplicates();
  }
}
