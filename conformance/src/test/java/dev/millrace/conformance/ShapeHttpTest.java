package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.conformance.ShapeHttp.Message;
import dev.millrace.dev.DevException;
import dev.millrace.dev.LocalPostgres;
import dev.millrace.dev.ServerProcess;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The statements of docs/protocol.md that plain HTTP can see, in its order; the nested classes are
 * its sections. Not here: what takes longer than a few seconds (the 60 s of an event stream and its
 * keep-alive), the 503s, and restarts.
 */
@ExtendWith(OnePostgres.class)
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class ShapeHttpTest {
  private static final int CHUNK_BYTES = 10_000;
  private static final Duration LONG_POLL = Duration.ofSeconds(2);
  private static final String ITEMS = "/v1/shape?table=items&offset=-1";
  private static final AtomicInteger TABLES = new AtomicInteger();

  @TempDir static Path folder;
  private static SyncedDatabase database;
  private static ShapeHttp http;

  @BeforeAll
  static void start(LocalPostgres postgres) throws Exception {
    database =
        SyncedDatabase.start(
            postgres,
            folder.resolve("open"),
            Map.of(
                "MILLRACE_CHUNK_BYTES", Integer.toString(CHUNK_BYTES),
                "MILLRACE_LONG_POLL_TIMEOUT", Long.toString(LONG_POLL.toSeconds())));
    http = new ShapeHttp(database.server().uri());
    database.execute(
        "create table items (id int primary key, name text, n int)",
        "insert into items values (1, 'milk', 2), (2, 'bread', null)",
        "create table generated (id int primary key, twice int generated always as (id * 2) stored)");
  }

  @AfterAll
  static void stop() throws Exception {
    http.close();
    database.close();
  }

  private static String newTable(String columns, String... statements) throws Exception {
    String table = "t" + TABLES.incrementAndGet();
    database.execute("create table %s (%s)".formatted(table, columns));
    for (String statement : statements) {
      database.execute(statement.formatted(table));
    }
    return table;
  }

  private static ShapeCopy copy(String table, String... parameters) throws Exception {
    return ShapeCopy.of(http, table, parameters);
  }

  private static void inOneTransaction(String... statements) throws Exception {
    database.execute("begin; " + String.join("; ", statements) + "; commit");
  }

  private static Map<String, @Nullable Object> error(String field, String text) {
    return Map.of("message", "Invalid request", "errors", Map.of(field, List.of(text)));
  }

  /** Without those that differ from answer to answer. */
  private static Map<String, List<String>> steadyHeaders(Answer answer) {
    Map<String, List<String>> headers = new HashMap<>(answer.headers());
    headers.remove("x-request-id");
    headers.remove("date");
    return headers;
  }

  /** Protocol section 0. */
  @Nested
  class Endpoints {
    @Test
    void theRootIsEmpty() throws Exception {
      Answer answer = http.get("/");

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body()).isEmpty();
      assertThat(answer.header("cache-control")).isEqualTo("max-age=0, private, must-revalidate");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {"/nothing", "/v1", "/v1/shapes", "/v1/shape/x", "/V1/shape", "/metrics"})
    void whatIsNotThereIsNotFound(String path) throws Exception {
      Answer answer = http.get(path);

      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.body()).isEqualTo("Not found");
      assertThat(answer.header("cache-control")).isEqualTo("max-age=0, private, must-revalidate");
    }

    @ParameterizedTest
    @ValueSource(strings = {"//v1//%73hape/", "/v1/shape/", "/v1%2Fshape"})
    void pathsAreComparedDecodedAndWithoutEmptySegments(String path) throws Exception {
      String answer = http.raw(request(path + "?table=items&offset=-1"));

      assertThat(answer).startsWith("HTTP/1.1 200").contains("electric-handle");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/%zz", "/v1/shape?table=%zz", "/v1/shape?table=%f"})
    void anUndecodableUrlIsABadRequest(String path) throws Exception {
      String answer = http.raw(request(path));

      assertThat(answer)
          .startsWith("HTTP/1.1 400")
          .contains("cache-control: max-age=0, private, must-revalidate")
          .endsWith("\r\n\r\nBad request");
    }

    @Test
    void whatIsNotHttpIsABadRequest() throws Exception {
      assertThat(http.raw("gibberish\r\n\r\n"))
          .startsWith("HTTP/1.1 400")
          .endsWith("\r\n\r\nThis is not a request of HTTP/1.1.");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "/",
          "/nothing",
          "/v1/health",
          ITEMS,
          "/v1/shape",
          "/v1/shape?table=none&offset=-1"
        })
    void everyAnswerNamesTheServerTheRequestAndItsLength(String path) throws Exception {
      Answer answer = http.get(path);

      assertThat(answer.header("electric-server")).matches("Millrace/\\S+");
      assertThat(answer.header("x-request-id")).matches("[A-Za-z0-9+/=_-]{20,200}");
      if (!answer.has("transfer-encoding")) {
        assertThat(answer.header("content-length"))
            .isEqualTo(Integer.toString(answer.body().getBytes(StandardCharsets.UTF_8).length));
      }
    }

    @Test
    void aGoodRequestIdIsKept() throws Exception {
      for (String id : List.of("abcdefghij0123456789", "A+/=_-".repeat(10), "x".repeat(200))) {
        assertThat(http.get("/", "x-request-id", id).header("x-request-id")).isEqualTo(id);
      }
    }

    @Test
    void aBadRequestIdIsReplaced() throws Exception {
      for (String id : List.of("short", "x".repeat(201), "spaces in it 0123456789")) {
        assertThat(http.get("/", "x-request-id", id).header("x-request-id"))
            .isNotEqualTo(id)
            .hasSizeGreaterThanOrEqualTo(20);
      }
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "/",
          "/nothing",
          "/v1/health",
          ITEMS,
          "/v1/shape",
          "/v1/shape?table=none&offset=-1",
          "/v1/shape?table=items&offset=0_inf&handle=1-1"
        })
    void headHasTheHeadersOfGetAndNoBody(String path) throws Exception {
      copy("items");
      Answer get = http.get(path);

      Answer head = http.send("HEAD", path);

      assertThat(head.status()).isEqualTo(get.status());
      assertThat(steadyHeaders(head)).isEqualTo(steadyHeaders(get));
      assertThat(head.body()).isEmpty();
    }

    @Test
    void aRequestLineMayHaveTenThousandBytes() throws Exception {
      String line = "GET /?" + "x".repeat(10_000 - "GET /? HTTP/1.1".length()) + " HTTP/1.1";

      assertThat(http.raw(line + "\r\nhost: x\r\nconnection: close\r\n\r\n"))
          .startsWith("HTTP/1.1 200");
    }

    @Test
    void aLongerRequestLineIsRefused() throws Exception {
      String line = "GET /?" + "x".repeat(10_000) + " HTTP/1.1";

      assertThat(http.raw(line + "\r\nhost: x\r\n\r\n"))
          .startsWith("HTTP/1.1 414")
          .endsWith("\r\n\r\nThe request line has more than 10000 bytes.");
    }

    @Test
    void longerHeadersAreRefused() throws Exception {
      String headers = "x-long: " + "x".repeat(17 * 1024) + "\r\n";

      assertThat(http.raw("GET / HTTP/1.1\r\nhost: x\r\n" + headers + "\r\n"))
          .startsWith("HTTP/1.1 431")
          .endsWith("\r\n\r\nThe headers have more than 16384 bytes.");
    }

    @Test
    void aBodyIsReadAndDropped() throws Exception {
      String body = "GET /nothing HTTP/1.1\r\n\r\n";
      String first =
          "GET / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n".formatted(body.length());

      String answers = http.raw(first + body + request("/v1/health"));

      assertThat(answers.split("HTTP/1.1 ", -1)).hasSize(3);
      assertThat(answers).contains("active").doesNotContain("Not found");
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws Exception {
      String wait = "GET %s HTTP/1.1\r\nhost: x\r\n\r\n";

      ShapeCopy copy = copy("items");
      String answers =
          http.raw(
              wait.formatted(ShapeHttp.path(copy.next("live", "true")))
                  + wait.formatted("/nothing")
                  + request("/v1/health"));

      assertThat(answers.indexOf("up-to-date\"")).isPositive();
      assertThat(answers.indexOf("Not found")).isGreaterThan(answers.indexOf("up-to-date\""));
      assertThat(answers.indexOf("active")).isGreaterThan(answers.indexOf("Not found"));
    }

    @ParameterizedTest
    @ValueSource(
        strings = {ITEMS, "/v1/shape", "/v1/health", "/v1/shape?table=items&offset=0_0&handle=1-1"})
    void anyOriginMayReadTheAnswer(String path) throws Exception {
      Answer plain = http.get(path);
      Answer asked = http.get(path, "origin", "https://example.org");
      Answer askedTwice = http.get(path, "origin", "https://a.org", "origin", "https://b.org");

      assertThat(plain.header("access-control-allow-origin")).isEqualTo("*");
      assertThat(asked.header("access-control-allow-origin")).isEqualTo("https://example.org");
      assertThat(askedTwice.header("access-control-allow-origin")).isEqualTo("*");
      assertThat(plain.header("access-control-allow-methods"))
          .isEqualTo(path.contains("health") ? "GET, HEAD" : "GET, POST, HEAD, DELETE, OPTIONS");
      assertThat(plain.header("access-control-expose-headers"))
          .isEqualTo(
              "electric-cursor,electric-handle,electric-has-data,electric-offset,electric-schema,"
                  + "electric-up-to-date,electric-internal-known-error,retry-after");
    }

    /** Also of the table of what is not supported yet. */
    @ParameterizedTest
    @ValueSource(strings = {"POST", "DELETE", "PUT", "PATCH"})
    void otherMethodsAreNotAllowed(String method) throws Exception {
      Answer answer = http.send(method, "/v1/shape");

      assertThat(answer.status()).isEqualTo(405);
      assertThat(Json.parse(answer.body())).isEqualTo(Map.of("message", method + " not allowed"));
      assertThat(answer.header("cache-control")).isEqualTo("no-store");
      assertThat(answer.header("surrogate-control")).isEqualTo("no-store");
    }

    private static String request(String path) {
      return "GET " + path + " HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    }
  }

  /** Protocol section 0.1. */
  @Nested
  class Secret {
    private static SyncedDatabase closed;
    private static ShapeHttp guarded;

    @BeforeAll
    static void start(LocalPostgres postgres) throws Exception {
      closed =
          SyncedDatabase.start(
              postgres, folder.resolve("closed"), Map.of("MILLRACE_SECRET", "s3cret"));
      guarded = new ShapeHttp(closed.server().uri());
      closed.execute("create table items (id int primary key)");
    }

    @AfterAll
    static void stop() throws Exception {
      guarded.close();
      closed.close();
    }

    @ParameterizedTest
    @CsvSource({
      "GET, ''",
      "GET, &secret=wrong",
      "GET, &secret=",
      "GET, &api_secret=wrong",
      "PUT, ''",
      "GET, &secret=wrong&api_secret=s3cret"
    })
    void withoutTheSecretNothingIsServed(String method, String secret) throws Exception {
      Answer answer = guarded.send(method, ITEMS + secret);

      assertThat(answer.status()).isEqualTo(401);
      assertThat(answer.body()).isEqualTo("{\"message\":\"Unauthorized - Invalid API secret\"}");
      assertThat(answer.header("cache-control")).isEqualTo("no-store");
      assertThat(answer.headers().keySet())
          .doesNotContain("content-type", "surrogate-control")
          .noneMatch(name -> name.startsWith("access-control"));
    }

    @Test
    void theSecretIsNoPartOfTheShape() throws Exception {
      Answer first = guarded.get(ITEMS + "&secret=s3cret");
      Answer second = guarded.get(ITEMS + "&api_secret=s3cret");
      Answer third = guarded.get(ITEMS + "&secret=s3cret&api_secret=wrong");

      assertThat(List.of(first, second, third)).extracting(Answer::status).containsOnly(200);
      assertThat(List.of(second, third)).extracting(Answer::handle).containsOnly(first.handle());
    }

    @Test
    void optionsAndOtherPathsNeedNone() throws Exception {
      assertThat(guarded.send("OPTIONS", "/v1/shape").status()).isEqualTo(204);
      assertThat(guarded.get("/v1/health").status()).isEqualTo(200);
      assertThat(guarded.get("/").status()).isEqualTo(200);
    }

    /** Of the table of what is not supported yet. */
    @Test
    void onlyTheSecretCounts() throws Exception {
      assertThat(guarded.get(ITEMS, "authorization", "Bearer s3cret").status()).isEqualTo(401);
    }

    @ParameterizedTest
    @CsvSource({"s3cret, true", "'', ''"})
    void theServerStartsWithEitherASecretOrNone(String secret, String insecure) {
      Map<String, String> settings =
          Map.of(
              "DATABASE_URL",
              "postgresql://postgres@127.0.0.1:1/none",
              "MILLRACE_DATA_DIR",
              folder.resolve("refused").toString(),
              "MILLRACE_SECRET",
              secret,
              "MILLRACE_INSECURE",
              insecure);

      assertThatThrownBy(() -> ServerProcess.start(settings, List.of()).close())
          .isInstanceOf(DevException.class)
          .hasMessageContaining("MILLRACE_SECRET")
          .hasMessageContaining("MILLRACE_INSECURE");
    }

    /** Of the table of what is not supported yet. */
    @ParameterizedTest
    @ValueSource(strings = {"MILLRACE_JWT_SECRET", "MILLRACE_MAX_SHAPES"})
    void aSettingOfWhatIsNotSupportedKeepsTheServerFromStarting(String name) {
      Map<String, String> settings =
          Map.of(
              "DATABASE_URL",
              "postgresql://postgres@127.0.0.1:1/none",
              "MILLRACE_DATA_DIR",
              folder.resolve("refused").toString(),
              "MILLRACE_INSECURE",
              "true",
              name,
              "1");

      assertThatThrownBy(() -> ServerProcess.start(settings, List.of()).close())
          .isInstanceOf(DevException.class)
          .hasMessageContaining(name);
    }
  }

  /** Protocol section 1, and the table of what is not supported yet. */
  @Nested
  class Parameters {
    private static final String UNSUPPORTED = "is not supported by this version of the server";

    static Stream<Arguments> mistakes() {
      return Stream.of(
          Arguments.of("table=items&offset=-1&replica=x", "replica", "is invalid"),
          Arguments.of("table=items&offset=-1&log=x", "log", "is invalid"),
          Arguments.of(
              "table=items&offset=-1&experimental_live_sse=x",
              "experimental_live_sse",
              "is invalid"),
          Arguments.of("table=items", "offset", "can't be blank"),
          Arguments.of("table=items&offset=", "offset", "can't be blank"),
          Arguments.of("table=items&offset=x", "offset", "has invalid format"),
          Arguments.of("table=items&offset=-2", "offset", "has invalid format"),
          Arguments.of("table=items&offset=1", "offset", "has invalid format"),
          Arguments.of("table=items&offset=1_x", "offset", "has invalid format"),
          Arguments.of(
              "table=items&offset=9223372036854775808_0&handle=1-1",
              "offset",
              "has invalid format"),
          Arguments.of("table=items&offset=0_0", "handle", "can't be blank when offset != -1"),
          Arguments.of(
              "table=items&offset=-1&live=true", "live", "can't be true when offset == -1"),
          Arguments.of("table=items&offset=-1&live", "live", "can't be true when offset == -1"),
          Arguments.of(
              "table=items&offset=now&live=true", "live", "can't be true when offset is 'now'"),
          Arguments.of(
              "table=items&offset=-1&live_sse=true",
              "live_sse",
              "can't be true unless live is also true"),
          Arguments.of("offset=-1", "table", "can't be blank"),
          Arguments.of("table=&offset=-1", "table", "can't be blank"),
          Arguments.of(
              "table=%22%22&offset=-1", "table", "Invalid zero-length delimited identifier"),
          Arguments.of(
              "table=it-ems&offset=-1",
              "table",
              "Invalid unquoted identifier contains special characters: it-ems"),
          Arguments.of(
              "table=%22a%22b%22&offset=-1",
              "table", "Invalid identifier with unescaped quote: a\"b"),
          Arguments.of(
              "table=" + "x".repeat(64) + "&offset=-1",
              "table",
              "Identifier is too long (max length is 63)"),
          Arguments.of(
              "table=a.b.c&offset=-1",
              "table",
              "Invalid relation identifier, too many delimiters: a.b.c"),
          Arguments.of(
              "table=items&offset=-1&columns=", "columns", "The list of columns must not be empty"),
          Arguments.of(
              "table=items&offset=-1&columns=id,a-b",
              "columns",
              "Invalid unquoted identifier contains special characters: a-b"),
          Arguments.of(
              "table=Nowhere&offset=-1",
              "table",
              "Table \"public\".\"nowhere\" does not exist. If the table name contains capitals"
                  + " or special characters you must quote it."),
          Arguments.of(
              "table=items&offset=-1&columns=name,n",
              "columns",
              "The list of columns must include all primary key columns, missing: id"),
          Arguments.of(
              "table=items&offset=-1&columns=id,x,y",
              "columns",
              "The following columns are not found on the table: x, y"),
          Arguments.of(
              "table=generated&offset=-1&columns=id,twice",
              "columns",
              "The following columns are generated and cannot be included in the shape: twice"),
          Arguments.of(
              "table=generated&offset=-1",
              "columns",
              "The following columns are generated and cannot be included in the shape: twice. You"
                  + " can exclude them from the shape by explicitly listing which columns to fetch"
                  + " in the 'columns' query param"),
          Arguments.of("table=items&offset=-1&where=id%3D1", "where", UNSUPPORTED),
          Arguments.of("table=items&offset=-1&params=x", "params", UNSUPPORTED),
          Arguments.of("table=items&offset=-1&params%5B1%5D=x", "params[1]", UNSUPPORTED),
          Arguments.of(
              "table=items&offset=-1&queryable_columns=id", "queryable_columns", UNSUPPORTED),
          Arguments.of("table=items&offset=-1&subset__limit=1", "subset__limit", UNSUPPORTED),
          // The order of the checks.
          Arguments.of("replica=x&offset=x", "replica", "is invalid"),
          Arguments.of("offset=x&live_sse=true", "offset", "has invalid format"),
          Arguments.of("where=1&live=true&offset=-1", "live", "can't be true when offset == -1"),
          Arguments.of("offset=-1&where=1", "where", UNSUPPORTED),
          Arguments.of("offset=-1&columns=", "table", "can't be blank"),
          Arguments.of(
              "table=items&table=a.b.c&offset=-1",
              "table",
              "Invalid relation identifier, too many delimiters: a.b.c"));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aMistakeIsNamed(String query, String field, String text) throws Exception {
      Answer answer = http.get("/v1/shape?" + query);

      assertThat(answer.status()).as(answer.body()).isEqualTo(400);
      assertThat(Json.parse(answer.body())).isEqualTo(error(field, text));
      assertThat(answer.header("content-type")).isEqualTo("application/json; charset=utf-8");
      assertThat(answer.header("cache-control")).isEqualTo("no-store");
      assertThat(answer.header("surrogate-control")).isEqualTo("no-store");
    }

    @Test
    void wrongChoicesAreReportedTogether() throws Exception {
      Answer answer = http.get("/v1/shape?replica=x&log=x&experimental_live_sse=x");

      assertThat(Json.object(Json.object(Json.parse(answer.body())).get("errors")))
          .containsOnlyKeys("replica", "log", "experimental_live_sse");
    }

    @Test
    void unsupportedParametersAreReportedTogether() throws Exception {
      Answer answer = http.get(ITEMS + "&where=a&subset__where=b&params=c");

      assertThat(Json.object(Json.object(Json.parse(answer.body())).get("errors")))
          .containsOnlyKeys("where", "subset__where", "params");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "",
          "&unknown=1",
          "&experimental_compaction=true",
          "&live=false",
          "&handle=nonsense",
          "&table=public.items",
          "&table=ITEMS",
          "&table=%22public%22.%22items%22",
          "&replica=default",
          "&log=full",
          "&experimental_live_sse=0",
          "&cursor=x"
        })
    void theseMakeNoDifferenceToTheShape(String further) throws Exception {
      Answer plain = http.get(ITEMS);

      Answer answer = http.get(ITEMS + further);

      assertThat(answer.status()).as(answer.body()).isEqualTo(200);
      assertThat(answer.handle()).isEqualTo(plain.handle());
    }
  }

  /** Protocol section 2. */
  @Nested
  class TheWayOfARequest {
    @Test
    void theMethodIsCheckedBeforeTheParameters() throws Exception {
      assertThat(http.send("PUT", "/v1/shape?offset=x").status()).isEqualTo(405);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "1-1", "99999999-1700000000000000"})
    void anUnknownHandleIsSentToTheShape(String handle) throws Exception {
      Answer answer = http.shape("table", "items", "offset", "0_0", "handle", handle);

      assertThat(answer.status()).isEqualTo(409);
      assertThat(answer.handle()).isEqualTo(copy("items").handle());
    }

    @Test
    void theHandleOfAnotherShapeIsSentToTheRightOne() throws Exception {
      ShapeCopy other = copy("items", "replica", "full");

      Answer answer = http.shape("table", "items", "offset", "0_inf", "handle", other.handle());

      assertThat(answer.status()).isEqualTo(409);
      assertThat(answer.handle()).isEqualTo(copy("items").handle());
    }
  }

  /** Protocol section 3. */
  @Nested
  class Headers {
    @Test
    void aSnapshotChunkSaysWhereTheClientStands() throws Exception {
      Answer answer = http.get(ITEMS);

      assertThat(answer.header("content-type")).isEqualTo("application/json; charset=utf-8");
      assertThat(answer.handle()).matches("\\d+-\\d+");
      assertThat(answer.offset()).isEqualTo("0_0");
      assertThat(answer.header("electric-has-data")).isEqualTo("true");
      assertThat(answer.header("etag")).isEqualTo("\"" + answer.handle() + ":-1:0_0\"");
      assertThat(answer.has("electric-schema")).isTrue();
      assertThat(answer.has("electric-up-to-date")).isFalse();
      assertThat(answer.has("electric-cursor")).isFalse();
    }

    @Test
    void anAnswerWithoutDataSaysSo() throws Exception {
      ShapeCopy copy = copy("items");

      Answer first = http.shape(copy.next());
      Answer second = http.shape(copy.next());

      assertThat(first.header("electric-has-data")).isEqualTo("false");
      assertThat(first.headers().get("electric-up-to-date")).containsExactly("");
      String etag = "\"%s:%s:%s:\\d+\"".formatted(copy.handle(), copy.offset(), first.offset());
      assertThat(first.header("etag")).matches(etag);
      assertThat(second.header("etag")).matches(etag).isNotEqualTo(first.header("etag"));
    }

    @Test
    void aLiveAnswerHasACursorAndNoSchema() throws Exception {
      Answer answer = http.shape(copy("items").next("live", "true"));

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.header("electric-cursor")).matches("\\d+");
      assertThat(answer.has("electric-schema")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"%s", "\"x\", %s", "x,%s,y", "\"a\" ,  %s"})
    void whatTheClientHasIsNotSentAgain(String form) throws Exception {
      Answer had = http.get(ITEMS);

      Answer answer = http.get(ITEMS, "if-none-match", form.formatted(had.header("etag")));

      assertThat(answer.status()).isEqualTo(304);
      assertThat(answer.body()).isEmpty();
      for (String same :
          List.of(
              "electric-handle", "electric-offset", "etag", "cache-control", "electric-has-data")) {
        assertThat(answer.header(same)).as(same).isEqualTo(had.header(same));
      }
      assertThat(answer.has("electric-schema")).isFalse();
    }

    @Test
    void aTagWithoutQuotesCountsToo() throws Exception {
      String tag = http.get(ITEMS).header("etag").replace("\"", "");

      assertThat(http.get(ITEMS, "if-none-match", tag).status()).isEqualTo(304);
      assertThat(http.get(ITEMS, "if-none-match", tag + "x").status()).isEqualTo(200);
    }

    @Test
    void aRefusedHandleCarriesTheTagOfTheRightOne() throws Exception {
      Answer answer = http.shape("table", "items", "offset", "0_0", "handle", "1-1");

      assertThat(answer.header("etag")).isEqualTo("\"" + answer.handle() + "::\"");
      assertThat(answer.header("content-type")).isEqualTo("application/json; charset=utf-8");
      assertThat(answer.has("surrogate-control")).isFalse();
    }
  }

  /** Protocol section 3.1. */
  @Nested
  class Caching {
    @Test
    void eachKindOfAnswerSaysHowLongItMayBeKept() throws Exception {
      ShapeCopy copy = copy("items");

      Answer refused = http.shape("table", "items", "offset", "0_0", "handle", "1-1");
      Answer wrong = http.get("/v1/shape");
      Answer initial = http.get(ITEMS);
      Answer live = http.shape(copy.next("live", "true"));
      Answer rest = http.shape(copy.next());
      Answer now = http.shape("table", "items", "offset", "now");

      assertThat(
              Stream.of(refused, wrong, initial, live, rest, now)
                  .map(a -> a.header("cache-control")))
          .containsExactly(
              "public, max-age=60, must-revalidate",
              "no-store",
              "public, max-age=604800, s-maxage=3600, stale-while-revalidate=2629746",
              "public, max-age=5, stale-while-revalidate=5",
              "public, max-age=60, stale-while-revalidate=300",
              "public, max-age=60, stale-while-revalidate=300");
    }
  }

  /** Protocol section 4, 4.1 and 4.2. */
  @Nested
  class Offsets {
    @Test
    void leadingZerosAreTolerated() throws Exception {
      ShapeCopy copy = copy("items");

      assertThat(http.shape(copy.at("00_00")).status()).isEqualTo(200);
      assertThat(http.shape(copy.at("000_inf")).isUpToDate()).isTrue();
    }

    @Test
    void theEndOfTheSnapshotIsTheEndOfAnEmptyLog() throws Exception {
      ShapeCopy copy = copy(newTable("id int primary key"));

      assertThat(copy.offset()).isEqualTo("0_inf");
    }

    @Test
    void opCountsEachPublishedChangeOfTheTransaction() throws Exception {
      String other = newTable("id int primary key");
      String table = newTable("id int primary key");
      copy(other);
      ShapeCopy copy = copy(table);

      inOneTransaction(
          "insert into %s values (1)".formatted(other),
          "insert into %s values (1)".formatted(table),
          "insert into %s values (2)".formatted(other),
          "update %s set id = 2".formatted(table),
          "insert into %s values (3)".formatted(table));
      List<Message> changes = copy.awaitChanges();

      assertThat(changes)
          .extracting(change -> change.header("op_position"))
          .containsExactly(2, 6, 7, 8);
      assertThat(copy.offset()).isEqualTo(changes.getFirst().header("lsn") + "_8");
    }

    @Test
    void aLargeSnapshotComesInChunks() throws Exception {
      String table =
          newTable(
              "id int primary key, body text",
              "insert into %s select i, repeat('x', 100) from generate_series(1, 400) i");

      ShapeCopy copy = copy(table);

      List<Answer> chunks = copy.answers().stream().filter(answer -> !answer.isUpToDate()).toList();
      assertThat(chunks).hasSizeGreaterThan(4);
      assertThat(chunks)
          .extracting(Answer::offset)
          .containsExactlyElementsOf(
              IntStream.range(0, chunks.size()).mapToObj(n -> "0_" + n).toList());
      assertThat(chunks)
          .allSatisfy(chunk -> assertThat(chunk.body().length()).isLessThan(CHUNK_BYTES + 1000));
      assertThat(copy.rows()).hasSize(400).extracting(Message::key).doesNotHaveDuplicates();
      assertThat(chunks.getLast().messages().getLast().header("control")).isEqualTo("snapshot-end");
    }

    @Test
    void aLargeTransactionComesInChunks() throws Exception {
      String table = newTable("id int primary key, body text");
      ShapeCopy waiting = copy(table);
      ShapeCopy late = copy(table);

      database.execute(
          "insert into %s select i, repeat('x', 100) from generate_series(1, 400) i"
              .formatted(table));
      waiting.awaitChanges();
      late.readOn();

      assertThat(late.rows()).hasSize(400);
      List<Answer> chunks =
          late.answers().stream().filter(answer -> !answer.changes().isEmpty()).toList();
      assertThat(chunks).hasSizeGreaterThan(4);
      assertThat(chunks)
          .allSatisfy(chunk -> {
            assertThat(chunk.body().length()).isLessThan(CHUNK_BYTES + 1000);
            Message last = chunk.changes().getLast();
            assertThat(chunk.offset())
                .isEqualTo(last.header("lsn") + "_" + last.header("op_position"));
          });
      assertThat(chunks.subList(0, chunks.size() - 1)).noneMatch(Answer::isUpToDate);
      assertThat(late.rows().getLast().header("last")).isEqualTo(true);
      assertThat(late.rows().subList(0, 399))
          .noneMatch(change -> change.headers().containsKey("last"));
    }

    @Test
    void operationZeroMeansAfterTheWholeTransaction() throws Exception {
      String table = newTable("id int primary key");
      ShapeCopy copy = copy(table);
      database.execute("insert into %s values (1), (2)".formatted(table));
      String lsn = String.valueOf(copy.awaitChanges().getFirst().header("lsn"));

      Answer after = http.shape(copy.at(lsn + "_0"));

      assertThat(after.changes()).isEmpty();
      assertThat(after.isUpToDate()).isTrue();
    }

    @Test
    void noChunkEndsAtOperationZeroInsideATransaction() throws Exception {
      String table = newTable("id int primary key, body text");
      ShapeCopy copy = copy(table);
      ShapeCopy other = copy(table);

      database.execute(
          "insert into %s select i, repeat('x', 20000) from generate_series(1, 3) i"
              .formatted(table));
      other.awaitChanges();
      copy.readOn();

      assertThat(copy.answers())
          .extracting(Answer::offset)
          .noneMatch(offset -> offset.matches("[1-9]\\d*_0"));
      assertThat(copy.rows()).hasSize(3);
    }

    @Test
    void anOffsetBeyondTheEndIsOutOfBoundsAfterHalfTheTimeout() throws Exception {
      ShapeCopy copy = copy("items");
      Instant before = Instant.now();

      Answer answer = http.shape(copy.at("9223372036854775807_0"));

      assertThat(answer.status()).isEqualTo(400);
      assertThat(Json.parse(answer.body()))
          .isEqualTo(error("offset", "out of bounds for this shape"));
      assertThat(Duration.between(before, Instant.now()))
          .isBetween(LONG_POLL.dividedBy(2).minusMillis(50), LONG_POLL);
    }

    @Test
    void aLiveOffsetBeyondTheEndIsOutOfBoundsAfterTheTimeout() throws Exception {
      ShapeCopy copy = copy("items");
      Instant before = Instant.now();

      Answer answer = http.shape(copy.at("9223372036854775807_0", "live", "true"));

      assertThat(answer.status()).isEqualTo(400);
      assertThat(Duration.between(before, Instant.now()))
          .isBetween(LONG_POLL.minusMillis(50), LONG_POLL.multipliedBy(2));
    }
  }

  /** Protocol section 5, but 5.7. */
  @Nested
  class Messages {
    @Test
    void aSnapshotIsItsRowsAndAnEnd() throws Exception {
      Answer answer = http.get(ITEMS);

      assertThat(answer.changes())
          .extracting(Message::json)
          .containsExactlyInAnyOrder(
              Map.of(
                  "key",
                  "\"public\".\"items\"/\"1\"",
                  "value",
                  Map.of("id", "1", "name", "milk", "n", "2"),
                  "headers",
                  Map.of("operation", "insert", "relation", List.of("public", "items"))),
              Map.of(
                  "key",
                  "\"public\".\"items\"/\"2\"",
                  "value",
                  nullable("id", "2", "name", "bread", "n", null),
                  "headers",
                  Map.of("operation", "insert", "relation", List.of("public", "items"))));
      Message end = answer.messages().getLast();
      assertThat(end.headers()).containsOnlyKeys("control", "xmin", "xmax", "xip_list");
      assertThat(end.headers()).containsEntry("control", "snapshot-end");
      assertThat(String.valueOf(end.header("xmin"))).matches("\\d+");
      assertThat(end.header("xip_list")).isInstanceOf(List.class);
    }

    @Test
    void changesOnlyHasNoRowsInTheSnapshot() throws Exception {
      String table = newTable("id int primary key", "insert into %s values (1)");
      ShapeCopy copy = copy(table, "log", "changes_only");

      database.execute("insert into %s values (2)".formatted(table));
      copy.awaitChanges();

      assertThat(copy.answers().getFirst().messages().getLast().header("control"))
          .isEqualTo("snapshot-end");
      assertThat(copy.rows()).extracting(row -> row.value("id")).containsExactly("2");
    }

    @Test
    void anInsertSaysWhereItComesFrom() throws Exception {
      String table = newTable("id int primary key, a text");
      ShapeCopy copy = copy(table);

      inOneTransaction(
          "insert into %s values (1, 'x')".formatted(table),
          "insert into %s values (2, null)".formatted(table));
      List<Message> changes = copy.awaitChanges();

      assertThat(changes)
          .extracting(Message::value)
          .containsExactly(nullable("id", "1", "a", "x"), nullable("id", "2", "a", null));
      Map<String, @Nullable Object> first = changes.getFirst().headers();
      assertThat(first).containsOnlyKeys("operation", "relation", "txids", "lsn", "op_position");
      assertThat(Json.list(first.get("txids"))).hasSize(1).first().isInstanceOf(Number.class);
      assertThat(first.get("lsn")).isInstanceOf(String.class);
      assertThat(first.get("op_position")).isEqualTo(0);
      assertThat(changes.getLast().header("last")).isEqualTo(true);
      assertThat(changes.getLast().header("op_position")).isEqualTo(2);
    }

    @Test
    void byDefaultAChangeTellsKeyAndChangedColumns() throws Exception {
      String table =
          newTable("id int primary key, a text, b text", "insert into %s values (1, 'x', 'y')");
      ShapeCopy copy = copy(table);

      inOneTransaction(
          "update %s set a = null".formatted(table), "delete from %s".formatted(table));
      List<Message> changes = copy.awaitChanges();

      assertThat(changes).extracting(Message::operation).containsExactly("update", "delete");
      assertThat(changes)
          .extracting(Message::value)
          .containsExactly(nullable("id", "1", "a", null), nullable("id", "1"));
      assertThat(changes).noneMatch(change -> change.json().containsKey("old_value"));
    }

    @Test
    void aFullReplicaTellsRowsAndWhatWasBefore() throws Exception {
      String table =
          newTable("id int primary key, a text, b text", "insert into %s values (1, 'x', 'y')");
      ShapeCopy copy = copy(table, "replica", "full");

      inOneTransaction(
          "update %s set a = null".formatted(table), "delete from %s".formatted(table));
      List<Message> changes = copy.awaitChanges();

      Map<String, @Nullable Object> after = nullable("id", "1", "a", null, "b", "y");
      assertThat(changes).extracting(Message::value).containsExactly(after, after);
      assertThat(changes.getFirst().oldValue()).isEqualTo(nullable("a", "x"));
    }

    @Test
    void anUpdateOfNoSelectedColumnIsNotSent() throws Exception {
      String table =
          newTable("id int primary key, a text, b text", "insert into %s values (1, 'x', 'y')");
      ShapeCopy copy = copy(table, "columns", "id,a");

      database.execute(
          "update %s set b = 'z'".formatted(table),
          "update %s set a = a".formatted(table),
          "update %s set a = 'last'".formatted(table));
      copy.awaitChanges();

      assertThat(copy.rows())
          .extracting(Message::value)
          .containsExactly(nullable("id", "1", "a", "x"), nullable("id", "1", "a", "last"));
    }

    @Test
    void aKeyChangeIsADeleteAndAnInsert() throws Exception {
      String table = newTable("id int primary key, a text", "insert into %s values (1, 'x')");
      ShapeCopy copy = copy(table);

      database.execute("update %s set id = 2".formatted(table));
      List<Message> changes = copy.awaitChanges();

      assertThat(changes).extracting(Message::operation).containsExactly("delete", "insert");
      assertThat(changes)
          .extracting(Message::key)
          .containsExactly(Row.key(table, 1), Row.key(table, 2));
      assertThat(changes.getFirst().header("key_change_to")).isEqualTo(Row.key(table, 2));
      assertThat(changes.getLast().header("key_change_from")).isEqualTo(Row.key(table, 1));
      assertThat(changes.getLast().value()).isEqualTo(nullable("id", "2", "a", "x"));
      assertThat(changes).extracting(change -> change.header("op_position")).containsExactly(0, 1);
    }

    @Test
    void withoutAPrimaryKeyEveryUpdateIsAKeyChange() throws Exception {
      String table = newTable("a text, b text", "insert into %s values ('x', null)");
      ShapeCopy copy = copy(table);

      database.execute("update %s set b = 'y'".formatted(table));
      List<Message> changes = copy.awaitChanges();

      assertThat(changes)
          .extracting(Message::key)
          .containsExactly("\"public\".\"%s\"/\"x\"/_".formatted(table), Row.key(table, "x", "y"));
    }

    @Test
    void upToDateEndsWhatReachesTheEnd() throws Exception {
      String table = newTable("id int primary key");
      ShapeCopy copy = copy(table);

      database.execute("insert into %s values (1)".formatted(table));
      List<Message> changes = copy.awaitChanges();

      Message end = copy.answers().getLast().messages().getLast();
      assertThat(end.headers())
          .isEqualTo(
              Map.of(
                  "control",
                  "up-to-date",
                  "global_last_seen_lsn",
                  String.valueOf(changes.getLast().header("lsn"))));
    }

    @Test
    void aRefusedHandleMustRefetch() throws Exception {
      Answer answer = http.shape("table", "items", "offset", "0_0", "handle", "1-1");

      assertThat(Json.parse(answer.body()))
          .isEqualTo(List.of(Map.of("headers", Map.of("control", "must-refetch"))));
    }

    private static Map<String, @Nullable Object> nullable(@Nullable String... pairs) {
      Map<String, @Nullable Object> map = new HashMap<>();
      for (int i = 0; i < pairs.length; i += 2) {
        map.put(String.valueOf(pairs[i]), pairs[i + 1]);
      }
      return map;
    }
  }

  /** Protocol section 5.7. */
  @Nested
  class Keys {
    @ParameterizedTest
    @ValueSource(
        strings = {
          "Capitals",
          "with space",
          "a.dot",
          "a/slash",
          "quo\"te",
          "Überschrift 漢字 😀",
          "a,comma",
          "100%",
          "a?b&c=d#e"
        })
    void oddTablesAreQuotedAsInSql(String name) throws Exception {
      String quoted = '"' + name.replace("\"", "\"\"") + '"';
      database.execute(
          "create table %s (id text primary key)".formatted(quoted),
          "insert into %s values ('a/b\"c')".formatted(quoted));
      ShapeCopy copy = copy(quoted);

      database.execute("insert into %s values ('//')".formatted(quoted));
      List<Message> changes = copy.awaitChanges();

      assertThat(copy.rows())
          .extracting(Message::key)
          .containsExactly(
              "\"public\".%s/\"a//b\"c\"".formatted(quoted),
              "\"public\".%s/\"////\"".formatted(quoted));
      assertThat(changes.getFirst().header("relation")).isEqualTo(List.of("public", name));
    }

    @Test
    void aTableOfAnotherSchemaHasItInItsKey() throws Exception {
      database.execute(
          "create schema \"Odd.schema\"",
          "create table \"Odd.schema\".t (id int primary key)",
          "insert into \"Odd.schema\".t values (1)");

      assertThat(copy("\"Odd.schema\".t").rows())
          .extracting(Message::key)
          .containsExactly("\"Odd.schema\".\"t\"/\"1\"");
    }

    @Test
    void aCompositeKeyIsInTheOrderOfThePrimaryKey() throws Exception {
      String table =
          newTable(
              "a text, b int, c text, primary key (c, a)", "insert into %s values ('', 1, 'x/y')");
      ShapeCopy copy = copy(table);

      database.execute("update %s set b = 2".formatted(table));
      copy.awaitChanges();

      assertThat(copy.rows())
          .extracting(Message::key)
          .containsExactly(Row.key(table, "x/y", ""), Row.key(table, "x/y", ""));
    }

    @Test
    void withoutAPrimaryKeyAllSelectedColumnsAreTheKey() throws Exception {
      String table = newTable("a bool, b text, c text", "insert into %s values (true, null, '_')");
      ShapeCopy copy = copy(table, "columns", "c,b,a");

      database.execute("delete from %s".formatted(table));
      copy.awaitChanges();

      String key = "\"public\".\"%s\"/\"t\"/_/\"_\"".formatted(table);
      assertThat(copy.rows()).extracting(Message::key).containsExactly(key, key);
    }
  }

  /** Protocol sections 6.1 to 6.7. */
  @Nested
  class Modes {
    @Test
    void aLongPollAnswersWhenAChangeComes() throws Exception {
      String table = newTable("id int primary key");
      ShapeCopy copy = copy(table);
      var answer = http.shapeLater(copy.next("live", "true"));

      database.execute("insert into %s values (1)".formatted(table));

      assertThat(answer.get(10, TimeUnit.SECONDS).changes()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "", "1", "yes"})
    void aLongPollInVainEndsWhereItBegan(String live) throws Exception {
      ShapeCopy copy = copy("items");
      Instant before = Instant.now();

      Answer answer = http.shape(copy.next("live", live));

      assertThat(Duration.between(before, Instant.now()))
          .isBetween(LONG_POLL.minusMillis(50), LONG_POLL.multipliedBy(2));
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.messages())
          .singleElement()
          .extracting(end -> end.header("control"))
          .isEqualTo("up-to-date");
      assertThat(answer.offset()).isEqualTo(copy.offset());
      assertThat(answer.isUpToDate()).isTrue();
    }

    @Test
    void aLongPollOnADroppedShapeIsSentToItsSuccessor() throws Exception {
      String table = newTable("id int primary key", "insert into %s values (1)");
      ShapeCopy copy = copy(table);
      var answer = http.shapeLater(copy.next("live", "true"));

      database.execute("truncate " + table);

      assertThat(answer.get(10, TimeUnit.SECONDS).status()).isEqualTo(409);
      assertThat(answer.get().handle()).isEqualTo(copy(table).handle()).isNotEqualTo(copy.handle());
    }

    @Test
    void theCursorIsTheIntervalsEndOrLater() throws Exception {
      long epoch = Instant.parse("2024-10-09T00:00:00Z").getEpochSecond();
      ShapeCopy copy = copy("items");
      long before = Instant.now().getEpochSecond() - epoch;

      long cursor = Long.parseLong(http.shape(copy.next("live", "true")).header("electric-cursor"));
      long ahead =
          Long.parseLong(
              http.shape(copy.next("live", "true", "cursor", Long.toString(cursor + 1000)))
                  .header("electric-cursor"));

      assertThat(cursor % LONG_POLL.toSeconds()).isZero();
      assertThat(cursor).isBetween(before, before + 10);
      assertThat(ahead).isBetween(before + 1, cursor + 4 * 3600);
    }

    @Test
    void nowIsTheEndOfTheLogAndMakesTheShape() throws Exception {
      String table = newTable("id int primary key", "insert into %s values (1)");

      Answer answer = http.shape("table", table, "offset", "now", "handle", "nonsense");

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.messages())
          .singleElement()
          .extracting(end -> end.header("control"))
          .isEqualTo("up-to-date");
      assertThat(answer.offset()).isEqualTo("0_inf");
      assertThat(answer.handle()).isEqualTo(copy(table).handle());
    }

    @Test
    void anEventStreamSendsChangesAsTheyCome() throws Exception {
      String table = newTable("id int primary key");
      ShapeCopy copy = copy(table);
      var response = http.stream(copy.next("live", "true", "live_sse", "true"));
      try (BufferedReader lines = reader(response.body())) {
        database.execute("insert into %s values (1)".formatted(table));
        List<String> first =
            Arrays.asList(lines.readLine(), lines.readLine(), lines.readLine(), lines.readLine());

        database.execute("insert into %s values (2)".formatted(table));
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

    @ParameterizedTest
    @ValueSource(strings = {"live_sse", "experimental_live_sse"})
    void anEventStreamBehindTheEndCatchesUpAndGoesOn(String parameter) throws Exception {
      String table = newTable("id int primary key");
      ShapeCopy behind = copy(table);
      ShapeCopy copy = copy(table);
      database.execute("insert into %s values (1)".formatted(table));
      copy.awaitChanges();

      var response = http.stream(behind.next("live", "true", parameter, "true"));
      try (BufferedReader lines = reader(response.body())) {
        assertThat(lines.readLine()).startsWith("data: {").contains("\"insert\"");
        assertThat(lines.readLine()).isEmpty();
        assertThat(lines.readLine()).startsWith("data: {").contains("up-to-date");
        assertThat(lines.readLine()).isEmpty();
        database.execute("insert into %s values (2)".formatted(table));
        assertThat(lines.readLine()).startsWith("data: {").contains("\"id\":\"2\"");
      }

      // Not the offset it reaches: a client takes this over before it has read a frame.
      assertThat(response.headers().firstValue("electric-offset")).contains(behind.offset());
    }

    @Test
    void anEventStreamEndsWithItsShape() throws Exception {
      String table = newTable("id int primary key", "insert into %s values (1)");
      ShapeCopy copy = copy(table);
      try (BufferedReader lines =
          reader(http.stream(copy.next("live", "true", "live_sse", "true")).body())) {
        database.execute("truncate " + table);

        assertThat(lines.readLine()).isNull();
      }
      assertThat(http.shape(copy.next("live", "true", "live_sse", "true")).status()).isEqualTo(409);
    }

    @Test
    void theSchemaDescribesEachColumn() throws Exception {
      String table =
          newTable(
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

    @Test
    void valuesAreTheSameTextInSnapshotAndLog() throws Exception {
      String columns =
          "id int primary key, b bool, y bytea, d date, z timestamptz, f float8, i interval, c char(3), j jsonb, n text";
      String values =
          "true, '\\xff00', '2024-02-29', '2024-01-02 03:04:05+03', 0.1, '1 day 2 hours', 'a', '{\"a\":1}', null";
      String table = newTable(columns, "insert into %s values (1, " + values + ")");
      ShapeCopy copy = copy(table);

      database.execute("insert into %s values (2, %s)".formatted(table, values));
      copy.awaitChanges();

      assertThat(copy.rows())
          .hasSize(2)
          .allSatisfy(row -> {
            Map<String, @Nullable Object> value = new HashMap<>(row.value());
            value.remove("id");
            assertThat(value)
                .isEqualTo(
                    Messages.nullable(
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

    @Test
    void aLargeValueLeftAloneIsTakenFromTheOldRow() throws Exception {
      String table =
          newTable(
              "id int primary key, a int, large text",
              "alter table %s alter large set storage external",
              "insert into %s values (1, 1, repeat('x', 5000))");
      ShapeCopy full = copy(table, "replica", "full");
      ShapeCopy usual = copy(table);

      database.execute("update %s set a = 2".formatted(table));
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

  /** Protocol section 10. */
  @Nested
  class Shapes {
    @Test
    void theOrderOfColumnsIsFree() throws Exception {
      assertThat(copy("items", "columns", "name,id").handle())
          .isEqualTo(copy("items", "columns", "id,name").handle());
    }

    @Test
    void whatDiffersIsAnotherShape() throws Exception {
      assertThat(
              List.of(
                  copy("items").handle(),
                  copy("items", "columns", "id,name,n").handle(),
                  copy("items", "columns", "id").handle(),
                  copy("items", "replica", "full").handle(),
                  copy("items", "log", "changes_only").handle()))
          .doesNotHaveDuplicates();
    }

    @Test
    void nullabilityMakesANewShapeAndTheOldOneGoesOn() throws Exception {
      String table = newTable("id int primary key, a text");
      ShapeCopy old = copy(table);

      database.execute("alter table %s alter a set not null".formatted(table));
      ShapeCopy fresh = copy(table);
      database.execute("insert into %s values (1, 'x')".formatted(table));

      assertThat(fresh.handle()).isNotEqualTo(old.handle());
      assertThat(old.awaitChanges()).hasSize(1);
      assertThat(fresh.awaitChanges()).hasSize(1);
      assertThat(http.shape(old.at("-1")).handle()).isEqualTo(fresh.handle());
      assertThat(http.shape(old.next()).header("electric-schema"))
          .doesNotContain("\"a\":{\"type\":\"text\",\"not_null\":true}");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "truncate %1$s; insert into %1$s values (3, 'c')",
          "alter table %1$s drop column a; insert into %1$s values (3)",
          "alter table %1$s add column b int; insert into %1$s values (3, 'c', 4)",
          "alter table %1$s alter a type varchar(9); insert into %1$s values (3, 'c')",
          "drop table %1$s; create table %1$s (id int primary key); insert into %1$s values (3)",
          "alter table %1$s rename to %1$s_old; create table %1$s (id int primary key); insert into %1$s values (3); insert into %1$s_old values (4, 'd')"
        })
    void anAlteredTableIsANewShapeWithTheRightRows(String statements) throws Exception {
      String table =
          newTable("id int primary key, a text", "insert into %s values (1, 'a'), (2, 'b')");
      ShapeCopy old = copy(table);

      database.execute(statements.formatted(table).split("; ", -1));
      ShapeCopy fresh = copy(table);
      database.execute("insert into %s (id) values (99)".formatted(table));
      Answer refusal = old.awaitRefusal();
      fresh.awaitChanges();

      assertThat(refusal.status()).isEqualTo(409);
      assertThat(refusal.handle()).isEqualTo(fresh.handle()).isNotEqualTo(old.handle());
      // An insert for each row: none is both in the snapshot and in the log.
      assertThat(
              fresh.rows().stream().map(row -> new Row(row.key(), row.value())).sorted().toList())
          .as("%s", fresh.answers())
          .isEqualTo(database.select(table, "id"));
    }

    @Test
    void theHandleOfATableThatIsGoneIsAMistake() throws Exception {
      String table = newTable("id int primary key, a text", "insert into %s values (1, 'a')");
      ShapeCopy old = copy(table);

      database.execute(
          "alter table %1$s rename to %1$s_renamed".formatted(table),
          "insert into %s_renamed values (2)".formatted(table));

      assertThat(old.awaitRefusal().status()).isEqualTo(400);
    }

    @Test
    void aTableNoLongerFullIsDropped() throws Exception {
      String table =
          newTable(
              "id int primary key, a int, large text",
              "alter table %s alter large set storage external",
              "insert into %s values (1, 1, repeat('x', 5000))");
      ShapeCopy old = copy(table, "replica", "full");

      database.execute(
          "alter table %s replica identity default".formatted(table),
          "update %s set a = 2".formatted(table));

      assertThat(old.awaitRefusal().status()).isEqualTo(409);
    }

    @ParameterizedTest
    @CsvSource(
        delimiter = '|',
        value = {
          "create view %s as select 1 as id",
          "create materialized view %s as select 1 as id"
        })
    void viewsCountAsNotExisting(String statement) throws Exception {
      String view = "v" + TABLES.incrementAndGet();
      database.execute(statement.formatted(view));

      Answer answer = http.shape("table", view, "offset", "-1");

      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.body()).contains("does not exist");
    }

    @ParameterizedTest
    @ValueSource(
        strings = {
          "create unlogged table %s (id int primary key)",
          "create table %s (id int primary key) partition by range (id)"
        })
    void someTablesAreRefused(String statement) throws Exception {
      String table = "t" + TABLES.incrementAndGet();
      database.execute(statement.formatted(table));

      Answer answer = http.shape("table", table, "offset", "-1");

      assertThat(answer.status()).isEqualTo(400);
      assertThat(Json.object(Json.object(Json.parse(answer.body())).get("errors")))
          .containsOnlyKeys("table");
    }

    @Test
    void systemTablesAreRefused() throws Exception {
      assertThat(http.shape("table", "pg_catalog.pg_class", "offset", "-1").status())
          .isEqualTo(400);
    }

    @Test
    void theFirstShapeOfATablePublishesItInFull() throws Exception {
      String table = newTable("id int primary key");

      copy(table);

      assertThat(
              database.query(
                  "select count(*) from pg_publication_tables where tablename = '%s'"
                      .formatted(table)))
          .isEqualTo("1");
      assertThat(
              database.query(
                  "select relreplident from pg_class where relname = '%s'".formatted(table)))
          .isEqualTo("f");
    }
  }

  /** Protocol sections 11 and 12. */
  @Nested
  class OptionsAndHealth {
    @Test
    void optionsAllowsWhatIsKnown() throws Exception {
      Answer answer =
          http.send(
              "OPTIONS",
              "/v1/shape",
              "origin",
              "https://a.org",
              "access-control-request-headers",
              "Authorization, x-other, if-none-match");

      assertThat(answer.status()).isEqualTo(204);
      assertThat(answer.header("access-control-allow-origin")).isEqualTo("https://a.org");
      assertThat(answer.header("access-control-max-age")).isEqualTo("86400");
      assertThat(answer.header("connection")).isEqualTo("keep-alive");
      assertThat(
              answer
                  .header("access-control-allow-headers")
                  .toLowerCase(Locale.ROOT)
                  .split(", *", -1))
          .containsExactlyInAnyOrder("authorization", "if-none-match");
      assertThat(answer.has("content-type")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"x-other", "a, b"})
    void optionsAllowsNothingElse(String asked) throws Exception {
      Answer answer = http.send("OPTIONS", "/v1/shape", "access-control-request-headers", asked);

      assertThat(answer.status()).isEqualTo(204);
      assertThat(answer.has("access-control-allow-headers")).isFalse();
    }

    @Test
    void aServerThatFollowsIsActive() throws Exception {
      Answer answer = http.get("/v1/health");

      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("{\"status\":\"active\"}");
      assertThat(answer.header("content-type")).startsWith("application/json");
      assertThat(answer.header("cache-control")).isEqualTo("no-cache, no-store, must-revalidate");
    }
  }
}
