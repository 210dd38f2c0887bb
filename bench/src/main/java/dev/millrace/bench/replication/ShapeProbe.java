package dev.millrace.bench.replication;

import dev.millrace.bench.client.HttpConnection;
import dev.millrace.bench.client.ShapeAddress;
import dev.millrace.bench.client.ShapePosition;
import dev.millrace.bench.run.BenchException;
import dev.millrace.bench.run.Waiting;
import dev.millrace.protocol.Lsn;
import java.io.IOException;
import java.time.Duration;

/** Asks how far a shape has come. */
public record ShapeProbe(HttpConnection connection, ShapeAddress address) {
  private static final Duration INTERVAL = Duration.ofMillis(20);
  private static final Duration LIMIT = Duration.ofMinutes(5);

  /** The end of its log. */
  public ShapePosition position() throws IOException {
    return ShapePosition.now(connection, address);
  }

  /** Waits until its log has a change whose commit stands at the position or after it. */
  public void await(Lsn position) throws IOException {
    if (!Waiting.until(() -> hasReached(position), INTERVAL, LIMIT)) {
      throw new BenchException("The shape did not reach " + position + " in " + LIMIT + ".");
    }
  }

  private boolean hasReached(Lsn position) throws IOException {
    return new Lsn(position().offset().tx()).compareTo(position) >= 0;
  }
}
