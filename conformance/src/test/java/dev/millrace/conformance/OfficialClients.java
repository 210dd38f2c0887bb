package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.Follower.Live;
import java.io.IOException;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** A few of the official client among the oracle's, each following one shape. One thread. */
final class OfficialClients implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int COUNT = 2;

  private final URI server;
  private final List<Following> all = new ArrayList<>();

  /** A client and what it follows. */
  private record Following(FollowedShape shape, Follower follower) {
    boolean hasFailed() {
      return follower.events().stream().anyMatch(FollowEvent.Failed.class::isInstance);
    }
  }

  /** Reads what a client should have. */
  @FunctionalInterface
  interface Truth {
    List<Row> rowsOf(FollowedShape shape) throws SQLException;
  }

  OfficialClients(URI server) {
    this.server = server;
  }

  /** Begins new ones where some are missing; now and then one goes. */
  void renew(Random random, List<OracleTable> tables) throws IOException {
    if (!all.isEmpty() && random.nextInt(6) == 0) {
      remove(all.getFirst());
    }
    while (all.size() < COUNT) {
      FollowedShape shape = FollowedShape.random(random, tables);
      if (!shape.isChangesOnly() && isPlain(shape)) {
        Live live = random.nextBoolean() ? Live.SSE : Live.LONG_POLL;
        all.add(new Following(shape, start(shape, live)));
      }
    }
  }

  /** Whether its names survive a command line. */
  private static boolean isPlain(FollowedShape shape) {
    String names = shape.table().quoted() + String.join("", shape.columns());
    return names.chars().allMatch(c -> c < 128 && c != ',');
  }

  private Follower start(FollowedShape shape, Live live) throws IOException {
    List<String> options =
        new ArrayList<>(List.of("--replica", shape.isFull() ? "full" : "default"));
    if (!shape.columns().isEmpty()) {
      options.addAll(List.of("--columns", String.join(",", shape.columns())));
    }
    if (shape.filter().isPresent()) {
      OracleFilter filter = shape.filter().get();
      options.addAll(List.of("--where", filter.text()));
      filter.parameters().forEach(value -> options.add("--param=" + value));
    }
    return Follower.start(server, shape.table().quoted(), live, options.toArray(String[]::new));
  }

  private void remove(Following following) throws IOException {
    following.follower().close();
    all.remove(following);
  }

  /** Lets go of those whose shape cannot be had any more. */
  void dismiss(List<OracleTable> tables, Predicate<FollowedShape> mayFail) throws IOException {
    for (Following following : List.copyOf(all)) {
      boolean isGone = tables.stream().noneMatch(following.shape()::fits);
      if (isGone || (following.hasFailed() && mayFail.test(following.shape()))) {
        remove(following);
      }
    }
  }

  /** Waits until each has the rows that it should have. */
  void assertConverge(Truth truth) throws IOException, SQLException {
    for (Following following : all) {
      List<Row> expected = truth.rowsOf(following.shape());
      try {
        Awaitility.await()
            .atMost(PATIENCE)
            .pollInterval(Duration.ofMillis(50))
            .until(() -> following.follower().rows().equals(expected));
      } catch (ConditionTimeoutException e) {
        throw new AssertionError(late(following, expected), e);
      }
      following.follower().assertEachOperationCameOnce();
      assertThat(following.hasFailed()).isFalse();
    }
  }

  private static String late(Following following, List<Row> expected) throws IOException {
    List<Row> found = following.follower().rows();
    List<Row> missing = expected.stream().filter(row -> !found.contains(row)).limit(5).toList();
    List<Row> beside = found.stream().filter(row -> !expected.contains(row)).limit(5).toList();
    return "The official client on %s has %s, and has not %s.%s"
        .formatted(following.shape(), beside, missing, following.follower().lastWords());
  }

  @Override
  public void close() throws IOException {
    for (Following following : all) {
      following.follower().close();
    }
  }
}
