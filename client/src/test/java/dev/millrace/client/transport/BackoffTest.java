package dev.millrace.client.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** How long is waited: chance decides all of it, from the first time on. */
class BackoffTest {

  private static LongStream millis(int failures, Duration atLeast) {
    Random random = new Random(1);
    return LongStream.range(0, 10_000).map(i -> Backoff.draw(random, failures, atLeast).toMillis());
  }

  @Test
  void theFirstWaitIsAnywhereUpToASecond() {
    assertThat(millis(1, Duration.ZERO)).allMatch(wait -> wait >= 0 && wait <= 1000);
    assertThat(millis(1, Duration.ZERO).filter(wait -> wait < 100).count()).isBetween(800L, 1200L);
    assertThat(millis(1, Duration.ZERO).average().orElse(0)).isBetween(450.0, 550.0);
  }

  @Test
  void eachFailureDoublesItUpToAMinute() {
    assertThat(millis(3, Duration.ZERO).average().orElse(0)).isBetween(1800.0, 2200.0);
    assertThat(millis(50, Duration.ZERO).max().orElse(0)).isBetween(55_000L, 60_000L);
  }

  @Test
  void whatTheServerAsksForIsTheLeast() {
    assertThat(millis(1, Duration.ofSeconds(7))).allMatch(wait -> wait >= 7000 && wait <= 8000);
  }
}
