package dev.millrace.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.dev.LocalPostgres;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mallory, who has a token of her own, wants to read Bob's rows. */
@ExtendWith(OnePostgres.class)
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class RowSecurityAttacksTest {

  /** Stands in Bob's rows only. */
  private static final String LOOT = "l00t";

  @TempDir static Path folder;
  private static WriteServer server;
  private static ShapeHttp mallory;
  private static ShapeHttp bob;

  private ShapeCopy his;
  private ShapeCopy hers;

  @BeforeAll
  static void start(LocalPostgres postgres) throws Exception {
    server =
        WriteServer.start(
            postgres,
            folder.resolve("server"),
            "MILLRACE_ENABLE_SHAPE_DELETION",
            "true",
            "MILLRACE_JWT_AUDIENCE",
            "shapes",
            "MILLRACE_LONG_POLL_TIMEOUT",
            "1",
            "MILLRACE_SSE_TIMEOUT",
            "2");
    server
        .database()
        .execute(
            "create table vault (id int primary key, owner text, body text, pin int)",
            "alter table vault enable row level security",
            "grant select (id, owner, body) on vault to authenticated",
            "create policy own on vault using (owner = current_setting('app.user_id'))",
            "create table hidden (id int primary key, body text)",
            "insert into hidden values (1, 'l00t')",
            "create view peek as select * from vault",
            "create function all_of_it() returns text language sql security definer stable as"
                + " $$ select string_agg(body, ',') from vault $$");
    mallory = as("mallory");
    bob = as("bob");
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  private static ShapeHttp as(String subject) {
    return bearer(Tokens.OURS.of(subject, ",\"aud\":\"shapes\""));
  }

  private static ShapeHttp bearer(String token) {
    return server.http().with("authorization", "Bearer " + token);
  }

  @BeforeEach
  void fill() throws Exception {
    server
        .database()
        .execute(
            "delete from vault",
            "insert into vault values (1, 'mallory', 'mine', 7), (2, 'bob', 'l00t', 1987654321)");
    his = ShapeCopy.of(bob, "vault");
    hers = ShapeCopy.of(mallory, "vault");
    assertThat(his.rows()).extracting(row -> row.value("body")).contains(LOOT);
    assertThat(hers.rows()).extracting(row -> row.value("body")).contains("mine");
    hers.answers().forEach(this::assertNothingIsGot);
  }

  private void assertNothingIsGot(Answer answer) {
    String all = answer.headers() + answer.body();
    assertThat(all)
        .doesNotContain(LOOT, "1987654321", "bob", his.handle(), "Exception", "at dev.millrace");
    assertThat(answer.status()).as(all).isIn(200, 204, 304, 400, 401, 403, 404, 405, 409, 413);
  }

  /** In each HANDLE and OFFSET stand for Bob's. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "table=vault&offset=-1&handle=HANDLE",
        "table=vault&offset=0_0&handle=HANDLE",
        "table=vault&offset=0_inf&handle=HANDLE",
        "table=vault&offset=OFFSET&handle=HANDLE",
        "table=vault&offset=OFFSET&handle=HANDLE&live=true",
        "table=vault&offset=OFFSET&handle=HANDLE&live=true&live_sse=true",
        "table=vault&offset=now&handle=HANDLE",
        "table=vault&offset=-1&log=changes_only&handle=HANDLE",
        "table=vault&offset=0_0&handle=HANDLE&subset__where=true",
        "table=vault&offset=-1&where=owner%20%3D%20%27bob%27",
        "table=vault&offset=-1&where=true)%20or%20(true",
        "table=vault&offset=-1&where=owner%20%3D%20%27bob%27%20or%20true",
        "table=vault&offset=-1&where=set_config(%27app.user_id%27,%27bob%27,false)%20is%20not%20null",
        "table=vault&offset=-1&where=set_config(%27role%27,%27postgres%27,false)%20is%20not%20null",
        "table=vault&offset=-1&where=current_setting(%27app.user_id%27)%20%3D%20%27bob%27",
        "table=vault&offset=-1&where=exists(select%201%20from%20vault%20where%20owner%3D%27bob%27)",
        "table=vault&offset=-1&where=id%20in%20(select%20id%20from%20vault)",
        "table=vault&offset=-1&where=all_of_it()%20like%20%27%25l00t%25%27",
        "table=vault&offset=-1&where=body%20~%20%27^l0%27%20or%20id%20%3D%201",
        "table=vault&offset=-1&where=pin%20%3D%201987654321",
        "table=vault&offset=-1&where=vault::text%20like%20%27%251987654321%25%27",
        "table=vault&offset=-1&where=tableoid%20is%20not%20null",
        "table=vault&offset=-1&columns=id,pin",
        "table=vault&offset=-1&columns=id,ctid",
        "table=vault&offset=-1&columns=*",
        "table=vault&offset=-1&columns=id,%22pin%22",
        "table=hidden&offset=-1",
        "table=peek&offset=-1",
        "table=pg_authid&offset=-1",
        "table=pg_catalog.pg_authid&offset=-1",
        "table=millrace.applied_change&offset=-1",
        "table=public.vault&offset=-1&handle=HANDLE",
        "table=%22public%22.%22vault%22&offset=-1&replica=full",
        "table=vault&offset=-1&secret=",
        "table=vault&offset=-1&secret=s3cre",
        "table=vault&offset=-1&api_secret=s3cret%00",
        "table=vault&offset=-1&user=bob&role=postgres&app.user_id=bob",
        "table=vault&offset=-1&subset__where=true&subset__order_by=pin",
        "table=vault&offset=-1&subset__where=pin%20%3D%201987654321",
        "table=vault&offset=-1&subset__where=true)%20or%20(owner%3D%27bob%27",
        "table=vault&offset=-1&subset__order_by=id;%20select%201",
        "table=vault&offset=-1&subset__where=%241&subset__params=%7B%221%22%3A%22t%27)%20or%20(%27t%22%7D",
        "table=vault&offset=-1&cursor=1&queryable_columns=id,pin",
      })
  void noParameterShowsRowsOfAnother(String query) throws Exception {
    String path =
        "/v1/shape?" + query.replace("HANDLE", his.handle()).replace("OFFSET", his.offset());
    for (String method : List.of("GET", "HEAD", "POST")) {
      assertNothingIsGot(mallory.send(method, path.replace("^", "%5E")));
    }
    assertThat(mallory.send("DELETE", path.replace("^", "%5E")).status()).isEqualTo(405);
    assertThat(bob.shape(his.next()).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1//shape",
        "/v1/shape/",
        "/V1/SHAPE",
        "/v1/%73hape",
        "/v1/shape;x=1",
        "/v1/./shape",
        "/v1/shape%2f",
        "/v1/shape/../shape"
      })
  void noSpellingOfThePathGoesRoundTheDoor(String path) throws Exception {
    String query = "?table=vault&offset=-1";
    assertNothingIsGot(mallory.get(path + query));
    Answer nobody = server.http().get(path + query);
    assertThat(nobody.status()).isIn(401, 404, 400);
    assertThat(nobody.body()).doesNotContain(LOOT);
  }

  @Test
  void noHeaderMakesHerSomebodyElse() throws Exception {
    String path = "/v1/shape?table=vault&offset=-1";
    for (String[] headers :
        List.of(
            new String[] {"x-forwarded-user", "bob"},
            new String[] {"x-http-method-override", "DELETE"},
            new String[] {"x-original-url", "/v1/shape?table=vault&offset=-1&secret=s3cret"},
            new String[] {"cookie", "authorization=" + Tokens.OURS.bearer("bob")},
            new String[] {"authorization", Tokens.OURS.of("bob", ",\"aud\":\"shapes\"")},
            new String[] {"if-none-match", "\"" + his.handle() + ":-1:0_0\""},
            new String[] {"if-none-match", "\"" + his.handle() + ":-1:" + his.offset() + "\""})) {
      Answer answer = mallory.get(path, headers);
      assertNothingIsGot(answer);
      assertThat(answer.status()).isNotEqualTo(304);
    }
  }

  @Test
  void noTokenButHerOwnCounts() throws Exception {
    String path = "/v1/shape?table=vault&offset=-1";
    Instant soon = Instant.now().plusSeconds(100);
    String payload = Tokens.payload("bob", soon, ",\"aud\":\"shapes\"");
    String unsigned =
        Tokens.encode("{\"alg\":\"none\"}".getBytes(UTF_8))
            + "."
            + Tokens.encode(payload.getBytes(UTF_8))
            + ".";
    for (String token :
        List.of(
            unsigned,
            new Tokens("another secret that has 32 bytes at least").signed(payload),
            Tokens.OURS.of("bob"),
            Tokens.OURS.of("bob", ",\"aud\":\"writes\""),
            Tokens.OURS.signed(
                Tokens.payload("bob", Instant.now().minusSeconds(90), ",\"aud\":\"shapes\"")),
            Tokens.OURS.signed("{\"alg\":\"HS512\"}", payload),
            "",
            "null")) {
      Answer answer = bearer(token).get(path);
      assertThat(answer.status()).as(token).isEqualTo(401);
      assertThat(answer.body()).doesNotContain(LOOT);
      assertThat(answer.header("cache-control")).isEqualTo("no-store");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bob' or true --",
        "x') or ('1' = '1",
        "\\\\' or true --",
        "$1",
        "current_setting('x')",
        "%s",
        "bob ",
        " bob",
        "BOB",
        "b\\u006fb2",
      })
  void noSubjectIsReadAsSql(String subject) throws Exception {
    String payload =
        "{\"sub\":\"%s\",\"aud\":\"shapes\",\"exp\":%d,\"role\":\"postgres\",\"app.user_id\":\"bob\"}"
            .formatted(subject.replace("\"", "\\\""), Instant.now().getEpochSecond() + 100);

    Answer answer = bearer(Tokens.OURS.signed(payload)).shape("table", "vault", "offset", "-1");

    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.changes()).isEmpty();
  }

  @Test
  void errorsSayNothingOfRowsThatSheDoesNotSee() throws Exception {
    for (String clause :
        List.of(
            "1 / (case when owner = 'bob' then 0 else 1 end) = 1",
            "(case when body = 'l00t' then body else '1' end)::int = 1")) {
      ShapeCopy copy = ShapeCopy.of(mallory, "vault", "where", clause);
      server.database().execute("update vault set body = body || '!' where owner = 'bob'");
      server.database().execute("update vault set body = 'l00t' where owner = 'bob'");
      server.database().execute("insert into vault values (3, 'mallory', 'more', 1)");
      assertThat(copy.awaitChanges()).extracting(row -> row.value("id")).containsExactly("3");
      server.database().execute("delete from vault where id = 3");
      Answer subset = mallory.shape(hers.next("subset__where", clause));
      assertThat(subset.status()).as(subset.body()).isEqualTo(200);
      assertNothingIsGot(subset);
    }
  }

  @Test
  void whatBecomesHersOrHisShowsOneSideOnly() throws Exception {
    ShapeCopy copy = ShapeCopy.of(mallory, "vault", "replica", "full");
    server.database().execute("update vault set owner = 'mallory', body = 'given' where id = 2");
    Answer given = mallory.shape(copy.next("live", "true"));
    assertThat(given.changes()).extracting(row -> row.value("body")).containsExactly("given");
    assertThat(given.body()).doesNotContain(LOOT, "bob", "1987654321");

    ShapeCopy both = ShapeCopy.of(mallory, "vault", "replica", "full");
    server.database().execute("update vault set owner = 'bob', body = 'l00t' where id = 2");
    Answer taken = mallory.shape(both.next("live", "true"));
    assertThat(taken.changes()).extracting(row -> row.operation()).containsExactly("delete");
    assertThat(taken.body()).doesNotContain(LOOT, "bob", "1987654321");
  }

  @Test
  void handlesCannotBeGuessed() throws Exception {
    Matcher number = Pattern.compile("(\\d+)-(\\d+)").matcher(hers.handle());
    assertThat(number.matches()).isTrue();
    for (int i = -3; i <= 3; i++) {
      for (long j = -3; j <= 3; j++) {
        String guess =
            (Long.parseLong(number.group(1)) + i) + "-" + (Long.parseLong(number.group(2)) + j);
        assertNothingIsGot(mallory.shape("table", "vault", "offset", "0_0", "handle", guess));
      }
    }
  }

  /** One connection: whoever speaks on it later is not who spoke on it first. */
  @Test
  void aConnectionRemembersNobody() throws Exception {
    String request =
        "GET /v1/shape?table=vault&offset=-1 HTTP/1.1\r\nhost: localhost\r\n%sconnection: %s\r\n\r\n";
    String token = "authorization: Bearer " + Tokens.OURS.of("bob", ",\"aud\":\"shapes\"") + "\r\n";

    String answers =
        server
            .http()
            .raw(
                request.formatted(token, "keep-alive")
                    + request.formatted("", "keep-alive")
                    + request.formatted(
                        "authorization: Bearer "
                            + Tokens.OURS.of("mallory", ",\"aud\":\"shapes\"")
                            + "\r\n",
                        "close"));

    List<String> parts = new ArrayList<>(List.of(answers.split("(?=HTTP/1.1 )")));
    assertThat(parts).hasSize(3);
    assertThat(parts.get(0)).startsWith("HTTP/1.1 200").contains(LOOT);
    assertThat(parts.get(1)).startsWith("HTTP/1.1 401").doesNotContain(LOOT);
    assertThat(parts.get(2)).startsWith("HTTP/1.1 200").doesNotContain(LOOT);
  }

  @Test
  void aStreamEndsWithItsTokenAndCannotBeTakenOver() throws Exception {
    Instant end = Instant.now().minusSeconds(60).plusSeconds(2);
    String brief = Tokens.OURS.signed(Tokens.payload("bob", end, ",\"aud\":\"shapes\""));
    CompletableFuture<Answer> stream =
        bearer(brief).shapeLater(his.next("live", "true", "live_sse", "true"));

    assertThat(stream.get(8, TimeUnit.SECONDS).status()).isEqualTo(200);

    assertNothingIsGot(mallory.shape(his.next("live", "true", "live_sse", "true")));
    assertThat(bearer(brief).shape(his.next("live", "true", "live_sse", "true")).status())
        .isEqualTo(401);
  }

  @Test
  void aSharedCacheGivesNobodyTheAnswersOfAnother() throws Exception {
    try (CachingProxy proxy = CachingProxy.start(server.database().server().uri(), folder);
        ShapeHttp cached = new ShapeHttp(proxy.uri())) {
      String token = "Bearer " + Tokens.OURS.of("bob", ",\"aud\":\"shapes\"");
      String hers = "Bearer " + Tokens.OURS.of("mallory", ",\"aud\":\"shapes\"");
      for (String path :
          List.of(
              "/v1/shape?table=vault&offset=-1",
              ShapeHttp.path(his.next()),
              ShapeHttp.path(his.next("live", "true")))) {
        for (int i = 0; i < 2; i++) {
          assertThat(cached.get(path, "authorization", token).status()).isEqualTo(200);
          assertNothingIsGot(cached.get(path, "authorization", hers));
          assertThat(cached.get(path).status()).isEqualTo(401);
        }
      }
    }
  }
}
