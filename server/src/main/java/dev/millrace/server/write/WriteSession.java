package dev.millrace.server.write;

import dev.millrace.protocol.Lsn;
import dev.millrace.server.auth.Principal;
import dev.millrace.server.write.RoundTrip.Reply;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

/**
 * One transaction on a connection, in which we act now as the user and now as ourselves. All of it
 * is local to the transaction, and set anew each time: a trigger may have set something else
 * meanwhile. Our own statements run with a search path that nobody else can put anything in.
 */
final class WriteSession {

  /** What the text forms of values depend on (protocol section 6.7), and how long we wait. */
  private static final String SETTINGS =
      """
      select set_config('bytea_output', 'hex', true), set_config('DateStyle', 'ISO, DMY', true),
             set_config('TimeZone', 'UTC', true), set_config('extra_float_digits', '1', true),
             set_config('IntervalStyle', 'iso_8601', true),
             set_config('statement_timeout', ?, true), set_config('lock_timeout', ?, true),
             set_config('idle_in_transaction_session_timeout', '60s', true),
             set_config('synchronous_commit',
                        case current_setting('synchronous_commit') when 'off' then 'on'
                             else current_setting('synchronous_commit') end, true),
             set_config('millrace.search_path', current_setting('search_path'), true)
      """;

  private static final String AS_USER =
      """
      select set_config('role', ?, true), set_config('app.user_id', ?, true),
             set_config('request.jwt.claims', ?, true),
             set_config('search_path', current_setting('millrace.search_path'), true)
      """;

  private static final String AS_OURSELVES =
      """
      select set_config('role', 'none', true), set_config('app.user_id', '', true),
             set_config('request.jwt.claims', '', true),
             set_config('search_path', 'pg_catalog, pg_temp', true)
      """;

  /** Whatever a function of the database has left in the session goes with the transaction. */
  private static final List<String> CLEAN =
      List.of("reset session authorization", "reset role", "reset all");

  private final Connection connection;
  private final Principal principal;
  private RoundTrip waiting = new RoundTrip();

  WriteSession(Connection connection, Principal principal) {
    this.connection = connection;
    this.principal = principal;
  }

  /** Begins with the next round trip, which fails as a whole if the role cannot be had. */
  void begin(Duration statementTimeout, Duration lockTimeout) {
    waiting =
        asUser(
            new RoundTrip()
                .add("begin isolation level read committed")
                .add(SETTINGS, millis(statementTimeout), millis(lockTimeout)));
  }

  private static String millis(Duration duration) {
    return Long.toString(duration.toMillis());
  }

  /** Adds a statement to the beginning of the next round trip. */
  void beginNext(String sql) {
    waiting.add(sql);
  }

  /** Has what is in {@code trip} done at the beginning of the next round trip, not now. */
  void postpone(RoundTrip trip) {
    waiting = trip;
  }

  private RoundTrip next() {
    RoundTrip next = waiting;
    waiting = new RoundTrip();
    return next;
  }

  /** A round trip that goes on as the user. */
  RoundTrip asUser() {
    return asUser(next());
  }

  private RoundTrip asUser(RoundTrip trip) {
    return trip.add(AS_USER, principal.role(), principal.subject(), principal.claims());
  }

  /** A round trip that goes on as ourselves. */
  RoundTrip asOurselves() {
    return next().add(AS_OURSELVES);
  }

  Reply run(RoundTrip trip) throws SQLException {
    return trip.lastOn(connection);
  }

  /** What a transaction is known by. */
  record Committed(String txid, Lsn lsn) {}

  /** Commits; the position in the log is at or after the commit. */
  Committed commit() throws SQLException {
    RoundTrip trip =
        asOurselves()
            .add("select pg_current_xact_id()::xid::text")
            .add("commit")
            .add("select pg_catalog.pg_current_wal_insert_lsn()");
    int own = trip.size() - 3;
    CLEAN.forEach(trip::add);
    List<Reply> replies = trip.on(connection);
    return new Committed(
        String.valueOf(replies.get(own).value(0, 0)),
        Lsn.parse(String.valueOf(replies.get(own + 2).value(0, 0))));
  }

  /** A position in the log that is after all that we can see. */
  Lsn position() throws SQLException {
    String sql = "select pg_current_wal_insert_lsn()";
    return Lsn.parse(String.valueOf(run(asOurselves().add(sql)).value(0, 0)));
  }

  /** Undoes everything; a connection on which even that fails is given up. */
  void rollBack() {
    waiting = new RoundTrip();
    RoundTrip trip = new RoundTrip().add("rollback");
    CLEAN.forEach(trip::add);
    try {
      trip.on(connection);
    } catch (SQLException e) {
      abandon();
    }
  }

  /** Has the pool throw the connection away. */
  void abandon() {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      // It was gone already.
    }
  }
}
