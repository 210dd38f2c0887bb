package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.conformance.ShapeHttp.Message;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Protocol sections 6.1 to 6.7. */
@ExtendWith({OnePostgres.class, OneShapeServer.class})
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class ShapeHttpModesTest {

  private final ShapeServer server;
  private final ShapeHttp http;

  ShapeHttpModesTest(ShapeServer server) {
    this.server = server;
    this.http = server.http();
  }

  // Protocol 6.2-1.
  @Test
  void aLongPollAnswersWhenAChangeComes() throws Exception {
    String table = server.newTable("id int primary key");
    ShapeCopy copy = server.copy(table);
    var answer = http.shapeLater(copy.next("live", "true"));

    server.database().execute("insert into %s values (1)".formatted(table));

    assertThat(answer.get(10, TimeUnit.SECONDS).changes()).hasSize(1);
  }

  // Protocol 6.2-2.
  @Test
  void aLongPollInVainEndsWhereItBegan() throws Exception {
    ShapeCopy copy = server.copy("items");
    Instant before = Instant.now();

    List<CompletableFuture<Answer>> answers =
        Stream.of("true", "", "1", "yes")
            .map(live -> http.shapeLater(copy.next("live", live)))
            .toList();

    for (CompletableFuture<Answer> later : answers) {
      Answer answer = later.get(10, TimeUnit.SECONDS);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.messages())
          .singleElement()
          .extracting(end -> end.header("control"))
          .isEqualTo("up-to-date");
      assertThat(answer.offset()).isEqualTo(copy.offset());
      assertThat(answer.isUpToDate()).isTrue();
      assertThat(Duration.between(before, Instant.now()))
          .isGreaterThan(ShapeServer.LONG_POLL.minusMillis(50));
    }
  }

  // Protocol 6.2-3, 10.2-2.
  @Test
  void aLongPollOnADroppedShapeIsSentToItsSuccessor() throws Exception {
    String table = server.newTable("id int primary key", "insert into %s values (1)");
    ShapeCopy copy = server.copy(table);
    var answer = http.shapeLater(copy.next("live", "true"));

    server.database().execute("truncate " + table);

    assertThat(answer.get(10, TimeUnit.SECONDS).status()).isEqualTo(409);
    assertThat(answer.get().handle())
        .isEqualTo(server.copy(table).handle())
        .isNotEqualTo(copy.handle());
  }

  // Protocol 6.3-1.
  @Test
  void theCursorIsTheIntervalsEndOrLater() throws Exception {
    long epoch = Instant.parse("2024-10-09T00:00:00Z").getEpochSecond();
    ShapeCopy copy = server.copy("items");
    long before = Instant.now().getEpochSecond() - epoch;
    long far = before + 1000;

    var first = http.shapeLater(copy.next("live", "true"));
    var ahead = http.shapeLater(copy.next("live", "true", "cursor", Long.toString(far)));

    long cursor = Long.parseLong(first.get(10, TimeUnit.SECONDS).header("electric-cursor"));
    assertThat(cursor % ShapeServer.LONG_POLL.toSeconds()).isZero();
    assertThat(cursor).isBetween(before, before + 10);
    assertThat(Long.parseLong(ahead.get(10, TimeUnit.SECONDS).header("electric-cursor")))
        .isBetween(far + 1, far + 3600);
  }

  // Protocol 6.4-1.
  @Test
  void nowIsTheEndOfTheLogAndMakesTheShape() throws Exception {
    String table = server.newTable("id int primary key", "insert into %s values (1)");

    Answer answer = http.shape("table", table, "offset", "now", "handle", "nonsense");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.messages())
        .singleElement()
        .extracting(end -> end.header("control"))
        .isEqualTo("up-to-date");
    assertThat(answer.offset()).isEqualTo("0_inf");
    assertThat(answer.handle()).isEqualTo(server.copy(table).handle());
  }

  // Protocol 3.1-5, 6.5-1, 6.5-2.
  @Test
  void anEventStreamSendsChangesAsTheyCome() throws Exception {
    String table = server.newTable("id int primary key");
    ShapeCopy copy = server.copy(table);
    var response = http.stream(copy.next("live", "true", "live_sse", "true"));
    try (BufferedReader lines = reader(response.body())) {
      server.database().execute("insert into %s values (1)".formatted(table));
      List<String> first =
          Arrays.asList(lines.readLine(), lines.readLine(), lines.readLine(), lines.readLine());

      server.database().execute("insert into %s values (2)".formatted(table));
      List<String> second =
          Arrays.asList(lines.readLine(), lines.readLine(), lines.readLine(), lines.readLine());

      for (List<String> block : List.of(first, second)) {
        assertThat(block.get(0)).startsWith("data: {").contains("\"insert\"");
        assertThat(block.get(1)).isEmpty();
        assertThat(block.get(2)).startsWith("data: {").contains("up-to-date");
        assertThat(block.get(3)).isEmpty();
      }
    }
    assertThat(response.headers().map())
        .containsEntry("content-type", List.of("text/event-stream"))
        .containsEntry("cache-control", List.of("public, max-age=59"))
        .containsEntry("connection", List.of("keep-alive"))
        .containsEntry("transfer-encoding", List.of("chunked"))
        .containsKey("electric-cursor")
        .doesNotContainKey("electric-schema");
  }

  // Protocol 6.5-1, 6.5-2.
  @ParameterizedTest
  @ValueSource(strings = {"live_sse", "experimental_live_sse"})
  void anEventStreamBehindTheEndCatchesUpAndGoesOn(String parameter) throws Exception {
    String table = server.newTable("id int primary key");
    ShapeCopy behind = server.copy(table);
    ShapeCopy copy = server.copy(table);
    server.database().execute("insert into %s values (1)".formatted(table));
    copy.awaitChanges();

    var response = http.stream(behind.next("live", "true", parameter, "true"));
    try (BufferedReader lines = reader(response.body())) {
      assertThat(lines.readLine()).startsWith("data: {").contains("\"insert\"");
      assertThat(lines.readLine()).isEmpty();
      assertThat(lines.readLine()).startsWith("data: {").contains("up-to-date");
      assertThat(lines.readLine()).isEmpty();
      server.database().execute("insert into %s values (2)".formatted(table));
      assertThat(lines.readLine()).startsWith("data: {").contains("\"id\":\"2\"");
    }

    // Not the offset it reaches: a client takes this over before it has read a frame.
    assertThat(response.headers().firstValue("electric-offset")).contains(behind.offset());
  }

  // Protocol 6.5-3.
  @Test
  void anEventStreamEndsWithItsShape() throws Exception {
    String table = server.newTable("id int primary key", "insert into %s values (1)");
    ShapeCopy copy = server.copy(table);
    try (BufferedReader lines =
        reader(http.stream(copy.next("live", "true", "live_sse", "true")).body())) {
      server.database().execute("truncate " + table);

      assertThat(lines.readLine()).isNull();
    }
    assertThat(http.shape(copy.next("live", "true", "live_sse", "true")).status()).isEqualTo(409);
  }

  // Protocol 6.6-1.
  @Test
  void theSchemaDescribesEachColumn() throws Exception {
    String table =
        server.newTable(
            "a int, id bigint, v varchar(5) not null, c char(3), b bit(4), vb varbit, num numeric(6,2), ts timestamp(3),"
                + " iv interval day to second, yr interval year, xs int[], grid text[][], free numeric, primary key (id, a)");

    Object schema =
        Json.parse(http.shape("table", table, "offset", "-1").header("electric-schema"));

    assertThat(schema)
        .isEqualTo(
            Json.parse(
                """
                {"a": {"type": "int4", "pk_index": 1, "not_null": true},
                 "id": {"type": "int8", "pk_index": 0, "not_null": true},
                 "v": {"type": "varchar", "max_length": 5, "not_null": true},
                 "c": {"type": "bpchar", "length": 3}, "b": {"type": "bit", "length": 4},
                 "vb": {"type": "varbit", "length": -1},
                 "num": {"type": "numeric", "precision": 6, "scale": 2},
                 "ts": {"type": "timestamp", "precision": 3},
                 "iv": {"type": "interval", "fields": "DAY TO SECOND"},
                 "yr": {"type": "interval", "fields": "YEAR"},
                 "xs": {"type": "int4", "dims": 1}, "grid": {"type": "text", "dims": 2},
                 "free": {"type": "numeric"}}
                """));
  }

  // Protocol 6.7-1.
  @Test
  void valuesAreTheSameTextInSnapshotAndLog() throws Exception {
    String columns =
        "id int primary key, b bool, y bytea, d date, z timestamptz, f float8, i interval, c char(3), j jsonb, n text";
    String values =
        "true, '\\xff00', '2024-02-29', '2024-01-02 03:04:05+03', 0.1, '1 day 2 hours', 'a', '{\"a\":1}', null";
    String table = server.newTable(columns, "insert into %s values (1, " + values + ")");
    ShapeCopy copy = server.copy(table);

    server.database().execute("insert into %s values (2, %s)".formatted(table, values));
    copy.awaitChanges();

    assertThat(copy.rows())
        .hasSize(2)
        .allSatisfy(row -> {
          Map<String, @Nullable Object> value = new HashMap<>(row.value());
          value.remove("id");
          assertThat(value)
              .isEqualTo(
                  Row.values(
                      "b",
                      "t",
                      "y",
                      "\\xff00",
                      "d",
                      "2024-02-29",
                      "z",
                      "2024-01-02 00:04:05+00",
                      "f",
                      "0.1",
                      "i",
                      "P1DT2H",
                      "c",
                      "a  ",
                      "j",
                      "{\"a\": 1}",
                      "n",
                      null));
        });
  }

  // Protocol 6.7-2.
  @Test
  void aLargeValueLeftAloneIsTakenFromTheOldRow() throws Exception {
    String table =
        server.newTable(
            "id int primary key, a int, large text",
            "alter table %s alter large set storage external",
            "insert into %s values (1, 1, repeat('x', 5000))");
    ShapeCopy full = server.copy(table, "replica", "full");
    ShapeCopy usual = server.copy(table);

    server.database().execute("update %s set a = 2".formatted(table));
    Message fullChange = full.awaitChanges().getLast();
    Message usualChange = usual.awaitChanges().getLast();

    assertThat(fullChange.value("large")).isEqualTo("x".repeat(5000));
    assertThat(fullChange.oldValue()).containsOnlyKeys("a");
    assertThat(usualChange.value()).containsOnlyKeys("id", "a");
  }

  private static BufferedReader reader(InputStream stream) {
    return new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
  }
}
