package dev.millrace.server.http;

import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;

/**
 * The {@code electric-cursor} of live answers: the same number for all who ask in the same
 * interval, so that a cache may send one request for all of them (protocol section 6.3).
 */
final class Cursor {

  private static final long EPOCH_SECONDS = Instant.parse("2024-10-09T00:00:00Z").getEpochSecond();
  private static final int MAX_SKIP_SECONDS = 3600;

  private Cursor() {}

  /**
   * The cursor after {@code previous}.
   *
   * @param previous what the client sent; anything that is no number counts as 0
   */
  static long next(String previous, Instant now, Duration longPoll, RandomGenerator random) {
    long interval = longPoll.toSeconds();
    if (interval == 0) {
      return 0;
    }
    long seconds = now.getEpochSecond() - EPOCH_SECONDS;
    long next = Math.ceilDiv(seconds, interval) * interval;
    long last = number(previous);
    return next > last ? next : last + 1 + random.nextInt(MAX_SKIP_SECONDS);
  }

  private static long number(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
