package dev.millrace.bench.crowd;

import dev.millrace.bench.client.LiveMode;
import dev.millrace.bench.client.ShapeAddress;
import dev.millrace.bench.client.ShapePosition;
import java.io.IOException;
import java.util.Set;

/** A crowd that follows one shape at one server, all in the same mode. One thread. */
public final class Audience implements AutoCloseable {

  /** So many connect at once, so that none is turned away. */
  private static final int WAVE = 250;

  private final Crowd crowd;
  private final Attendance informed;
  private final int size;

  private Audience(Crowd crowd, Attendance informed, int size) {
    this.crowd = crowd;
    this.informed = informed;
    this.size = size;
  }

  /** Where an audience finds its shape. */
  public record Place(int port, ShapeAddress address, ShapePosition start) {}

  /** Returns when each of them waits for changes, or has just asked to. */
  public static Audience gather(Place place, LiveMode mode, int size)
      throws IOException, InterruptedException {
    Crowd crowd = Crowd.gather();
    Attendance joined = new Attendance(crowd);
    Audience audience = new Audience(crowd, new Attendance(crowd), size);
    try {
      while (crowd.size() < size) {
        int before = crowd.size();
        for (int i = before; i < Math.min(size, before + WAVE); i++) {
          Errand errand =
              new Follower(place.address(), mode, place.start(), joined, audience.informed);
          crowd.add(place.port(), errand);
        }
        crowd.begin(before);
        joined.await(crowd.size());
      }
      return audience;
    } catch (IOException | InterruptedException | RuntimeException e) {
      audience.close();
      throw e;
    }
  }

  public int size() {
    return size;
  }

  /** The next change is awaited. */
  public void listen() {
    informed.reset();
  }

  /**
   * Waits until all have the change.
   *
   * @return when the last of them had it, by {@link System#nanoTime}
   */
  public long awaitAll() throws InterruptedException {
    return informed.await(size);
  }

  /** Whether each has got that row since {@link #listen}, once, and none has got another. */
  public boolean hasHeardOnly(long row) {
    return informed.arrived() == size && informed.numbers().equals(Set.of(row));
  }

  @Override
  public void close() throws IOException {
    crowd.close();
  }
}
