package dev.millrace.client;

import dev.millrace.client.sqlite.SqliteException;
import dev.millrace.client.store.SyncClientException;
import dev.millrace.client.stream.ShapeStream;
import dev.millrace.client.transport.Scheduler;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Sees to it that writes the server has applied are shown by their streams soon. Mostly they come
 * by themselves, and the overlay's change goes with them; one that leaves no row in the shape shows
 * only in how far the stream has come, and for that it is asked after a second, then less and less
 * often. Off the way of writes: none waits for it. On the scheduler.
 */
final class Cleanup {

  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration MOST = Duration.ofSeconds(10);

  private final Scheduler scheduler;
  private final Map<String, ShapeStream> streams;
  private final Set<String> watched = new HashSet<>();

  Cleanup(Scheduler scheduler, Map<String, ShapeStream> streams) {
    this.scheduler = scheduler;
    this.streams = streams;
  }

  /** Changes of these entities wait to be shown. */
  void expect(Set<String> entities) {
    entities.forEach(entity -> {
      if (streams.containsKey(entity) && watched.add(entity)) {
        look(entity, FIRST);
      }
    });
  }

  private void look(String entity, Duration delay) {
    scheduler.after(
        delay,
        () -> {
          ShapeStream stream = streams.get(entity);
          if (stream == null || !isAwaited(stream)) {
            watched.remove(entity);
            return;
          }
          stream.nudge();
          Duration next = delay.multipliedBy(2);
          look(entity, next.compareTo(MOST) > 0 ? MOST : next);
        });
  }

  private static boolean isAwaited(ShapeStream stream) {
    try {
      return stream.table().awaited() > 0;
    } catch (SyncClientException closed) {
      return false;
    } catch (SqliteException e) {
      return true; // Looked at again later.
    }
  }
}
