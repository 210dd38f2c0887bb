package dev.millrace.client;

import dev.millrace.client.query.LiveQuery;
import dev.millrace.client.query.Query;
import dev.millrace.client.query.Question;
import dev.millrace.client.sqlite.SqliteException;
import dev.millrace.client.store.Entity;
import dev.millrace.client.store.ErrorCode;
import dev.millrace.client.store.FollowedStore;
import dev.millrace.client.store.Meta;
import dev.millrace.client.store.Row;
import dev.millrace.client.store.SyncClientException;
import dev.millrace.client.store.Tx;
import dev.millrace.client.transport.Scheduler;
import dev.millrace.client.transport.ThreadScheduler;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at a folder that a {@link SyncManager} in another process owns: reads the rows of whoever
 * is signed in there, pending changes on top, and tells live queries of what that process commits.
 * It writes nothing, and syncs nothing by itself.
 *
 * <p>The owner's tables are those of its entities; what this process knows beyond them cannot be
 * asked. May be used from any thread.
 */
public final class Follower implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Follower.class);

  /** How often it is looked for what was committed. */
  private static final Duration INTERVAL = Duration.ofMillis(100);

  private final Path folder;
  private final ClientSettings settings;
  private final Scheduler scheduler;
  private final FollowedStore device;
  private final List<LiveQuery<?>> liveQueries = new CopyOnWriteArrayList<>();
  private volatile FollowedStore store;

  private Follower(
      Path folder,
      ClientSettings settings,
      Scheduler scheduler,
      FollowedStore device,
      FollowedStore store) {
    this.folder = folder;
    this.settings = settings;
    this.scheduler = scheduler;
    this.device = device;
    this.store = store;
  }

  /**
   * Opens a folder to look at. Only the settings' entities and SQLite are used.
   *
   * @throws SyncClientException with {@link ErrorCode#STORE_FAILED} if nobody has opened it yet
   */
  public static Follower open(Path folder, ClientSettings settings) {
    return open(folder, settings, ThreadScheduler.named("millrace-follower"));
  }

  static Follower open(Path folder, ClientSettings settings, Scheduler scheduler) {
    FollowedStore device = FollowedStore.open(settings.sqlite(), Device.file(folder));
    try {
      FollowedStore store = FollowedStore.open(settings.sqlite(), current(device, folder));
      Follower follower = new Follower(folder, settings, scheduler, device, store);
      follower.lookLater();
      return follower;
    } catch (RuntimeException | Error e) {
      device.close();
      throw e;
    }
  }

  private static Path current(FollowedStore device, Path folder) {
    return device.read(tx ->
        Meta.get(tx, "user")
            .map(user -> Device.userFile(folder, user))
            .orElseGet(() -> Device.guestFile(folder, Meta.get(tx, "guest").orElse(""))));
  }

  private void lookLater() {
    scheduler.after(
        INTERVAL,
        () -> {
          look();
          lookLater();
        });
  }

  private void look() {
    try {
      Path due = current(device, folder);
      if (!due.equals(store.file())) {
        changeStore(due);
      }
      if (store.hasChanged()) {
        Set<String> all =
            settings.entities().stream().map(Entity::name).collect(Collectors.toSet());
        liveQueries.forEach(query -> query.touched(all));
      }
    } catch (SqliteException | SyncClientException e) {
      LOG.debug("looked in vain; looked again later", e);
    }
  }

  /** Somebody has signed in or out; the store of who is there now may be made a moment later. */
  private void changeStore(Path due) {
    FollowedStore before = store;
    store = FollowedStore.open(settings.sqlite(), due);
    liveQueries.forEach(LiveQuery::forget);
    before.close();
  }

  /** Reads from the store of now, and from the next one if that took its place meanwhile. */
  private <T> T read(Function<Tx, T> work) {
    FollowedStore now = store;
    try {
      return now.read(work);
    } catch (SqliteException | SyncClientException e) {
      if (store == now) {
        throw e;
      }
      return store.read(work);
    }
  }

  /** Who is signed in; empty for a guest. */
  public Optional<String> user() {
    return device.read(tx -> Meta.get(tx, "user"));
  }

  /** What is found now. */
  public List<Row> list(Question question) {
    return read(question::run);
  }

  /** How many rows a query finds. */
  public long count(Query query) {
    return read(query::count);
  }

  /** A question that is answered anew when the owner commits, each row made by {@code reader}. */
  public <T> LiveQuery<T> live(Question question, Function<Row, T> reader) {
    Set<String> entities = read(question::entities);
    LiveQuery<T> live =
        new LiveQuery<>(question, entities, reader, this::list, scheduler, liveQueries::remove);
    liveQueries.add(live);
    live.touched(entities);
    return live;
  }

  @Override
  public void close() {
    scheduler.close();
    store.close();
    device.close();
  }
}
