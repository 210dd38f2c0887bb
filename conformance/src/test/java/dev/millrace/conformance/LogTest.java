package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.dev.LocalPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a server logs in a typical life, as events that programs can read. */
@ExtendWith(OnePostgres.class)
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class LogTest {

  @TempDir private Path folder;

  /** One line of the log. */
  private record Event(String level, String message, Map<String, String> fields) {

    static Event parse(String line) {
      Map<String, @Nullable Object> json = Json.object(Json.parse(line));
      Map<String, String> fields = new TreeMap<>();
      if (json.get("kvpList") != null) {
        Json.list(json.get("kvpList"))
            .forEach(pair ->
                Json.object(pair)
                    .forEach((name, value) -> fields.put(name, String.valueOf(value))));
      }
      return new Event(
          String.valueOf(json.get("level")),
          String.valueOf(
              json.get("formattedMessage") == null
                  ? json.get("message")
                  : json.get("formattedMessage")),
          fields);
    }
  }

  @Test
  void eachEventHasTheFieldsToFindItBy(LocalPostgres postgres) throws Exception {
    try (SyncedDatabase database =
            SyncedDatabase.start(postgres, folder, Map.of("MILLRACE_LOG_FORMAT", "json"));
        ShapeHttp http = new ShapeHttp(database.server().uri())) {
      String name = database.query("select current_database()");
      String slot = "millrace_slot_" + name;
      database.execute("create table works (id int primary key)", "insert into works values (1)");
      ShapeCopy copy = ShapeCopy.of(http, "works");
      String handle = copy.handle();

      assertThat(event("made the replication slot").fields())
          .containsEntry("slot", slot)
          .containsKey("lsn");
      assertThat(event("following Postgres").fields())
          .containsEntry("slot", slot)
          .containsKeys("lsn", "timeline");
      assertThat(event("listening").fields()).containsKeys("host", "port");
      assertThat(event("made a shape").fields())
          .containsEntry("shape", handle)
          .containsEntry("table", "\"public\".\"works\"")
          .containsEntry("rows", "1")
          .containsKeys("lsn", "millis");

      database.execute(
          "select pg_terminate_backend(active_pid) from pg_replication_slots where database = current_database()");
      Event trouble = event("not following Postgres");
      assertThat(trouble.level()).isEqualTo("WARN");
      assertThat(trouble.fields()).containsEntry("slot", slot).containsKeys("lsn", "cause");

      database.execute("truncate works");
      assertThat(event("dropping a shape").fields())
          .containsEntry("shape", handle)
          .containsEntry("table", "\"public\".\"works\"")
          .containsEntry("cause", "table");

      database.server().restart();
      assertThat(events("restored the shapes")).hasSize(2);
      assertThat(events("restored the shapes").getLast().fields()).containsKeys("shapes", "lsn");
    }
  }

  /** The first whose message begins so, as soon as there is one. */
  private Event event(String message) {
    return await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> events(message), found -> !found.isEmpty())
        .getFirst();
  }

  private List<Event> events(String message) throws Exception {
    try (var lines = Files.lines(folder.resolve("server.log"))) {
      return lines
          .filter(line -> line.startsWith("{") && line.endsWith("}"))
          .map(Event::parse)
          .filter(event -> event.message().startsWith(message))
          .toList();
    }
  }
}
