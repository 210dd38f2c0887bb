package dev.millrace.conformance;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.dev.LocalPostgres;
import dev.millrace.protocol.InvalidJson;
import dev.millrace.protocol.JsonLimits;
import dev.millrace.protocol.JsonReader;
import dev.millrace.protocol.WriteAnswer;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * A server that takes writes, its database with a table {@code notes} of which each user has rows
 * of their own, and what tests ask of both.
 */
final class WriteServer implements AutoCloseable {

  static final String PATH = "/api/writes/batch";
  static final String SECRET = "s3cret";

  /** Each user has notes of their own. */
  static final String[] NOTES = {
    """
    create table notes (
      id uuid primary key default gen_random_uuid(),
      owner text not null default current_setting('app.user_id', true),
      title text,
      work_type text,
      made_at timestamptz
    )\
    """,
    "alter table notes enable row level security",
    "grant select, insert, update, delete on notes to authenticated",
    """
    create policy own on notes to authenticated
      using (owner = current_setting('app.user_id', true))
      with check (owner = current_setting('app.user_id', true))\
    """
  };

  private final SyncedDatabase database;
  private final ShapeHttp http;

  private WriteServer(SyncedDatabase database) {
    this.database = database;
    this.http = new ShapeHttp(database.server().uri());
  }

  /** Starts one that believes {@link Tokens#OURS} unless the settings say otherwise. */
  static WriteServer start(LocalPostgres postgres, Path folder, String... settings)
      throws SQLException {
    Map<String, String> all = new HashMap<>();
    all.put("MILLRACE_SECRET", SECRET);
    for (int i = 0; i < settings.length; i += 2) {
      all.put(settings[i], settings[i + 1]);
    }
    if (!all.containsKey("MILLRACE_JWKS_URL")) {
      all.put("MILLRACE_JWT_SECRET", Tokens.OURS.secret());
    }
    createRoles(postgres);
    WriteServer server = new WriteServer(SyncedDatabase.start(postgres, folder, all));
    server.database.execute(NOTES);
    return server;
  }

  /** Roles belong to the whole cluster, which is that of other tests too. */
  static void createRoles(LocalPostgres postgres) throws SQLException {
    try (var connection = postgres.connect();
        var statement = connection.createStatement()) {
      statement.execute(
          """
          do $$
          begin
            create role authenticated nologin;
          exception when duplicate_object or unique_violation then null;
          end
          $$\
          """);
    }
  }

  SyncedDatabase database() {
    return database;
  }

  ShapeHttp http() {
    return http;
  }

  /** An insert of one note as a change. */
  static String insert(String id, String title) {
    return change(id, "insert", "{\"id\":\"%s\",\"title\":%s}".formatted(id, Json.quote(title)));
  }

  static String change(String id, String op, String payload) {
    return """
    {"id":"%s","table":"notes","op":"%s","payload":%s,"created_at":%d}\
    """
        .formatted(id, op, payload, System.currentTimeMillis());
  }

  static String batch(String... changes) {
    return "{\"changes\":[" + String.join(",", changes) + "]}";
  }

  static String newId() {
    return UUID.randomUUID().toString();
  }

  Answer post(String user, String body) throws IOException, InterruptedException {
    return http.post(
        PATH, body, "authorization", Tokens.OURS.bearer(user), "content-type", "application/json");
  }

  static WriteAnswer read(Answer answer) {
    try {
      return WriteAnswer.read(JsonReader.read(answer.body(), JsonLimits.DEFAULT));
    } catch (InvalidJson e) {
      throw new AssertionError(answer.status() + " " + answer.body(), e);
    }
  }

  /** What the title of a note is, as the owner of the table sees it. */
  String title(String id) throws SQLException {
    return database.query(
        "select coalesce((select title from notes where id = '%s'), 'none')".formatted(id));
  }

  @Override
  public void close() throws SQLException {
    http.close();
    database.close();
  }
}
