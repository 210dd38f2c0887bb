package dev.millrace.client;

import dev.millrace.client.query.LiveQuery;
import dev.millrace.client.query.Query;
import dev.millrace.client.query.Question;
import dev.millrace.client.store.DeviceColumns;
import dev.millrace.client.store.Durability;
import dev.millrace.client.store.Entity;
import dev.millrace.client.store.ErrorCode;
import dev.millrace.client.store.LocalChange;
import dev.millrace.client.store.Overlay;
import dev.millrace.client.store.Row;
import dev.millrace.client.store.Store;
import dev.millrace.client.store.SyncClientException;
import dev.millrace.client.store.Tx;
import dev.millrace.client.transport.Scheduler;
import dev.millrace.client.transport.ThreadScheduler;
import dev.millrace.client.transport.Transport;
import dev.millrace.client.transport.World;
import dev.millrace.client.writebuffer.WriteBuffer;
import dev.millrace.client.writebuffer.WriteHandle;
import dev.millrace.protocol.WriteChange;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one owner of a folder on the device: its stores, its streams and its writes. Guest at first,
 * and again after a sign-out; who was signed in when it was closed is signed in when it is opened,
 * with or without network.
 *
 * <p>May be used from any thread. {@link #signIn}, {@link #signOut} and {@link #close} wait for
 * calls that are under way. Syncing runs on daemon threads of its own and throws nothing into those
 * of the application.
 */
public final class SyncManager implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(SyncManager.class);

  /** What a server takes at once. */
  private static final int MOST_TOGETHER = 1000;

  /**
   * Where it runs.
   *
   * @param sync runs all that follows the server
   * @param live runs live queries and listeners
   * @param tokens asks for tokens: of each session one call at a time, which may block
   * @param isDurable whether a power cut is to be survived
   */
  record Environment(
      Scheduler sync,
      Scheduler live,
      Executor tokens,
      Transport transport,
      InstantSource clock,
      LongSupplier nanos,
      Random random,
      Supplier<String> ids,
      boolean isDurable) {}

  private final ClientSettings settings;
  private final Environment environment;
  private final Device device;
  private final Path folder;
  private final Runnable onClosed;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private final List<LiveQuery<?>> liveQueries = new CopyOnWriteArrayList<>();
  private final AtomicBoolean isStatusDue = new AtomicBoolean();
  private @Nullable Session current;
  private Optional<TokenSupplier> tokenSupplier = Optional.empty();
  private Optional<Tokens> tokens = Optional.empty();

  private SyncManager(
      Path folder,
      ClientSettings settings,
      Environment environment,
      Device device,
      Runnable onClosed) {
    this.folder = folder;
    this.settings = settings;
    this.environment = environment;
    this.device = device;
    this.onClosed = onClosed;
  }

  /**
   * Opens the folder, made if it is absent, and shows what is in it. A user who was signed in is so
   * again; nothing is synced before {@link #signIn} has said where tokens come from.
   *
   * @throws SyncClientException with {@link ErrorCode#STORE_IN_USE} if another process has it, with
   *     {@link ErrorCode#STORE_TOO_NEW} if a newer version has written it
   * @throws dev.millrace.client.sqlite.SqliteException if the disk refuses
   */
  public static SyncManager open(Path folder, ClientSettings settings) {
    FolderLock taken = FolderLock.take(folder);
    Random random = new Random();
    ThreadScheduler sync = ThreadScheduler.named("millrace-sync");
    ThreadScheduler live = ThreadScheduler.named("millrace-live");
    Environment environment =
        new Environment(
            sync,
            live,
            SyncManager::startAsking,
            settings.transport().get(),
            InstantSource.system(),
            System::nanoTime,
            random,
            () -> UUID.randomUUID().toString(),
            true);
    Runnable onClosed =
        () -> {
          sync.close();
          environment.transport().close();
          live.close();
          taken.close();
        };
    try {
      return open(folder, settings, environment, onClosed);
    } catch (RuntimeException e) {
      onClosed.run();
      throw e;
    }
  }

  /**
   * On a thread for each call, since one that blocks must not keep another session from its own.
   */
  private static void startAsking(Runnable call) {
    Thread thread = new Thread(call, "millrace-tokens");
    thread.setDaemon(true);
    thread.start();
  }

  /** The same without a lock, wherever it shall run. */
  static SyncManager open(
      Path folder, ClientSettings settings, Environment environment, Runnable onClosed) {
    Device device =
        Device.open(folder, settings.sqlite(), environment.ids(), environment.isDurable());
    try {
      SyncManager manager = new SyncManager(folder, settings, environment, device, onClosed);
      manager.adoptAfterCrash();
      manager.current = manager.session(device.user());
      return manager;
    } catch (RuntimeException | Error e) {
      device.close();
      throw e;
    }
  }

  /** Goes on with an adoption, unless somebody else has been signed in since. */
  private void adoptAfterCrash() {
    Optional<String> adopter = device.adopter();
    if (adopter.isEmpty()) {
      return;
    }
    if (device.user().filter(user -> !user.equals(adopter.get())).isPresent()) {
      device.endAdoption();
    } else {
      adopt(adopter.get());
    }
  }

  private Session session(Optional<String> user) {
    String owner = user.orElseGet(device::guestId);
    Path file = user.map(device::userFile).orElseGet(device::guestFile);
    Store store = openStore(file);
    store.onChange(this::touched);
    WriteBuffer buffer = buffer(store);
    return new Session(user, owner, store, buffer, this::statusChanged);
  }

  private Store openStore(Path file) {
    return Store.open(settings.sqlite(), file, settings.entities(), environment.isDurable());
  }

  private WriteBuffer buffer(Store store) {
    return new WriteBuffer(store, environment.clock(), environment.ids());
  }

  private void touched(Set<String> entities) {
    liveQueries.forEach(query -> query.touched(entities));
    environment.live().execute(() -> entities.forEach(settings.listener()::onTouched));
    statusChanged();
  }

  /** Told once for several changes in a row. */
  private void statusChanged() {
    if (settings.listener().equals(SyncListener.none())) {
      return; // Counting what waits would be for nothing.
    }
    if (isStatusDue.compareAndSet(false, true)) {
      environment
          .live()
          .execute(() -> {
            isStatusDue.set(false);
            try {
              settings.listener().onStatus(status());
            } catch (SyncClientException closed) {
              LOG.debug("no status of what is closed", closed);
            }
          });
    }
  }

  /** Does something with the session of now, which stays until it is done. */
  private <T> T with(Function<Session, T> work) {
    lock.readLock().lock();
    try {
      if (current == null) {
        throw new SyncClientException(ErrorCode.CLOSED, "the SyncManager is closed");
      }
      return work.apply(current);
    } finally {
      lock.readLock().unlock();
    }
  }

  /** For whoever looks closer than an application may. */
  Session sessionOfNow() {
    return with(session -> session);
  }

  /** The rows of an entity that the settings have. */
  public Rows rows(Entity entity) {
    if (!settings.entities().contains(entity)) {
      throw new IllegalArgumentException("not an entity of the settings: " + entity.name());
    }
    return new Rows(this, entity);
  }

  WriteHandle write(
      Entity entity, WriteChange.Op op, Map<String, ? extends @Nullable Object> values) {
    return with(session ->
        session
            .store()
            .write(
                Durability.FULL, tx -> write(session, tx, entity, op, values, Optional.empty())));
  }

  private WriteHandle write(
      Session session,
      Tx tx,
      Entity entity,
      WriteChange.Op op,
      Map<String, ? extends @Nullable Object> values,
      Optional<String> group) {
    Map<String, @Nullable Object> all = new LinkedHashMap<>(values);
    if (op == WriteChange.Op.INSERT) {
      entity.owner().ifPresent(column -> own(session, entity, column, all));
    }
    Map<String, @Nullable Object> local = DeviceColumns.take(entity, all);
    LocalChange change = LocalChange.of(entity, op, all);
    DeviceColumns.put(tx, entity, change.key(), local);
    boolean isAllLocal =
        op == WriteChange.Op.UPDATE && !local.isEmpty() && entity.key().containsAll(all.keySet());
    if (isAllLocal) {
      return session.buffer().unsent();
    }
    return session.buffer().enqueue(tx, change, group, session.user().isPresent());
  }

  private static void own(
      Session session, Entity entity, String column, Map<String, @Nullable Object> values) {
    if (values.get(column) != null) {
      return;
    }
    values.remove(column);
    if (GuestMove.isOwner(entity, column, session.owner())) {
      Object stored = session.owner();
      values.put(column, entity.column(column).orElseThrow().type().load(stored));
    }
  }

  /** Writes that belong together. */
  public interface Together {

    WriteHandle create(Entity entity, Map<String, ? extends @Nullable Object> values);

    WriteHandle update(Entity entity, Map<String, ? extends @Nullable Object> values);

    WriteHandle delete(Entity entity, Map<String, ? extends @Nullable Object> key);
  }

  /**
   * Makes several writes at once: all are on the disk and shown when this returns, and the server
   * applies all of them or none.
   *
   * @param work makes the writes; if it throws, none is made
   * @throws IllegalArgumentException if they are more than 1000
   */
  public <T> T together(Function<Together, T> work) {
    return with(session ->
        session
            .store()
            .write(
                Durability.FULL,
                tx -> {
                  Optional<String> group = Optional.of(environment.ids().get());
                  return work.apply(
                      new Together() {
                        private int writes;

                        private WriteHandle add(
                            Entity entity,
                            WriteChange.Op op,
                            Map<String, ? extends @Nullable Object> values) {
                          if (++writes > MOST_TOGETHER) {
                            throw new IllegalArgumentException(
                                "more than %d writes cannot belong together"
                                    .formatted(MOST_TOGETHER));
                          }
                          return write(session, tx, entity, op, values, group);
                        }

                        @Override
                        public WriteHandle create(
                            Entity entity, Map<String, ? extends @Nullable Object> values) {
                          return add(entity, WriteChange.Op.INSERT, values);
                        }

                        @Override
                        public WriteHandle update(
                            Entity entity, Map<String, ? extends @Nullable Object> values) {
                          return add(entity, WriteChange.Op.UPDATE, values);
                        }

                        @Override
                        public WriteHandle delete(
                            Entity entity, Map<String, ? extends @Nullable Object> key) {
                          return add(entity, WriteChange.Op.DELETE, key);
                        }
                      });
                }));
  }

  List<Row> run(Question question) {
    return with(session -> session.store().read(question::run));
  }

  /** How many rows a query finds. */
  public long count(Query query) {
    return with(session -> session.store().read(query::count));
  }

  /**
   * Reads by plain SQL, over a view for each entity, called as the entity is. Values are as stored:
   * {@code Long}, {@code Double}, {@code String} or null ({@link
   * dev.millrace.client.store.ColumnType}).
   *
   * @return each row by its columns' places
   * @throws dev.millrace.client.sqlite.SqliteException if SQLite refuses
   */
  public List<List<@Nullable Object>> sql(String sql, int columns, @Nullable Object... values) {
    return with(session ->
        session
            .store()
            .read(tx ->
                tx.query(
                    sql,
                    java.util.Arrays.asList(values),
                    row -> {
                      List<@Nullable Object> all = new java.util.ArrayList<>();
                      for (int i = 0; i < columns; i++) {
                        all.add(row.value(i));
                      }
                      return all;
                    })));
  }

  /** A question that is answered anew when its rows change, each made by {@code reader}. */
  public <T> LiveQuery<T> live(Question question, Function<Row, T> reader) {
    Session session = sessionOfNow();
    Set<String> entities = with(now -> now.store().read(question::entities));
    LiveQuery<T> live =
        new LiveQuery<>(
            question, entities, reader, this::run, environment.live(), liveQueries::remove);
    liveQueries.add(live);
    if (sessionOfNow() == session) {
      // What was committed between its first look and now.
      live.touched(entities);
    } else {
      live.forget(); // Somebody was quicker, and it may have looked before that.
    }
    return live;
  }

  /**
   * Signs a user in, or tells where the tokens of who is signed in come from: asks the supplier for
   * one on this thread to learn who it is.
   *
   * @throws SyncClientException with {@link ErrorCode#NO_USER} if there is no token, or none with a
   *     {@code sub}; nothing has changed then
   */
  public void signIn(TokenSupplier tokens, GuestData guestData) {
    Optional<String> user;
    try {
      user = tokens.token(false).flatMap(Tokens::subject);
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw new SyncClientException(ErrorCode.NO_USER, "no token is to be had", e);
    }
    if (user.isEmpty()) {
      throw new SyncClientException(ErrorCode.NO_USER, "the token names no user");
    }
    signIn(user.get(), tokens, guestData);
  }

  /**
   * The same for a user who is known, such as one who was signed in before; needs no network.
   * Tokens of another user are refused.
   *
   * @param user the {@code sub} of the tokens
   */
  public void signIn(String user, TokenSupplier tokens, GuestData guestData) {
    change(session -> {
      if (session.user().equals(Optional.of(user))) {
        tokenSupplier = Optional.of(tokens);
        return session;
      }
      end(session);
      if (session.user().isEmpty()) {
        moveGuest(user, guestData);
      }
      device.signedIn(user);
      Session signedIn = session(Optional.of(user));
      tokenSupplier = Optional.of(tokens);
      return signedIn;
    });
  }

  private void moveGuest(String user, GuestData guestData) {
    switch (guestData) {
      case ADOPT -> {
        device.beginAdoption(user);
        try {
          adopt(user);
        } catch (RuntimeException e) {
          giveUpAdoption(e);
          throw e;
        }
      }
      // It stays where it is.
      case KEEP_SEPARATE -> device.endAdoption();
      case DISCARD -> {
        device.endAdoption();
        Path file = device.guestFile();
        Path export = folder.resolve("guest-" + device.guestId() + ".jsonl");
        try (Store guests = openStore(file)) {
          GuestMove.export(guests, export);
        }
        device.forgetGuest();
        Device.delete(file);
      }
    }
  }

  /** The guest goes on; what has been adopted already is not adopted again. */
  private void giveUpAdoption(RuntimeException cause) {
    try {
      if (device.user().isEmpty()) {
        device.endAdoption();
      }
    } catch (RuntimeException e) {
      cause.addSuppressed(e); // The next sign-in settles it.
    }
  }

  /** Also after a crash in the middle of it: each step may be done again. */
  private void adopt(String user) {
    Path file = device.guestFile();
    if (Files.exists(file)) {
      try (Store guests = openStore(file);
          Store users = openStore(device.userFile(user))) {
        GuestMove.adopt(guests, device.guestId(), users, user, buffer(users));
      }
    }
    device.signedIn(user);
    device.forgetGuest();
    Device.delete(file);
  }

  /** Signs the user out; what waits to be sent waits for the next sign-in of the same user. */
  public void signOut() {
    change(session -> {
      if (session.user().isEmpty()) {
        return session;
      }
      end(session);
      device.signedOut();
      tokenSupplier = Optional.empty();
      return session(Optional.empty());
    });
  }

  /** Puts another session in the place of the one of now, when nobody uses it. */
  private void change(Function<Session, Session> step) {
    lock.writeLock().lock();
    try {
      if (current == null) {
        throw new SyncClientException(ErrorCode.CLOSED, "the SyncManager is closed");
      }
      Session next;
      try {
        next = step.apply(current);
      } catch (RuntimeException e) {
        LOG.warn("who is signed in could not be changed", e);
        if (isEnded) {
          liveQueries.forEach(LiveQuery::forget);
          next = session(device.user());
          adopted(next);
        }
        throw e;
      }
      if (isEnded) {
        liveQueries.forEach(LiveQuery::forget);
      }
      adopted(next);
    } finally {
      lock.writeLock().unlock();
    }
    Set<String> all = Set.copyOf(settings.entities().stream().map(Entity::name).toList());
    touched(all);
  }

  private boolean isEnded;

  private void adopted(Session next) {
    isEnded = false;
    current = next;
    tokens.ifPresent(Tokens::giveUp);
    tokens = Optional.empty();
    Optional<TokenSupplier> supplier = tokenSupplier;
    if (next.user().isPresent() && supplier.isPresent()) {
      String user = next.user().get();
      Tokens asked = new Tokens(supplier.get(), user, environment.tokens(), environment.sync());
      tokens = Optional.of(asked);
      World world =
          new World(
              environment.sync(),
              environment.transport(),
              environment.clock(),
              environment.nanos(),
              environment.random(),
              asked);
      String clientId = device.clientId();
      environment.sync().execute(() -> next.connect(world, settings, clientId));
    }
  }

  /** Ends a session; its store closes after what the scheduler does with it. */
  private void end(Session session) {
    isEnded = true;
    tokens.ifPresent(Tokens::giveUp);
    session.store().close();
    environment.sync().execute(session::disconnect);
  }

  /** Who is signed in; empty for a guest. */
  public Optional<String> user() {
    return with(Session::user);
  }

  /** Sends what waits, without waiting for more. */
  public void flush() {
    with(session -> {
      environment.sync().execute(session::flush);
      return true;
    });
  }

  /** The network is back: tries at once what else would wait. */
  public void reconnect() {
    with(session -> {
      environment.sync().execute(session::reconnect);
      return true;
    });
  }

  /** How many of the user's changes of an entity its stream has not shown yet. */
  public long unshown(Entity entity) {
    return with(session ->
        session.store().read(Overlay::list).stream()
            .filter(change -> change.entity().equals(entity.name()))
            .count());
  }

  /**
   * Asks the server at once for what it has applied of an entity and the stream has not shown,
   * which it does by itself after a second.
   */
  public void cleanUp(Entity entity) {
    with(session -> {
      environment.sync().execute(() -> session.nudge(entity));
      return true;
    });
  }

  /** The queue of the user's changes: dead letters, conflicts, what waits. Good until a sign-in. */
  public WriteBuffer writeBuffer() {
    return with(Session::buffer);
  }

  public SyncStatus status() {
    return with(Session::status);
  }

  /**
   * Waits until every entity has all there is, and nothing waits to be sent, or the time is over.
   * Not for a user interface's thread.
   *
   * @return whether that is so
   * @throws InterruptedException if the thread is interrupted
   */
  public boolean awaitSynced(Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (!status().isSynced()) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      java.util.concurrent.TimeUnit.NANOSECONDS.sleep(Math.min(left, 5_000_000));
    }
    return true;
  }

  /**
   * What there is to know when something goes wrong, for a report: states, positions, counts. It
   * has no values of rows and no tokens.
   */
  public String dump() {
    return with(session -> Dump.of(session, settings));
  }

  /** Stops syncing and gives the folder back; what waits to be sent waits for the next time. */
  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (current == null) {
        return;
      }
      end(current);
      current = null;
      device.close();
    } finally {
      lock.writeLock().unlock();
    }
    onClosed.run();
  }
}
