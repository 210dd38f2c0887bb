package dev.millrace.client.transport;

import java.time.Duration;
import java.util.Random;

/**
 * How long to wait after failures: a random time up to a second, doubled with each further failure,
 * up to a minute. All of it is random ("full jitter"), before the first retry too, so that devices
 * that lost a server together do not come back together.
 *
 * @see <a href="https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/">
 *     Exponential backoff and jitter</a>
 */
public final class Backoff {

  public static final Duration FIRST = Duration.ofSeconds(1);
  public static final Duration MOST = Duration.ofMinutes(1);
  private static final int MOST_DOUBLINGS = 10;

  private Backoff() {}

  /**
   * Draws a time.
   *
   * @param failures in a row, at least 1
   * @param atLeast comes on top; the whole is no less
   */
  public static Duration draw(Random random, int failures, Duration atLeast) {
    long limit = FIRST.toNanos() << Math.min(Math.max(failures, 1) - 1, MOST_DOUBLINGS);
    long bound = Math.min(limit, MOST.toNanos());
    return atLeast.plusNanos((long) (random.nextDouble() * bound));
  }
}
