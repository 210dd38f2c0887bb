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
 * One server that tells its audience one change after another, with the time and the processor time
 * that each took. The processor time is that from the trigger until a moment after the last client
 * had the change, so that asking again is in it, without what the server uses while nothing
 * happens. One thread.
 */
final class Broadcasts implements AutoCloseable {

  /** Until then all who poll have asked again. */
  private static final Duration SETTLE = Duration.ofMillis(200);

  private static final Duration IDLE = Duration.ofSeconds(1);

  private final JvmProcess process;
  private final Audience audience;
  private final LiveObjects before;
  private final double idleShare;
  private final List<Double> millis = new ArrayList<>();
  private double cpuSeconds;

  private Broadcasts(JvmProcess process, Audience audience, LiveObjects before, double idleShare) {
    this.process = process;
    this.audience = audience;
    this.before = before;
    this.idleShare = idleShare;
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
    Audience audience = gathering.gather();
    Thread.sleep(SETTLE);
    double cpuBefore = process.cpuSeconds();
    Stopwatch stopwatch = Stopwatch.start();
    Thread.sleep(IDLE);
    double share = (process.cpuSeconds() - cpuBefore) / stopwatch.seconds();
    return new Broadcasts(process, audience, before, share);
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
    double cpuBefore = process.cpuSeconds();
    Stopwatch whole = Stopwatch.start();
    long start = trigger.pull();
    millis.add((audience.awaitAll() - start) / 1e6);
    settle(row);
    cpuSeconds += process.cpuSeconds() - cpuBefore - idleShare * whole.seconds();
  }

  private void settle(long row) throws InterruptedException {
    Thread.sleep(SETTLE);
    if (!audience.hasHeardOnly(row)) {
      throw new BenchException("Not every client got row %d, once and alone.".formatted(row));
    }
  }

  Values millis() {
    return Values.of(millis);
  }

  /** What a broadcast costs, and a client that waits. */
  String costs() throws IOException, InterruptedException {
    double cpuMillis = cpuSeconds * 1e3 / millis.size();
    double heap = process.liveObjects().perThing(before, audience.size());
    return "%.0f ms CPU a broadcast (%.1f us a client), %s bytes of heap a client, %s MB resident"
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
