package dev.millrace.client.store;

import dev.millrace.client.sqlite.Sqlite;
import dev.millrace.client.sqlite.SqliteConnection;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One user's rows on this device: a SQLite file in WAL mode.
 *
 * <p>May be used from any thread. Writers follow one another in the order they came; readers see
 * what was committed when they began and wait for nobody. No callback is made under the lock.
 */
public final class Store implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Store.class);
  private static final int MOST_READERS = 4;

  private final Sqlite sqlite;
  private final Path file;
  private final Map<String, Entity> entities;
  private final Map<String, EntitySql> sql = new LinkedHashMap<>();
  private final boolean isDurable;
  private final SqliteConnection writer;
  private final ReentrantLock writing = new ReentrantLock(true);
  private final Deque<SqliteConnection> readers = new ArrayDeque<>();
  private final List<Consumer<Set<String>>> listeners = new CopyOnWriteArrayList<>();
  private Durability current;
  private int readersOut;
  private boolean isClosed;

  private Store(
      Sqlite sqlite, Path file, List<Entity> entities, boolean isDurable, SqliteConnection writer) {
    this.sqlite = sqlite;
    this.file = file;
    this.entities = new LinkedHashMap<>();
    this.isDurable = isDurable;
    this.writer = writer;
    this.current = isDurable ? Durability.FULL : Durability.OFF;
    for (Entity entity : entities) {
      if (this.entities.put(entity.name(), entity) != null) {
        throw new IllegalArgumentException("two entities are called " + entity.name());
      }
      sql.put(entity.name(), new EntitySql(entity));
    }
  }

  /**
   * Opens the file, made if it is absent, and brings it to these entities: what was stored of
   * others stays, and so does everything that the user wrote.
   *
   * @throws SyncClientException with {@link ErrorCode#STORE_TOO_NEW}
   * @throws dev.millrace.client.sqlite.SqliteException if the disk refuses
   */
  public static Store open(Sqlite sqlite, Path file, List<Entity> entities) {
    return open(sqlite, file, entities, true);
  }

  /** The same; one that is not durable survives the end of its process, but no power cut. */
  public static Store open(Sqlite sqlite, Path file, List<Entity> entities, boolean isDurable) {
    SqliteConnection writer = sqlite.open(file);
    try {
      Store store = new Store(sqlite, file, entities, isDurable, writer);
      writer.run("pragma journal_mode = wal");
      writer.run(store.current.pragma());
      store.write(
          Durability.FULL,
          tx -> {
            StoreSchema.bringTo(tx, store.sql.values());
            return true;
          });
      return store;
    } catch (RuntimeException | Error e) {
      writer.close();
      throw e;
    }
  }

  public Path file() {
    return file;
  }

  public List<Entity> entities() {
    return List.copyOf(entities.values());
  }

  /** The entity of that name, if the application has one. */
  public Optional<Entity> entity(String name) {
    return Optional.ofNullable(entities.get(name));
  }

  EntitySql sql(Entity entity) {
    EntitySql known = sql.get(entity.name());
    if (known == null) {
      throw new IllegalArgumentException("not an entity of this store: " + entity.name());
    }
    return known;
  }

  /**
   * Runs {@code work} in a transaction, which is undone if it throws. Listeners hear of it on this
   * thread once it is committed.
   */
  public <T> T write(Durability durability, Function<Tx, T> work) {
    Tx tx;
    T result;
    writing.lock();
    try {
      if (isClosed) {
        throw new SyncClientException(ErrorCode.CLOSED, "the store is closed");
      }
      use(isDurable ? durability : Durability.OFF);
      tx = new Tx(writer);
      writer.run("begin immediate");
      try {
        result = work.apply(tx);
        writer.run("commit");
      } catch (RuntimeException | Error e) {
        rollBack(e);
        throw e;
      }
    } finally {
      writing.unlock();
    }
    if (!tx.touched().isEmpty()) {
      listeners.forEach(listener -> runCommitted(() -> listener.accept(tx.touched())));
    }
    tx.tasksAfterCommit().forEach(Store::runCommitted);
    return result;
  }

  /** It is committed: what somebody throws who hears of it undoes nothing and stops nobody. */
  private static void runCommitted(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.error("a task after a commit failed", e);
    }
  }

  private void use(Durability durability) {
    if (current != durability) {
      writer.run(durability.pragma());
      current = durability;
    }
  }

  /** SQLite may have rolled back by itself, as it does for a full disk. */
  private void rollBack(Throwable cause) {
    try {
      writer.run("rollback");
    } catch (RuntimeException e) {
      cause.addSuppressed(e);
    }
  }

  /** Runs {@code work} on what is committed now; it cannot write. */
  public <T> T read(Function<Tx, T> work) {
    SqliteConnection reader = takeReader();
    boolean isSound = false;
    try {
      reader.run("begin");
      T result = work.apply(new Tx(reader));
      reader.run("commit");
      isSound = true;
      return result;
    } finally {
      giveBack(reader, isSound);
    }
  }

  private SqliteConnection takeReader() {
    synchronized (readers) {
      while (readersOut >= MOST_READERS && readers.isEmpty() && !isClosed) {
        awaitReader();
      }
      if (isClosed) {
        throw new SyncClientException(ErrorCode.CLOSED, "the store is closed");
      }
      readersOut++;
      SqliteConnection idle = readers.poll();
      if (idle != null) {
        return idle;
      }
    }
    return openReader();
  }

  private SqliteConnection openReader() {
    try {
      SqliteConnection opened = sqlite.open(file);
      opened.run("pragma query_only = 1");
      return opened;
    } catch (RuntimeException | Error e) {
      synchronized (readers) {
        readersOut--;
        readers.notifyAll();
      }
      throw e;
    }
  }

  private void awaitReader() {
    try {
      readers.wait();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SyncClientException(ErrorCode.STORE_FAILED, "interrupted while waiting to read", e);
    }
  }

  private void giveBack(SqliteConnection reader, boolean isSound) {
    synchronized (readers) {
      readersOut--;
      readers.notifyAll();
      if (isSound && !isClosed) {
        readers.push(reader);
        return;
      }
    }
    reader.close();
  }

  /** Calls {@code listener} with the names of the entities that a transaction has touched. */
  public void onChange(Consumer<Set<String>> listener) {
    listeners.add(listener);
  }

  /** Waits for the writer that is at work; what is committed stays. */
  @Override
  public void close() {
    List<SqliteConnection> idle;
    writing.lock();
    try {
      synchronized (readers) {
        if (isClosed) {
          return;
        }
        isClosed = true;
        idle = new ArrayList<>(readers);
        readers.clear();
        readers.notifyAll();
      }
      idle.forEach(SqliteConnection::close);
      writer.close();
    } finally {
      writing.unlock();
    }
  }
}
