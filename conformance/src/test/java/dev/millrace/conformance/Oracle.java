package dev.millrace.conformance;

import dev.millrace.conformance.OracleRound.Act;
import dev.millrace.conformance.OracleRound.Blow;
import dev.millrace.conformance.OracleRound.Move;
import dev.millrace.dev.LocalPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The whole system under random work: tables, writers, clients, and what befalls them, round by
 * round. At the end of each round the writers pause, and every client must have what SELECT has.
 * One thread; the writers and the clients have their own.
 */
final class Oracle implements AutoCloseable {
  private static final int TABLES = 5;
  private static final int REFORM_ATTEMPTS = 50;
  private static final Duration PAUSE = Duration.ofMillis(300);
  private static final Map<String, String> SETTINGS =
      Map.of("MILLRACE_CHUNK_BYTES", "6000", "MILLRACE_LONG_POLL_TIMEOUT", "3");

  /** The server is started about once a round. */
  private static final List<String> QUICK_START =
      List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

  private final Random random;
  private final LocalPostgres postgres;
  private final SyncedDatabase database;
  private final OracleClients clients;
  private final OfficialClients officials;
  private final Witness witness = new Witness();
  private final OracleTrace trace = new OracleTrace();
  private final AtomicLong fresh = new AtomicLong();
  private List<OracleTable> tables = new ArrayList<>();

  private Oracle(long seed, LocalPostgres postgres, SyncedDatabase database) throws IOException {
    this.random = new Random(seed);
    this.postgres = postgres;
    this.database = database;
    this.clients = new OracleClients(database.server().uri(), witness, seed);
    this.officials = new OfficialClients(database.server().uri());
  }

  /** Starts with a few empty tables and no clients. */
  static Oracle start(long seed, LocalPostgres postgres, Path folder)
      throws SQLException, IOException {
    SyncedDatabase database = SyncedDatabase.start(postgres, folder, SETTINGS, QUICK_START);
    Oracle oracle = new Oracle(seed, postgres, database);
    database.execute("create schema \"Other Schema\"", OracleFilter.FUNCTION);
    for (int number = 0; number < TABLES; number++) {
      OracleTable table = OracleTable.random(oracle.random, number);
      oracle.tables.add(table);
      database.execute(table.create());
    }
    return oracle;
  }

  OracleTrace trace() {
    return trace;
  }

  String serverLog() {
    String log = database.server().log();
    return log.substring(Math.max(0, log.length() - 4000));
  }

  void round(int number) throws SQLException, IOException, InterruptedException {
    OracleRound round = OracleRound.random(random, number, tables, fresh::incrementAndGet);
    trace.note("round " + number);
    witness.round(number);
    officials.renew(random, tables);
    List<FollowedShape> onNewTables = perform(round);
    settlePrepared();
    clients.dismiss(tables);
    onNewTables.forEach(shape -> clients.begin(shape, StrictClient.Manner.random(random)));
    clients.await("the end of the log", StrictClient::hasBegun);
    long mark = writeMarks();
    trace.note("marks written by " + mark);
    clients.await("the end of the round, " + mark, client -> client.has(mark));
    clients.dismiss(tables);
    OracleVerdict verdict = new OracleVerdict(database, tables);
    for (StrictClient client : clients.running()) {
      verdict.assertAgrees(client);
    }
    officials.dismiss(tables, shape -> witness.isReforming(shape.table()));
    officials.assertConverge(verdict::rowsOf);
    witness.assertNoneWasMadeUp();
  }

  /** Returns shapes on the tables that were made: nobody else tells the server of them. */
  private List<FollowedShape> perform(OracleRound round) throws SQLException, InterruptedException {
    Pace pace = new Pace();
    List<OracleWriter> writers = new ArrayList<>();
    for (int i = 0; i < round.writers().size(); i++) {
      String name = "writer-%d-%d".formatted(round.number(), i);
      writers.add(new OracleWriter(name, round.writers().get(i), database, witness, trace, pace));
    }
    writers.forEach(OracleWriter::start);
    List<FollowedShape> onNewTables = new ArrayList<>();
    for (int i = 0; i < round.moves().size(); i++) {
      Move move = round.moves().get(i);
      boolean isLast = i == round.moves().size() - 1;
      // The writers go on during the move.
      pace.giveUntil(isLast ? round.transactions() : round.moves().get(i + 1).after());
      pace.awaitTaken(move.after());
      trace.note(move.act().toString());
      act(move, onNewTables);
    }
    for (OracleWriter writer : writers) {
      writer.join();
    }
    return onNewTables;
  }

  private void act(Move move, List<FollowedShape> onNewTables)
      throws SQLException, InterruptedException {
    switch (move.act()) {
      case Act.Reform(OracleReform reform) -> {
        reform(reform);
        reform.made().ifPresent(name -> onNewTables.add(FollowedShape.whole(name)));
      }
      case Act.Strike(Blow blow) -> strike(blow);
      case Act.Begin begin -> clients.begin(begin.shape(), begin.manner());
      case Act.Stop() -> clients.stopOne(move.draw());
      case Act.Resume() -> clients.resumeOne(move.draw());
      case Act.Retire() -> clients.retireOne(move.draw());
    }
  }

  private void reform(OracleReform reform) throws SQLException {
    reform.concerned().forEach(witness::reforming);
    for (int attempt = 1; ; attempt++) {
      try (Connection connection = database.connect();
          Statement statement = connection.createStatement()) {
        connection.setAutoCommit(false);
        for (String sql : reform.statements()) {
          statement.execute(sql);
        }
        if (reform.isCommitted()) {
          witness.committing(OracleWriter.currentTransaction(statement));
          connection.commit();
          tables = reform.tables();
        } else {
          connection.rollback();
        }
        return;
      } catch (SQLException e) {
        boolean isDeadlock = String.valueOf(e.getSQLState()).startsWith("40");
        if (!isDeadlock || attempt == REFORM_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private void strike(Blow blow) throws SQLException, InterruptedException {
    witness.striking();
    switch (blow) {
      case STOP_SERVER -> {
        database.server().stop();
        database.server().restart();
      }
      case KILL_SERVER -> {
        database.server().kill();
        database.server().restart();
      }
      case PAUSE_SERVER -> {
        database.server().pause();
        new CountDownLatch(1).await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        database.server().resume();
      }
      case STOP_POSTGRES -> postgres.restart();
      case KILL_POSTGRES -> {
        postgres.kill();
        postgres.restart();
      }
    }
    settlePrepared();
  }

  /** Ends the transactions that a writer has prepared and lost sight of. */
  private void settlePrepared() throws SQLException {
    List<String> left = new ArrayList<>();
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      try (ResultSet rows =
          statement.executeQuery(
              "select gid from pg_prepared_xacts where database = current_database()")) {
        while (rows.next()) {
          left.add(rows.getString(1));
        }
      }
      for (String global : left) {
        try {
          statement.execute("rollback prepared '" + global + "'");
        } catch (SQLException e) {
          trace.note(global + " has ended by itself: " + e);
        }
      }
    }
  }

  /** Changes rows of each table in one transaction, by which clients know that they are done. */
  private long writeMarks() throws SQLException {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (OracleTable table : tables) {
        statement.execute(table.deleteMarks());
        statement.execute(table.insertMark());
        for (OracleFilter filter : clients.filtersOf(table)) {
          statement.execute(table.insertMark(filter));
        }
      }
      long xid = OracleWriter.currentTransaction(statement);
      witness.committing(xid);
      connection.commit();
      return xid;
    }
  }

  @Override
  public void close() throws SQLException, IOException {
    clients.close();
    officials.close();
    database.close();
  }
}
