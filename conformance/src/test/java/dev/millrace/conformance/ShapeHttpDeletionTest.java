package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Answer;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Protocol section 10.4. */
@ExtendWith({OnePostgres.class, OneShapeServer.class})
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class ShapeHttpDeletionTest {

  private final ShapeServer server;
  private final ShapeHttp http;

  ShapeHttpDeletionTest(ShapeServer server) {
    this.server = server;
    this.http = server.http();
  }

  private Answer delete(String... parameters) throws Exception {
    return http.send("DELETE", ShapeHttp.path(parameters));
  }

  // Protocol 0-3, 8-2, 10.4-2.
  @ParameterizedTest
  @ValueSource(strings = {"handle", "definition", "both"})
  void aShapeIsDropped(String named) throws Exception {
    String table = server.newTable("id int primary key, a text");
    ShapeCopy kept = server.copy(table);
    ShapeCopy copy = server.copy(table, "columns", "id", "replica", "full");
    var waiting = http.shapeLater(copy.next("live", "true"));

    Answer answer =
        switch (named) {
          case "handle" -> delete("handle", copy.handle(), "live", "true", "offset", "x");
          case "definition" -> delete("table", table, "columns", "id", "replica", "full");
          default ->
              delete("table", table, "columns", "id", "replica", "full", "handle", copy.handle());
        };

    assertThat(answer.status()).as(answer.body()).isEqualTo(202);
    assertThat(answer.body()).isEmpty();
    assertThat(answer.header("cache-control")).isEqualTo("no-cache");
    assertThat(waiting.get(10, TimeUnit.SECONDS).status()).isEqualTo(409);
    Answer refused = http.shape(copy.next());
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.handle()).isNotEqualTo(copy.handle());
    assertThat(server.copy(table).handle()).isEqualTo(kept.handle());
  }

  // Protocol 8-4, 10.4-2.
  @Test
  void whatIsNotThereIsNotFound() throws Exception {
    String table = server.newTable("id int primary key");

    for (Answer answer :
        new Answer[] {delete("handle", "1-1"), delete("handle", "x"), delete("table", table)}) {
      assertThat(answer.status()).isEqualTo(404);
      assertThat(Json.parse(answer.body())).isEqualTo(Map.of("message", "No existing shape found"));
      assertThat(answer.header("cache-control")).isEqualTo("no-cache");
    }
  }

  // Protocol 8-3, 10.4-3.
  @Test
  void aMistakeIsNamed() throws Exception {
    ShapeCopy other = server.copy(server.newTable("id int primary key"));

    assertThat(Json.parse(delete().body()))
        .isEqualTo(ShapeHttp.error("handle", "can't be blank when shape definition is missing"));
    Answer mixed = delete("table", "items", "handle", other.handle());
    assertThat(mixed.status()).isEqualTo(400);
    assertThat(Json.parse(mixed.body()))
        .isEqualTo(
            Map.of(
                "message",
                "The specified shape definition and handle do not match. Please ensure the shape"
                    + " definition is correct or omit the shape handle from the request to obtain a"
                    + " new one."));
    assertThat(http.shape(other.next()).status()).isEqualTo(200);
  }
}
