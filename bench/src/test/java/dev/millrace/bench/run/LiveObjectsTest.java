package dev.millrace.bench.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LiveObjectsTest {
  private static final String HISTOGRAM =
      """
      4711:
       num     #instances         #bytes  class name (module)
      -------------------------------------------------------
         1:          1200          96000  [B (java.base@25.0.3)
         2:           300           4800  java.lang.String (java.base@25.0.3)
         3:            10            400  dev.millrace.Thing
      Total          1510         101200
      """;

  private static LiveObjects with(String line) {
    return LiveObjects.parse(HISTOGRAM + line);
  }

  @Test
  void theBytesOfAllClassesAreCounted() {
    assertThat(LiveObjects.parse(HISTOGRAM).bytes()).isEqualTo(101_200);
  }

  @Test
  void growthIsSharedAmongThoseWhoBroughtItAbout() {
    LiveObjects before = LiveObjects.parse(HISTOGRAM);
    LiveObjects after = with("   4:           100           8000  dev.millrace.Client\n");

    assertThat(after.perThing(before, 100)).isEqualTo(80);
    assertThat(after.growth(before, 100, 1)).isEqualTo("80 Client");
  }

  @Test
  void whatIsNoHistogramIsRefused() {
    assertThatThrownBy(() -> LiveObjects.parse("Unable to open socket"))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("Unable to open socket");
  }
}
