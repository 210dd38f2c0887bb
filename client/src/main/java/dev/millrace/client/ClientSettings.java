package dev.millrace.client;

import dev.millrace.client.sqlite.JdbcSqlite;
import dev.millrace.client.sqlite.Sqlite;
import dev.millrace.client.store.Entity;
import dev.millrace.client.transport.JdkTransport;
import dev.millrace.client.transport.JvmOnly;
import dev.millrace.client.transport.Transport;
import dev.millrace.client.writebuffer.BatchLimits;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * How a client works.
 *
 * @param server where it is: scheme, host, port
 * @param entities what is synced
 * @param schemaVersion of the application's data, told with each write; a server may refuse what is
 *     too old
 * @param limits of a batch of writes
 * @param flushInterval how often it is looked for writes that wait
 * @param mayStream whether server-sent events are tried before long polls
 * @param listener hears how it goes
 * @param sqlite opens the device's files
 * @param transport makes the way to the server
 */
public record ClientSettings(
    URI server,
    List<Entity> entities,
    int schemaVersion,
    BatchLimits limits,
    Duration flushInterval,
    boolean mayStream,
    SyncListener listener,
    Sqlite sqlite,
    Supplier<Transport> transport) {

  public ClientSettings {
    entities = List.copyOf(entities);
    if (schemaVersion < 0) {
      throw new IllegalArgumentException("a schema version below 0: " + schemaVersion);
    }
  }

  /** The usual ones on a JVM, for that server. */
  public static Builder of(URI server) {
    return new Builder(server);
  }

  /** Collects settings. One thread. */
  @JvmOnly
  public static final class Builder {

    private final URI server;
    private final List<Entity> entities = new ArrayList<>();
    private int schemaVersion;
    private BatchLimits limits = BatchLimits.DEFAULT;
    private Duration flushInterval = Duration.ofSeconds(5);
    private boolean mayStream = true;
    private SyncListener listener = SyncListener.none();
    private Sqlite sqlite = new JdbcSqlite();
    private Supplier<Transport> transport = JdkTransport::create;

    private Builder(URI server) {
      this.server = server;
    }

    /** What is synced. */
    public Builder entities(Entity... more) {
      entities.addAll(List.of(more));
      return this;
    }

    /** Of the application's data; 0 unless set. */
    public Builder schemaVersion(int version) {
      this.schemaVersion = version;
      return this;
    }

    /** 500 changes and 1 MiB unless set. */
    public Builder batchLimits(BatchLimits most) {
      this.limits = most;
      return this;
    }

    /** How often it is looked for writes that wait; every 5 s unless set. */
    public Builder flushInterval(Duration interval) {
      this.flushInterval = interval;
      return this;
    }

    /** Whether server-sent events are tried before long polls; true unless set. */
    public Builder eventStreams(boolean areTried) {
      this.mayStream = areTried;
      return this;
    }

    public Builder listener(SyncListener hears) {
      this.listener = hears;
      return this;
    }

    public Builder sqlite(Sqlite driver) {
      this.sqlite = driver;
      return this;
    }

    public Builder transport(Supplier<Transport> made) {
      this.transport = made;
      return this;
    }

    public ClientSettings build() {
      return new ClientSettings(
          server,
          entities,
          schemaVersion,
          limits,
          flushInterval,
          mayStream,
          listener,
          sqlite,
          transport);
    }
  }
}
