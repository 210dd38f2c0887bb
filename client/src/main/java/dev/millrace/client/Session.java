package dev.millrace.client;

import dev.millrace.client.sqlite.SqliteException;
import dev.millrace.client.store.Entity;
import dev.millrace.client.store.ErrorCode;
import dev.millrace.client.store.Store;
import dev.millrace.client.store.SyncClientException;
import dev.millrace.client.store.SyncedTable;
import dev.millrace.client.stream.ShapeStream;
import dev.millrace.client.stream.StreamStatus;
import dev.millrace.client.transport.Backoff;
import dev.millrace.client.transport.Scheduler;
import dev.millrace.client.transport.World;
import dev.millrace.client.writebuffer.UploadStatus;
import dev.millrace.client.writebuffer.Uploader;
import dev.millrace.client.writebuffer.WriteBuffer;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One user's, or the guest's, time on the device: a store, and for a user with a way to the server
 * the streams into it and the writes out of it. Streams and uploader are touched on the scheduler
 * alone.
 */
final class Session {

  private static final Logger LOG = LoggerFactory.getLogger(Session.class);

  private final Optional<String> user;
  private final String owner;
  private final Store store;
  private final WriteBuffer buffer;
  private final Runnable onStatus;
  private final Map<String, ShapeStream> streams = new LinkedHashMap<>();
  private final Set<String> ready = new HashSet<>();
  private Optional<Uploader> uploader = Optional.empty();
  private Scheduler.Timer retry = () -> {};

  /** Why it cannot begin to sync. */
  private volatile Optional<String> problem = Optional.empty();

  /**
   * Makes one that syncs nothing yet.
   *
   * @param owner what new rows have as their owner: the user's id, or the guest's
   */
  Session(Optional<String> user, String owner, Store store, WriteBuffer buffer, Runnable onStatus) {
    this.user = user;
    this.owner = owner;
    this.store = store;
    this.buffer = buffer;
    this.onStatus = onStatus;
  }

  Optional<String> user() {
    return user;
  }

  String owner() {
    return owner;
  }

  Store store() {
    return store;
  }

  WriteBuffer buffer() {
    return buffer;
  }

  /** Begins to sync, again and again until the disk lets it; on the scheduler. */
  void connect(World world, ClientSettings settings, String clientId) {
    connect(world, settings, clientId, 1);
  }

  private void connect(World world, ClientSettings settings, String clientId, int attempt) {
    try {
      begin(world, settings, clientId);
    } catch (SqliteException | SyncClientException e) {
      disconnect();
      if (e instanceof SyncClientException failure && failure.code() == ErrorCode.CLOSED) {
        return; // Somebody was quicker.
      }
      LOG.warn("syncing cannot begin; it is tried again", e);
      problem = Optional.of("the device's store: " + e.getMessage());
      retry =
          world
              .scheduler()
              .after(
                  Backoff.draw(world.random(), attempt, Duration.ZERO),
                  () -> connect(world, settings, clientId, attempt + 1));
      onStatus.run();
    }
  }

  private void begin(World world, ClientSettings settings, String clientId) {
    disconnect();
    Map<String, ShapeStream> made = new LinkedHashMap<>();
    for (Entity entity : store.entities()) {
      SyncedTable table = new SyncedTable(store, entity);
      if (table.shown().wasUpToDate()) {
        ready.add(entity.name());
      }
      made.put(
          entity.name(),
          new ShapeStream(
              world, settings.server(), entity, table, settings.mayStream(), this::heard));
    }
    Cleanup cleanup = new Cleanup(world.scheduler(), made);
    Uploader sender =
        new Uploader(
            world,
            new Uploader.Settings(
                settings.server(),
                clientId,
                settings.schemaVersion(),
                settings.limits(),
                settings.flushInterval()),
            buffer,
            new Uploader.Listener() {
              @Override
              public void onStatus(UploadStatus status) {
                onStatus.run();
              }

              @Override
              public void onApplied(Set<String> entities) {
                cleanup.expect(entities);
              }
            });
    synchronized (streams) {
      streams.putAll(made);
      uploader = Optional.of(sender);
    }
    startNext();
    sender.start();
    // What was applied before the last end and not shown is awaited still.
    cleanup.expect(made.keySet());
  }

  /** Streams of the lowest priority first; the next when those have been up to date once. */
  private void startNext() {
    OptionalInt first =
        store.entities().stream()
            .filter(entity -> !ready.contains(entity.name()))
            .mapToInt(Entity::priority)
            .min();
    List<Entity> due =
        store.entities().stream()
            .filter(entity -> first.isEmpty() || entity.priority() <= first.getAsInt())
            .sorted(Comparator.comparingInt(Entity::priority))
            .toList();
    due.forEach(entity -> stream(entity.name()).ifPresent(ShapeStream::start));
  }

  private Optional<ShapeStream> stream(String entity) {
    synchronized (streams) {
      return Optional.ofNullable(streams.get(entity));
    }
  }

  private void heard(StreamStatus status) {
    boolean isSettled =
        switch (status.phase()) {
          case LIVE, REFUSED -> true;
          case STOPPED, CATCHING_UP, OFFLINE, NEEDS_AUTH -> false;
        };
    if (isSettled && ready.add(status.entity())) {
      startNext();
    }
    onStatus.run();
  }

  /** Gives up what is under way; on the scheduler. */
  void disconnect() {
    retry.cancel();
    problem = Optional.empty();
    List<ShapeStream> stopped;
    Optional<Uploader> last;
    synchronized (streams) {
      stopped = List.copyOf(streams.values());
      last = uploader;
      streams.clear();
      uploader = Optional.empty();
    }
    stopped.forEach(ShapeStream::stop);
    last.ifPresent(Uploader::stop);
  }

  /** Sends what is there; on the scheduler. */
  void flush() {
    last().ifPresent(Uploader::flush);
  }

  /** The network is back; on the scheduler. */
  void reconnect() {
    all().forEach(ShapeStream::reconnect);
    last().ifPresent(Uploader::reconnect);
  }

  /** Looks for what an entity's stream has not shown; on the scheduler. */
  void nudge(Entity entity) {
    stream(entity.name()).ifPresent(ShapeStream::nudge);
  }

  private List<ShapeStream> all() {
    synchronized (streams) {
      return List.copyOf(streams.values());
    }
  }

  private Optional<Uploader> last() {
    synchronized (streams) {
      return uploader;
    }
  }

  /** May be called from any thread. */
  SyncStatus status() {
    UploadStatus none = new UploadStatus(UploadStatus.Phase.STOPPED, problem, Optional.empty());
    return new SyncStatus(
        user,
        all().stream().map(ShapeStream::status).toList(),
        last().map(Uploader::status).orElse(none),
        buffer.stats());
  }
}
