package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.conformance.ShapeHttp.Message;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Protocol section 9. */
@ExtendWith({OnePostgres.class, OneShapeServer.class})
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class SubsetTest {

  private static final String NOW = "/v1/shape?table=items&offset=now";

  private final ShapeServer server;
  private final ShapeHttp http;

  SubsetTest(ShapeServer server) {
    this.server = server;
    this.http = server.http();
  }

  private static Map<String, @Nullable Object> subsetError(String field, Object message) {
    return Map.of("message", "Invalid request", "errors", Map.of("subset", Map.of(field, message)));
  }

  // Protocol 9-1, 9-6, 9-7, 9-8.
  @ParameterizedTest
  @ValueSource(strings = {"GET", "flat", "nested"})
  void aSubsetIsRowsAndWhatTheirSnapshotSaw(String form) throws Exception {
    String fields =
        "{\"where\":\"name = $1\",\"params\":{\"1\":\"milk\"},\"order_by\":\"id\",\"limit\":5,\"offset\":0}";
    Answer answer =
        switch (form) {
          case "GET" ->
              http.get(
                  NOW
                      + "&subset__where=name+%3D+%241&subset__params=%7B%221%22%3A%22milk%22%7D"
                      + "&subset__order_by=id&subset__limit=5&subset__offset=0");
          case "flat" -> http.post(NOW, fields);
          default -> http.post(NOW, "{\"subset\":" + fields + "}");
        };

    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    Object mark = answer.metadata().get("snapshot_mark");
    assertThat(answer.subsetRows())
        .extracting(Message::json)
        .containsExactly(
            Map.of(
                "key",
                Row.key("items", 1),
                "value",
                Map.of("id", "1", "name", "milk", "n", "2"),
                "headers",
                Map.of(
                    "operation",
                    "insert",
                    "relation",
                    List.of("public", "items"),
                    "snapshot_mark",
                    Objects.requireNonNull(mark))));
    assertThat(answer.metadata())
        .containsOnlyKeys("xmin", "xmax", "xip_list", "database_lsn", "snapshot_mark");
    assertThat(((Number) mark).longValue()).isBetween(0L, (1L << 31) - 1);
    assertThat(String.valueOf(answer.metadata().get("database_lsn"))).matches("\\d+");
    assertThat(answer.header("electric-snapshot")).isEqualTo("true");
    assertThat(answer.header("cache-control")).isEqualTo("no-cache");
    assertThat(answer.handle()).isEqualTo(server.copy("items").handle());
    assertThat(answer.has("electric-schema")).isTrue();
    assertThat(answer.offset()).isEqualTo("0_inf");
    assertThat(answer.headers())
        .doesNotContainKeys("etag", "electric-up-to-date", "electric-has-data", "electric-cursor");
  }

  // Protocol 0-2, 9-1.
  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "{\"subset\":{}}", " {} ", "{\"where\":null}"})
  void aPostWithoutASubsetIsAnOrdinaryRequest(String body) throws Exception {
    Answer answer = http.post("/v1/shape?table=items&offset=-1", body);

    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.changes()).hasSize(2);
    assertThat(answer.header("cache-control")).isEqualTo("no-cache");
  }

  // Protocol 9-2.
  @Test
  void aBodyWinsOverTheUrl() throws Exception {
    Answer answer =
        http.post(
            "/v1/shape?table=nowhere&offset=now&subset__where=false",
            "{\"table\":\"items\",\"columns\":\"id\",\"where\":\"id = 2\"}");

    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.subsetRows()).extracting(Message::value).containsExactly(Map.of("id", "2"));
  }

  // Protocol 9-3.
  @ParameterizedTest
  @ValueSource(strings = {"[]", "1", "\"x\"", "null", "true"})
  void aBodyIsAnObject(String body) throws Exception {
    Answer answer = http.post(NOW, body);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body()).isEqualTo("{\"error\":\"Request body must be a JSON object\"}");
    assertThat(answer.header("cache-control")).isEqualTo("no-cache");
  }

  // Protocol 9-3.
  @ParameterizedTest
  @ValueSource(
      strings = {"{", "{\"where\":", "{'where':1}", "{} {}", "{]", "x", "{\"a\":01}", "\u0001"})
  void aBodyIsJson(String body) throws Exception {
    Answer answer = http.post(NOW, body);

    assertThat(answer.status()).as(answer.body()).isEqualTo(400);
    assertThat(Json.object(Json.parse(answer.body())))
        .containsEntry("error", "Invalid JSON in request body")
        .containsOnlyKeys("error", "details");
  }

  // Protocol 9-3.
  @Test
  void aBodyNestedTooDeepIsNoJson() throws Exception {
    Answer answer = http.post(NOW, "{\"a\":".repeat(5000) + "1" + "}".repeat(5000));

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body()).contains("Invalid JSON in request body");
  }

  // Protocol 8-7.
  @Test
  void aLargeBodyIsRefused() throws Exception {
    String head = "POST " + NOW + " HTTP/1.1\r\nhost: x\r\ncontent-length: 8000001\r\n\r\n";

    assertThat(http.raw(head))
        .startsWith("HTTP/1.1 413")
        .endsWith("{\"error\":\"Request body too large\"}");
  }

  // Protocol 9-4.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{\"limit\":0,\"order_by\":\"id\"}     | limit    | must be greater than 0",
        "{\"limit\":-1,\"order_by\":\"id\"}    | limit    | must be greater than 0",
        "{\"limit\":\"x\",\"order_by\":\"id\"} | limit    | is invalid",
        "{\"limit\":1.5,\"order_by\":\"id\"}   | limit    | is invalid",
        "{\"offset\":-1,\"order_by\":\"id\"}   | offset   | must be greater than or equal to 0",
        "{\"limit\":1}                         | order_by | order_by is required when limit or offset is present",
        "{\"offset\":0}                        | order_by | order_by is required when limit or offset is present",
        "{\"order_by\":\"nowhere\"}            | order_by | At location 0: unknown reference nowhere",
        "{\"order_by\":\"id, n + 1\"}          | order_by | At location 4: expressions are not allowed in ORDER BY clauses",
        "{\"order_by\":\"lower(name)\"}        | order_by | At location 0: expressions are not allowed in ORDER BY clauses",
        "{\"order_by\":\"$1\"}                 | order_by | At location 0: parameter $1 is not supported in ORDER BY clauses",
        "{\"where\":true}                      | where    | is invalid",
        "{\"where\":\"id = $1\"}               | where    | At location 5: parameter $1 was not provided",
        "{\"where\":\"true\",\"params\":{\"a\":1}} | params | Parameters can only use numbers as keys",
        "{\"where\":\"true\",\"params\":{\"2\":1}} | params | Parameters must be numbered sequentially, starting from 1",
        "{\"where\":\"true\",\"params\":{\"1\":[]}} | params | is invalid",
        "{\"where\":\"true\",\"params\":[]}    | params   | is invalid",
        "{\"where\":\"id in (select 1)\"}      | where    | Subqueries are not allowed in subsets",
        "{\"where\":\"id = 1; drop table x\"}  | where    | unescaped \";\" causing statement split"
      })
  void aMistakeInASubsetIsNamed(String body, String field, String text) throws Exception {
    Answer answer = http.post(NOW, body);

    assertThat(answer.status()).as(answer.body()).isEqualTo(400);
    assertThat(Json.parse(answer.body())).isEqualTo(subsetError(field, List.of(text)));
  }

  /** Places count as if parameters stood in the text, those of syntax errors 15 further. */
  // Protocol 9-5.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "1 x 1                 | At location 17: syntax error at or near \"x\"",
        "name = $1 x           | At location 25: syntax error at or near \"x\"",
        "id =                  | syntax error at or near",
        "nowhere = 1           | At location 0: column \"nowhere\" does not exist",
        "name = $1 and foo = 1 | At location 14: column \"foo\" does not exist",
        "id                    | At location 0: argument of WHERE must be type boolean, not type integer",
        "id = 1)               | At location 21: syntax error at or near \")\"",
        "name + 1 = 2          | At location 5: operator does not exist: text + integer",
        "frobnicate(id) = 1    | At location 0: function frobnicate(integer) does not exist"
      })
  void anErrorOfPostgresHasItsPlaceInTheText(String where, String text) throws Exception {
    Answer answer =
        http.post(
            NOW,
            "{\"where\":%s,\"params\":{\"1\":\"a long value, 'quoted'\"}}"
                .formatted(Json.quote(where)));

    assertThat(answer.status()).as(answer.body()).isEqualTo(400);
    assertThat(answer.body())
        .startsWith("{\"message\":\"Invalid request\",\"errors\":{\"subset\":{\"where\":[\"")
        .contains(Json.quote(text).substring(1, Json.quote(text).length() - 1));
  }

  // Protocol 9-5.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "id = 'x'::int    | invalid input syntax for type integer: \"x\"",
        "id / 0 = 1       | division by zero",
        "id = $1::int     | invalid input syntax for type integer: \"milk\""
      })
  void aWrongValueIsToldAsPostgresTellsIt(String where, String text) throws Exception {
    Answer answer =
        http.post(NOW, "{\"where\":%s,\"params\":{\"1\":\"milk\"}}".formatted(Json.quote(where)));

    assertThat(answer.status()).as(answer.body()).isEqualTo(400);
    assertThat(Json.parse(answer.body())).isEqualTo(subsetError("where", text));
  }

  // Protocol 9-9.
  @Test
  void aHandleThatIsUnknownIsRefusedAsEver() throws Exception {
    Answer answer =
        http.post("/v1/shape?table=items&offset=0_inf&handle=1-1", "{\"where\":\"true = true\"}");

    assertThat(answer.status()).isEqualTo(409);
    assertThat(answer.handle()).isEqualTo(server.copy("items").handle());
    assertThat(answer.header("cache-control")).isEqualTo("no-cache");
  }

  // Protocol 9-9.
  @Test
  void headOfASubsetHasItsHeaders() throws Exception {
    String path = NOW + "&subset__where=id+%3D+1";

    Answer head = http.send("HEAD", path);
    Answer get = http.get(path);

    assertThat(head.status()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(head.steadyHeaders().keySet()).isEqualTo(get.steadyHeaders().keySet());
  }

  // Protocol 9-10.
  @Test
  void aLargeSubsetWaitsInAFileThatVanishes() throws Exception {
    String table = large(1500);

    Answer answer = http.shape("table", table, "offset", "now", "subset__order_by", "id desc");

    assertThat(answer.subsetRows()).hasSize(1500);
    assertThat(answer.subsetRows().getFirst().value("id")).isEqualTo("1500");
    awaitNoSubsetFiles();
  }

  /** More of them than there are connections to Postgres. */
  // Protocol 9-10.
  @Test
  void slowReadersHoldNoConnection() throws Exception {
    String table = large(4000);
    String path =
        ShapeHttp.path(
            "table", table, "offset", "now", "log", "changes_only", "subset__order_by", "id");
    assertThat(http.shape("table", table, "offset", "now", "log", "changes_only").status())
        .isEqualTo(200);
    URI uri = server.database().server().uri();
    List<Socket> slow = new ArrayList<>();
    try {
      for (int i = 0; i < 24; i++) {
        Socket socket = new Socket(uri.getHost(), uri.getPort());
        slow.add(socket);
        socket
            .getOutputStream()
            .write(
                ("GET " + path + " HTTP/1.1\r\nhost: x\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
        assertThat(socket.getInputStream().read()).isEqualTo('H');
      }

      assertThat(http.get(NOW + "&subset__where=id+%3D+1").subsetRows()).hasSize(1);
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() ->
              assertThat(
                      server
                          .database()
                          .query(
                              "select count(*) from pg_stat_activity where datname ="
                                  + " current_database() and pid <> pg_backend_pid() and"
                                  + " (state <> 'idle' or xact_start is not null) and"
                                  + " backend_type = 'client backend'"))
                  .isEqualTo("0"));
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
    awaitNoSubsetFiles();
  }

  private String large(int rows) throws Exception {
    return server.newTable(
        "id int primary key, body text",
        "insert into %%s select i, repeat('x', 1000) from generate_series(1, %d) i"
            .formatted(rows));
  }

  private void awaitNoSubsetFiles() {
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(files(server.subsets())).isEmpty());
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The client drops from the log what the snapshot saw already, and has what SELECT has. */
  // Protocol 9-6, 9-8.
  @ParameterizedTest
  @ValueSource(strings = {"GET", "POST"})
  void snapshotAndLogFitTogetherUnderWriters(String method) throws Exception {
    String table = server.newTable("id int primary key, n int");
    String[] shape = {"table", table, "log", "changes_only"};
    String everything = "true = true";
    Thread writer = Thread.ofPlatform().start(() -> write(table, 300));
    Map<String, Map<String, @Nullable Object>> rows = new TreeMap<>();
    for (int round = 0; round < 5; round++) {
      String path =
          ShapeHttp.path(
              Stream.concat(Stream.of(shape), Stream.of("offset", "now")).toArray(String[]::new));
      Answer subset =
          method.equals("GET")
              ? http.get(path + "&subset__where=true+%3D+true")
              : http.post(path, "{\"where\":" + Json.quote(everything) + "}");
      assertThat(subset.status()).as(subset.body()).isEqualTo(200);
      rows.clear();
      subset.subsetRows().forEach(row -> rows.put(row.key(), row.value()));
      if (round == 4) {
        writer.join();
        // Something that comes last, so that the end can be told.
        server.database().execute("insert into %s values (1000000, 0)".formatted(table));
      }
      follow(shape, subset, rows, round == 4);
    }

    assertThat(rows.entrySet().stream().map(e -> new Row(e.getKey(), e.getValue())).sorted())
        .isEqualTo(server.database().select(table, "id"));
  }

  private void write(String table, int transactions) {
    try (var connection = server.database().connect();
        var statement = connection.createStatement()) {
      for (int i = 0; i < transactions; i++) {
        statement.execute(
            switch (i % 3) {
              case 0 ->
                  "insert into %s select g, %d from generate_series(%d, %d) g on conflict (id) do update set n = excluded.n"
                      .formatted(table, i, i % 40, i % 40 + 5);
              case 1 -> "update %s set n = n + 1 where id %% 7 = %d".formatted(table, i % 7);
              default -> "delete from %s where id %% 11 = %d".formatted(table, i % 11);
            });
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private void follow(
      String[] shape,
      Answer subset,
      Map<String, Map<String, @Nullable Object>> rows,
      boolean toTheEnd)
      throws Exception {
    String offset = subset.offset();
    Snapshot seen = Snapshot.of(subset.metadata());
    for (int i = 0; i < 500; i++) {
      List<String> request = new ArrayList<>(List.of(shape));
      request.addAll(List.of("handle", subset.handle(), "offset", offset));
      request.addAll(toTheEnd ? List.of("live", "true") : List.of());
      Answer answer = http.shape(request.toArray(String[]::new));
      assertThat(answer.status()).as(answer.body()).isEqualTo(200);
      offset = answer.offset();
      for (Message change : answer.changes()) {
        if (!seen.sees(change)) {
          apply(change, rows);
        }
      }
      boolean isLast = rows.containsKey(Row.key(shape[1], 1_000_000));
      if (toTheEnd ? isLast : answer.isUpToDate()) {
        return;
      }
    }
    throw new IllegalStateException("never at the end");
  }

  private static void apply(Message change, Map<String, Map<String, @Nullable Object>> rows) {
    switch (change.operation()) {
      case "insert" -> rows.put(change.key(), change.value());
      case "update" ->
          rows.computeIfPresent(
              change.key(),
              (key, row) -> {
                Map<String, @Nullable Object> merged = new TreeMap<>(row);
                merged.putAll(change.value());
                return merged;
              });
      default -> rows.remove(change.key());
    }
  }

  /** Which transactions a subset's rows show. */
  private record Snapshot(long xmin, long xmax, List<String> running) {

    static Snapshot of(Map<String, @Nullable Object> metadata) {
      return new Snapshot(
          Long.parseLong(String.valueOf(metadata.get("xmin"))),
          Long.parseLong(String.valueOf(metadata.get("xmax"))),
          Json.list(metadata.get("xip_list")).stream().map(String::valueOf).toList());
    }

    boolean sees(Message change) {
      long txid = ((Number) Json.list(change.header("txids")).getFirst()).longValue();
      return txid < xmin || (txid < xmax && !running.contains(Long.toString(txid)));
    }
  }

  // Protocol 9-4, 9-6.
  @Test
  void subsetsAreWhatSelectSays() throws Exception {
    String mood = server.newName();
    server.database().execute("create type %s as enum ('sad', 'ok', 'happy')".formatted(mood));
    String table =
        server.newTable(
            "id int primary key, t text, n numeric(8,2), b bool, z timestamptz, m %s, a int[]"
                .formatted(mood),
            """
            insert into %%s select i,
              (array['', 'a', 'B', 'é', null, 'x''y'])[i %%%% 6 + 1],
              nullif(i %%%% 13, 0)::numeric / 4, (array[true, false, null])[i %%%% 3 + 1],
              '2024-01-01'::timestamptz + i * interval '7 hours',
              (enum_range(null::%s))[i %%%% 3 + 1], array[i %%%% 4, i]
            from generate_series(1, 200) i
            """
                .formatted(mood));
    Random random = new Random(4);
    for (int round = 0; round < 60; round++) {
      String where = RandomSubset.where(random);
      String order = RandomSubset.order(random);
      int limit = 1 + random.nextInt(60);
      int offset = random.nextInt(30);

      Answer answer =
          http.post(
              ShapeHttp.path("table", table, "offset", "now"),
              "{\"where\":%s,\"order_by\":%s,\"limit\":%d,\"offset\":%d}"
                  .formatted(Json.quote(where), Json.quote(order), limit, offset));

      String sql =
          "select string_agg(id::text, ',' order by place) from (select id, row_number() over () place from (select id from %s where %s order by %s limit %d offset %d) s) s"
              .formatted(table, where, order, limit, offset);
      assertThat(answer.status()).as("%s: %s", where, answer.body()).isEqualTo(200);
      assertThat(
              answer.subsetRows().stream()
                  .map(row -> String.valueOf(row.value("id")))
                  .collect(Collectors.joining(",")))
          .as("where %s order by %s limit %d offset %d", where, order, limit, offset)
          .isEqualTo(Objects.requireNonNullElse(server.database().query(sql), ""));
    }
  }

  /** Makes conditions and orders over the columns of the table above. */
  private static final class RandomSubset {

    private static final List<String> CONDITIONS =
        List.of(
            "id > 50",
            "id between 10 and 90",
            "t = 'a'",
            "t is null",
            "t in ('B', 'é', 'x''y')",
            "t like '%''%'",
            "n > 1.25",
            "n is distinct from 2",
            "b",
            "not b",
            "b is not true",
            "z < '2024-02-01'",
            "z >= '2024-01-10 05:00+02'",
            "m = 'ok'",
            "m > 'sad'",
            "m in ('sad')",
            "3 = any(a)",
            "a @> array[2]",
            "a[1] = 1",
            "id % 5 = 0",
            "length(t) = 1",
            "coalesce(n, 9) > 2",
            "true = true",
            "t || 'x' = 'ax'",
            "extract(day from z) = 3");

    private static final List<String> TERMS =
        List.of("t", "t desc", "n nulls first", "n desc nulls last", "b", "z desc", "m", "m desc");

    private RandomSubset() {}

    static String where(Random random) {
      String where = pick(random, CONDITIONS);
      for (int i = random.nextInt(4); i > 0; i--) {
        String next =
            random.nextBoolean()
                ? pick(random, CONDITIONS)
                : "not (" + pick(random, CONDITIONS) + ")";
        where = "(" + where + ")" + (random.nextBoolean() ? " and " : " or ") + "(" + next + ")";
      }
      return where;
    }

    /** Ends with the key, so that there is one right answer. */
    static String order(Random random) {
      return pick(random, TERMS) + ", " + (random.nextBoolean() ? "id" : "id desc");
    }

    private static String pick(Random random, List<String> from) {
      return from.get(random.nextInt(from.size()));
    }
  }
}
