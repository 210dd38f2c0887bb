package dev.millrace.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Protocol section 6.3. */
class CursorTest {

  private static final Duration INTERVAL = Duration.ofSeconds(20);
  private static final Instant EPOCH = Instant.parse("2024-10-09T00:00:00Z");

  private final Random random = new Random(1);

  @Test
  void allWhoAskInTheSameIntervalGetTheSameCursor() {
    assertThat(Cursor.next("", EPOCH.plusSeconds(41), INTERVAL, random)).isEqualTo(60);
    assertThat(Cursor.next("40", EPOCH.plusSeconds(59), INTERVAL, random)).isEqualTo(60);
    assertThat(Cursor.next("no number", EPOCH.plusSeconds(60), INTERVAL, random)).isEqualTo(60);
  }

  // Protocol 6.3-1.
  @Test
  void whoHasTheCursorOfTheIntervalAlreadyGetsALaterOne() {
    assertThat(Cursor.next("60", EPOCH.plusSeconds(41), INTERVAL, random)).isBetween(61L, 3660L);
    assertThat(Cursor.next("900", EPOCH.plusSeconds(41), INTERVAL, random)).isBetween(901L, 4500L);
  }

  // Protocol 6.3-1.
  @Test
  void withoutWaitingTheCursorIsZero() {
    assertThat(Cursor.next("60", EPOCH.plusSeconds(41), Duration.ZERO, random)).isZero();
  }
}
