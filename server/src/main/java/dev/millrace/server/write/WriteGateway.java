package dev.millrace.server.write;

import dev.millrace.protocol.WriteAnswer;
import dev.millrace.protocol.WriteBatch;
import dev.millrace.server.auth.Principal;
import dev.millrace.server.postgres.Database;
import dev.millrace.server.postgres.DatabaseException;
import dev.millrace.server.postgres.DatabaseUrl;
import dev.millrace.server.write.BatchWriter.Attempt;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies batches: each change once, as the user who sends it. Has connections of its own, so that
 * writes keep nothing from reads; makes and keeps its tables by itself. Any thread; calls block.
 */
public final class WriteGateway implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(WriteGateway.class);

  private static final Duration LONGEST_BATCH = Duration.ofSeconds(30);
  private static final Duration UPKEEP = Duration.ofHours(1);
  private static final Duration UPKEEP_AFTER_FAILURE = Duration.ofSeconds(30);
  private static final int ATTEMPTS = 4;

  /** Longer than any statement may take: then Postgres or the way to it is gone. */
  private static final String SOCKET_TIMEOUT_SECONDS = "20";

  private final Database database;
  private final WritePolicies policies;
  private final InstantSource clock;
  private final TableCatalog catalog;
  private final LedgerTables tables;
  private final Thread upkeep;
  private volatile boolean isReady;

  private WriteGateway(Database database, WritePolicies policies, InstantSource clock) {
    this.database = database;
    this.policies = policies;
    this.clock = clock;
    this.catalog = new TableCatalog(policies, clock);
    this.tables = new LedgerTables(database, policies.ledgerRetention(), clock);
    this.upkeep = Thread.ofVirtual().name("write-upkeep").unstarted(this::keepUp);
  }

  /** Opens one; connects, and makes what is missing, in its own time. */
  public static WriteGateway open(DatabaseUrl url, WritePolicies policies, InstantSource clock) {
    Map<String, String> options = new HashMap<>(url.options());
    options.putIfAbsent("socketTimeout", SOCKET_TIMEOUT_SECONDS);
    // So that RESET ALL keeps the name that tells an administrator who we are.
    options.put("assumeMinServerVersion", "12");
    DatabaseUrl own =
        new DatabaseUrl(
            url.host(), url.port(), url.database(), url.user(), url.password(), options);
    WriteGateway gateway =
        new WriteGateway(Database.open(own, policies.connections()), policies, clock);
    gateway.upkeep.start();
    return gateway;
  }

  /**
   * Applies what can be applied, and says for each change what became of it.
   *
   * @throws WriteException if nothing can be said; the same batch may be sent again
   */
  public WriteAnswer apply(Principal principal, WriteBatch batch) {
    prepare();
    Instant deadline = clock.instant().plus(LONGEST_BATCH);
    for (int attempt = 1; ; attempt++) {
      try {
        Attempt next = new Attempt(clock, deadline, attempt >= ATTEMPTS);
        return database.with(
            "applying a write batch", connection -> write(connection, principal, batch, next));
      } catch (Again e) {
        if (attempt > ATTEMPTS) {
          throw new WriteException(WriteException.Code.BUSY, "writing in vain", e.restart);
        }
        if (e.restart.isOutdated()) {
          catalog.forget();
        }
      } catch (DatabaseException e) {
        WriteException failure = failure(e);
        isReady &= failure.code() != WriteException.Code.NOT_READY;
        throw failure;
      }
    }
  }

  /** Carries a {@link Restart} out of the scope of a connection. */
  private static final class Again extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Restart restart;

    Again(Restart restart) {
      super(restart);
      this.restart = restart;
    }
  }

  private WriteAnswer write(
      Connection connection, Principal principal, WriteBatch batch, Attempt attempt)
      throws SQLException {
    WriteSession session = new WriteSession(connection, principal);
    Ledger ledger = new Ledger(session, principal.subject(), batch.clientId());
    ChangePlanner planner = new ChangePlanner(catalog, connection, principal.role());
    boolean isClean = false;
    try {
      WriteAnswer answer =
          new BatchWriter(session, ledger, planner, policies.ledgerRetention(), attempt)
              .write(batch);
      isClean = true;
      return answer;
    } catch (Restart e) {
      throw new Again(e);
    } finally {
      if (!isClean) {
        session.rollBack();
      }
    }
  }

  private static WriteException failure(DatabaseException e) {
    if (e.getCause() instanceof SQLException cause) {
      return SqlFailure.of(cause).asException("applying a write batch");
    }
    return new WriteException(WriteException.Code.UNAVAILABLE, String.valueOf(e.getMessage()), e);
  }

  /** Has the tables made if that was not possible before; until then nothing is written. */
  private void prepare() {
    if (!isReady) {
      makeReady();
    }
  }

  private synchronized void makeReady() {
    if (!isReady) {
      tables.migrate();
      tables.makePartitions();
      isReady = true;
    }
  }

  private void keepUp() {
    while (!Thread.currentThread().isInterrupted()) {
      Duration pause = UPKEEP;
      try {
        prepare();
        tables.makePartitions();
        tables.prune();
      } catch (WriteException | DatabaseException e) {
        log.warn("the tables of the write path are not kept: {}", e.getMessage());
        pause = UPKEEP_AFTER_FAILURE;
      }
      try {
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** Ends what is under way. */
  @Override
  public void close() {
    upkeep.interrupt();
    database.close();
  }
}
