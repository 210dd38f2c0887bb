package dev.millrace.bench.writes;

import dev.millrace.bench.run.BenchPostgres;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Collections;
import java.util.List;

/** Writes each batch by one statement of pgjdbc, in a transaction that is the user's. */
final class PlainWriter implements Writer {
  private static final String BECOME =
      "select set_config('role', ?, true), set_config('request.jwt.claims', ?, true)";

  private final Connection connection;
  private final String claims;

  private PlainWriter(Connection connection, String claims) {
    this.connection = connection;
    this.claims = claims;
  }

  static PlainWriter open(BenchPostgres postgres, User user) throws SQLException {
    Connection connection = postgres.connect();
    connection.setAutoCommit(false);
    return new PlainWriter(connection, user.claims());
  }

  @Override
  public Work inserts(List<List<Note>> batches) {
    return upserts(batches);
  }

  @Override
  public Work merges(List<List<Note>> batches) {
    return upserts(batches);
  }

  private Work upserts(List<List<Note>> batches) {
    return () -> {
      try (PreparedStatement become = connection.prepareStatement(BECOME);
          PreparedStatement upsert =
              connection.prepareStatement(upsert(batches.getFirst().size()))) {
        for (List<Note> batch : batches) {
          become.setString(1, NotesTable.ROLE);
          become.setString(2, claims);
          become.execute();
          bind(upsert, batch);
          upsert.execute();
          connection.commit();
        }
      }
    };
  }

  private static String upsert(int rows) {
    return """
    insert into %s (id, owner, title, rank, made) values %s
    on conflict (id) do update set title = excluded.title, rank = excluded.rank
    """
        .formatted(
            NotesTable.PLAIN.sqlName(),
            String.join(", ", Collections.nCopies(rows, "(?, ?, ?, ?, ?)")));
  }

  private static void bind(PreparedStatement upsert, List<Note> batch) throws SQLException {
    int at = 0;
    for (Note note : batch) {
      upsert.setObject(++at, note.id());
      upsert.setString(++at, note.owner());
      upsert.setString(++at, note.title());
      upsert.setInt(++at, note.rank());
      upsert.setObject(++at, note.made());
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
