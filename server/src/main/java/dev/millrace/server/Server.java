package dev.millrace.server;

import dev.millrace.server.filter.FilterAnalysis;
import dev.millrace.server.http.HttpServer;
import dev.millrace.server.http.HttpSettings;
import dev.millrace.server.http.Route;
import dev.millrace.server.http.Traffic;
import dev.millrace.server.http.WriteCounts;
import dev.millrace.server.policy.RowSecurity;
import dev.millrace.server.policy.WhereQueries;
import dev.millrace.server.postgres.AlterationTrigger;
import dev.millrace.server.postgres.Catalog;
import dev.millrace.server.postgres.Database;
import dev.millrace.server.postgres.Publication;
import dev.millrace.server.postgres.ReplicationSlot;
import dev.millrace.server.postgres.SlotMonitor;
import dev.millrace.server.shape.PolicyPoll;
import dev.millrace.server.shape.SchemaPoll;
import dev.millrace.server.shape.Shapes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** A running server: the parts, made in the order data flows and closed the other way round. */
public final class Server implements AutoCloseable {

  private final FileChannel lock;
  private final Database database;
  private final Shapes shapes;
  private final SchemaPoll schemaPoll;
  private final PolicyPoll policyPoll;
  private final ReplicationLoop replication;
  private final SlotMonitor monitor;
  private final Optional<WritePath> writes;
  private final List<HttpServer> listeners;
  private boolean closed;

  private Server(
      FileChannel lock,
      Database database,
      Shapes shapes,
      SchemaPoll schemaPoll,
      PolicyPoll policyPoll,
      ReplicationLoop replication,
      SlotMonitor monitor,
      Optional<WritePath> writes,
      List<HttpServer> listeners) {
    this.lock = lock;
    this.database = database;
    this.shapes = shapes;
    this.schemaPoll = schemaPoll;
    this.policyPoll = policyPoll;
    this.replication = replication;
    this.monitor = monitor;
    this.writes = writes;
    this.listeners = listeners;
  }

  /**
   * Starts a server; it connects to Postgres in its own time.
   *
   * @param added paths beside the server's own
   * @throws IOException if the data folder or the port cannot be had
   * @throws ConfigException if users would be let in as somebody whom no policy holds
   */
  public static Server start(ServerConfig config, List<Route> added) throws IOException {
    Path folder = config.shapes().folder();
    FileChannel lock = lock(folder);
    ServerConfig.Source source = config.source();
    Database database = Database.open(source.database(), source.poolSize());
    Publication publication =
        new Publication(database, source.publication(), config.tables().isPublishedManually());
    ReplicationSlot slot = new ReplicationSlot(database, source.slot());
    Shapes shapes = null;
    Optional<WritePath> writes = Optional.empty();
    try {
      writes = WritePath.open(config, database);
      FilterAnalysis analysis = new FilterAnalysis(database);
      Catalog catalog = new Catalog(database);
      RowSecurity security = new RowSecurity(database, catalog, analysis, InstantSource.system());
      WhereQueries queries = new WhereQueries(database, catalog, analysis);
      shapes =
          Shapes.open(
              config.shapes(),
              database,
              publication,
              catalog,
              security,
              queries,
              InstantSource.system());
      SchemaPoll schemaPoll = new SchemaPoll(shapes, publication, config.tables().schemaPoll());
      PolicyPoll policyPoll = new PolicyPoll(shapes, security, config.tables().policyPoll());
      ReplicationLoop replication =
          new ReplicationLoop(
              config.database(),
              publication,
              new AlterationTrigger(
                  database, config.auth().isPresent() && config.tables().mayTrigger()),
              slot,
              shapes,
              folder.resolve("identity"),
              () -> {
                schemaPoll.hint();
                policyPoll.hint();
              });
      SlotMonitor monitor = new SlotMonitor(database, slot, shapes.router()::publishedPosition);
      Traffic traffic = new Traffic();
      WriteCounts writeCounts = new WriteCounts();
      Metrics metrics =
          new Metrics(
              shapes,
              traffic,
              writeCounts,
              writes.map(WritePath::authenticator),
              monitor,
              replication);
      HttpServer.Parts parts =
          new HttpServer.Parts(
              shapes,
              catalog,
              analysis,
              security,
              queries,
              replication,
              InstantSource.system(),
              RandomGenerator.getDefault(),
              traffic,
              writes.map(WritePath::parts),
              writeCounts,
              withMetrics(added, config, metrics));
      List<HttpServer> listeners = listen(config, parts, metrics);
      schemaPoll.start();
      policyPoll.start();
      replication.start();
      monitor.start();
      return new Server(
          lock, database, shapes, schemaPoll, policyPoll, replication, monitor, writes, listeners);
    } catch (IOException | UncheckedIOException | ConfigException e) {
      writes.ifPresent(WritePath::close);
      if (shapes != null) {
        shapes.close();
      }
      database.close();
      lock.close();
      throw e;
    }
  }

  private static List<Route> withMetrics(List<Route> added, ServerConfig config, Metrics metrics) {
    if (config.metricsPort().isPresent()) {
      return added;
    }
    List<Route> all = new ArrayList<>(added);
    all.addFirst(metrics);
    return all;
  }

  private static List<HttpServer> listen(
      ServerConfig config, HttpServer.Parts parts, Metrics metrics) throws IOException {
    HttpServer main = HttpServer.start(config.http(), parts);
    if (config.metricsPort().isEmpty()) {
      return List.of(main);
    }
    try {
      HttpSettings settings = config.http().onPort(config.metricsPort().getAsInt());
      return List.of(main, HttpServer.start(settings, List.of(metrics)));
    } catch (IOException e) {
      main.close();
      throw e;
    }
  }

  private static FileChannel lock(Path folder) throws IOException {
    FileChannel channel = openLock(folder);
    FileLock lock = channel.tryLock();
    if (lock == null) {
      channel.close();
      throw new IOException("Another server is using the data folder " + folder + ".");
    }
    return channel;
  }

  private static FileChannel openLock(Path folder) throws IOException {
    try {
      Files.createDirectories(folder);
      return FileChannel.open(
          folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
      throw new IOException(
          "Cannot write to the data folder %s%s."
              .formatted(folder, reason == null ? "" : ": " + reason),
          e);
    }
  }

  public int port() {
    return listeners.getFirst().port();
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    listeners.forEach(HttpServer::close);
    writes.ifPresent(WritePath::close);
    monitor.close();
    replication.close();
    schemaPoll.close();
    policyPoll.close();
    shapes.close();
    database.close();
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
