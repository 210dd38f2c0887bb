package dev.millrace.bench.replication;

import dev.millrace.bench.client.LiveClient;
import dev.millrace.bench.client.LiveMode;
import dev.millrace.bench.client.RowSequence;
import dev.millrace.bench.client.ShapeAddress;
import dev.millrace.bench.client.ShapePosition;
import dev.millrace.bench.run.BenchException;
import dev.millrace.bench.run.Report;
import dev.millrace.bench.run.Values;
import dev.millrace.bench.run.Waiting;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Live clients of one shape, each of which must get every row exactly once and in order. */
final class Followers implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofMillis(2);

  /** A client that has not caught up so long after the shape has stalled. */
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final List<Follower> followers = new ArrayList<>();

  private record Follower(LiveClient client, RowSequence rows) {
    String label() {
      return client.mode().label();
    }
  }

  /** One for each mode. The shape has no rows yet. */
  static Followers start(int port, ShapeAddress address, ShapePosition start, List<LiveMode> modes)
      throws IOException {
    Followers all = new Followers();
    for (LiveMode mode : modes) {
      RowSequence rows = new RowSequence(0);
      LiveClient client = LiveClient.follow(port, address, mode, start, rows);
      all.followers.add(new Follower(client, rows));
    }
    return all;
  }

  boolean isAny() {
    return !followers.isEmpty();
  }

  /** Begins to look for stalls; to be called while nothing moves. */
  void startWatch() {
    followers.forEach(follower -> follower.rows().startWatch());
  }

  /** Waits until each has a row. */
  void await(long row) {
    for (Follower follower : followers) {
      boolean arrived = Waiting.until(() -> isThere(follower, row), INTERVAL, LIMIT);
      if (!arrived) {
        throw new BenchException(
            "The %s client stalled at row %,d of %,d."
                .formatted(follower.label(), follower.rows().last(), row));
      }
    }
  }

  private static boolean isThere(Follower follower, long row) {
    follower
        .client()
        .failure()
        .ifPresent(e -> {
          throw new BenchException("The " + follower.label() + " client failed: " + e, e);
        });
    return follower.rows().last() >= row;
  }

  /** When the last of them got its newest row. */
  long lastNanos() {
    return followers.stream()
        .mapToLong(follower -> follower.rows().lastNanos())
        .max()
        .orElseThrow();
  }

  /** The longest time that one of them was without a row, in milliseconds. */
  double longestGapMillis() {
    return followers.stream().mapToLong(f -> f.rows().longestGapNanos()).max().orElse(0) / 1e6;
  }

  /** What each has received by the end. */
  void report(Report report, long rows) {
    for (Follower follower : followers) {
      report.expect("rows received by " + follower.label(), rows, follower.rows().last());
      String faults =
          follower.rows().complaint().map(text -> "but " + text).orElse("each once, in order");
      report.note(
          follower.label() + " client",
          "%s rows in %s ended answers, %s"
              .formatted(
                  Values.whole(follower.rows().last()),
                  Values.whole(follower.client().answers()),
                  faults));
      follower.rows().complaint().ifPresent(text -> report.problem(follower.label() + ": " + text));
    }
  }

  @Override
  public void close() throws IOException {
    for (Follower follower : followers) {
      follower.client().close();
    }
  }
}
