package dev.millrace.bench.fanout;

import dev.millrace.bench.crowd.Audience;
import dev.millrace.bench.run.BenchException;
import dev.millrace.bench.run.JvmProcess;
import dev.millrace.bench.run.LiveObjects;
import dev.millrace.bench.run.Stopwatch;
import dev.millrace.bench.run.Values;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One server that tells its audience one change after another, with the time that each took, and
 * the processor time of its event loops from the trigger until the server has come to rest, so that
 * asking again is in it. What is the same for any audience, such as reading the change from
 * Postgres, is not. One thread.
 */
final class Broadcasts implements AutoCloseable {

  /** A server is at rest when it has used no more than this much of a core in two looks. */
  private static final double REST = 0.25;

  private static final Duration LOOK = Duration.ofMillis(100);
  private static final int LOOKS = 100;

  /** How the names of the event loops begin, in the bare server too. */
  private static final String LOOPS = "http-";

  private final JvmProcess process;
  private final Audience audience;
  private final LiveObjects before;
  private final List<Double> millis = new ArrayList<>();
  private double cpuSeconds;

  private Broadcasts(JvmProcess process, Audience audience, LiveObjects before) {
    this.process = process;
    this.audience = audience;
    this.before = before;
  }

  /** What sets a broadcast off. */
  @FunctionalInterface
  interface Trigger<T> {
    T pull() throws IOException, SQLException;
  }

  /** Brings an audience before a server. */
  @FunctionalInterface
  interface Gathering {
    Audience gather() throws IOException, InterruptedException;
  }

  static Broadcasts prepare(JvmProcess process, Gathering gathering)
      throws IOException, InterruptedException {
    LiveObjects before = process.liveObjects();
    return new Broadcasts(process, gathering.gather(), before);
  }

  int clients() {
    return audience.size();
  }

  /** Brings that row to all, and does not count; returns what the trigger gives. */
  <T> T rehearse(Trigger<T> trigger, long row)
      throws IOException, SQLException, InterruptedException {
    audience.listen();
    T result = trigger.pull();
    audience.awaitAll();
    settle(row);
    return result;
  }

  /** Brings that row to all; the trigger says when it was pulled, by {@link System#nanoTime}. */
  void tell(Trigger<Long> trigger, long row)
      throws IOException, SQLException, InterruptedException {
    audience.listen();
    double cpuBefore = process.cpuSeconds(LOOPS);
    long start = trigger.pull();
    millis.add((audience.awaitAll() - start) / 1e6);
    settle(row);
    cpuSeconds += process.cpuSeconds(LOOPS) - cpuBefore;
  }

  private void settle(long row) throws InterruptedException {
    int quiet = 0;
    for (int look = 0; look < LOOKS && quiet < 2; look++) {
      quiet = cpuShare() <= REST ? quiet + 1 : 0;
    }
    if (!audience.hasHeardOnly(row)) {
      throw new BenchException("Not every client got row %d, once and alone.".formatted(row));
    }
  }

  /** Of one core. */
  private double cpuShare() throws InterruptedException {
    double cpuBefore = process.cpuSeconds();
    Stopwatch stopwatch = Stopwatch.start();
    Thread.sleep(LOOK);
    return (process.cpuSeconds() - cpuBefore) / stopwatch.seconds();
  }

  Values millis() {
    return Values.of(millis);
  }

  /** What a broadcast costs, and a client that waits. */
  String costs() throws IOException, InterruptedException {
    double cpuMillis = cpuSeconds * 1e3 / millis.size();
    double heap = process.liveObjects().perThing(before, audience.size());
    return "%.1f ms CPU a broadcast (%.1f us a client), %s bytes of heap a client, %s MB resident"
        .formatted(
            cpuMillis,
            cpuMillis * 1e3 / audience.size(),
            Values.whole(heap),
            Values.whole(process.residentBytes() / 1e6));
  }

  @Override
  public void close() throws IOException {
    audience.close();
  }
}
