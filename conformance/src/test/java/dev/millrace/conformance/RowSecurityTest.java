package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.conformance.ShapeHttp.Message;
import dev.millrace.dev.LocalPostgres;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Users see of a shape what their policies let them see of the table. */
@ExtendWith(OnePostgres.class)
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class RowSecurityTest {

  @TempDir static Path folder;
  private static WriteServer server;
  private static ShapeHttp ada;
  private static ShapeHttp bob;
  private static int tables;

  private String table = "";

  @BeforeAll
  static void start(LocalPostgres postgres) throws Exception {
    try (var connection = postgres.connect();
        var statement = connection.createStatement()) {
      statement.execute("create role security_reader nologin");
      statement.execute("create role security_clerk nologin");
    }
    server =
        WriteServer.start(
            postgres,
            folder.resolve("server"),
            "MILLRACE_ROLES",
            "security_reader,security_clerk",
            "MILLRACE_LONG_POLL_TIMEOUT",
            "5");
    server
        .database()
        .execute(
            "create schema auth",
            """
            create function auth.uid() returns text language sql stable as
            $$ select coalesce(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', '') $$
            """,
            "grant usage on schema auth to public");
    ada = server.http().as("ada");
    bob = server.http().as("bob");
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @BeforeEach
  void makeTable() throws SQLException {
    table = "things_" + ++tables;
    execute(
        "create table % (id int primary key, owner text, team int, secret text)",
        "grant select on % to authenticated", "alter table % enable row level security");
  }

  private void execute(String... statements) throws SQLException {
    for (String statement : statements) {
      server.database().execute(statement.replace("%", table));
    }
  }

  private static List<String> told(List<Message> messages) {
    return messages.stream()
        .map(message -> message.operation() + " " + message.value("id"))
        .toList();
  }

  private static ShapeHttp with(String claims) {
    return server.http().with("authorization", "Bearer " + Tokens.OURS.of("eve", claims));
  }

  // Protocol 0.1-6, 15-1.
  @Test
  void eachUserSeesTheirOwnRowsComeChangeAndGo() throws Exception {
    execute(
        "create policy own on % using (owner = current_setting('app.user_id'))",
        "insert into % values (1, 'ada'), (2, 'bob'), (3, null)");
    ShapeCopy hers = ShapeCopy.of(ada, table);
    ShapeCopy his = ShapeCopy.of(bob, table);
    assertThat(hers.ids()).containsExactly("1");
    assertThat(his.ids()).containsExactly("2");

    execute("insert into % values (4, 'eve'), (5, 'ada')");
    assertThat(told(hers.awaitChanges())).containsExactly("insert 5");

    execute("update % set owner = 'bob' where id = 5");
    assertThat(told(hers.awaitChanges())).containsExactly("delete 5");
    assertThat(told(his.awaitChanges())).containsExactly("insert 5");

    execute("update % set team = 7", "delete from % where id = 4");
    assertThat(told(hers.awaitChanges())).containsExactly("update 1");
    assertThat(told(his.awaitChanges())).containsExactlyInAnyOrder("update 2", "update 5");

    Answer all = server.http().shape("table", table, "offset", "-1", "secret", WriteServer.SECRET);
    assertThat(all.changes()).hasSize(4);
  }

  // Protocol 15-1, 15-2, 15-4.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "create policy p on % using (true) | 1 2 3 4",
        "select 1 | ``",
        "create policy p on % for insert with check (true) | ``",
        "create policy p on % for update using (true) | ``",
        "create policy p on % for select to security_reader using (true) | ``",
        "create policy p on % for select to authenticated using (team = 1) | 1 2",
        "create policy p on % using (owner = auth.uid()) | 1",
        "create policy p on % using (owner = (current_setting('request.jwt.claims')::json ->> 'sub')) | 1",
        "create policy p on % using (team = (current_setting('request.jwt.claims')::json ->> 'team')::int) | 3",
        "create policy p on % using (team = any (string_to_array(current_setting('request.jwt.claims')::json ->> 'teams', ',')::int[])) | 1 2 3",
        "create policy p on % using (current_user = 'authenticated' and owner is null) | 4",
        "create policy p on % using (current_user = 'somebody' or owner = auth.uid()) | 1",
        "create policy p on % using (auth.uid() = 'ada' or owner = 'bob') | 1 2 3 4",
        "create policy p on % using (auth.uid() <> 'ada' or owner = 'bob') | 2",
        "create policy p on % using (owner = auth.uid()); create policy q on % using (team = 2) | 1 3",
        "create policy p on % using (true); create policy q on % as restrictive using (team = 1) | 1 2",
        "create policy p on % as restrictive using (true) | ``",
        "create policy p on % using (case when auth.uid() = 'ada' then team > 1 else true end) | 3 4",
        "create policy p on % using (coalesce(owner, auth.uid()) = auth.uid()) | 1 4",
        "create policy p on % using (owner like auth.uid()) | 1",
        "alter table % disable row level security | 1 2 3 4",
        "create policy p on % using (owner = 'ada' and (select true)) | 1",
        "create policy p on % using (owner = (select auth.uid())) | 1",
        "create policy p on % using (team in (select 1)) | 403 p it has a subquery",
        "create policy p on % using ((select count(*) from pg_class) > 1) | 403 p it has a subquery",
        "create policy p on % using (now() > '2000-01-01') | 403 p function",
        "create policy p on % using (auth.uid() = owner and clock_timestamp() is not null) | 403 p function",
        "create policy p on % using (team::text = current_setting(owner, true)) | 403 p row",
        "create policy p on % using (owner = (select auth.uid() where current_setting('app.mfa', true) = 'on')) | 403 p subquery",
        "create policy p on % using (owner = (select auth.uid() offset 1)) | 403 p subquery",
        "create policy p on % using (owner = (select auth.uid() union select 'bob' limit 1)) | 403 p subquery",
        "create policy p on % using (owner < (auth.uid() collate \"C\")) | ``",
        "create policy p on % using (owner <= (auth.uid() collate \"C\")) | 1",
        "create policy odd on % using (owner = current_setting('app.nothing')) | 403 odd app.nothing",
      })
  void policiesMeanWhatTheyMeanInPostgres(String setUp, String expected) throws Exception {
    execute("insert into % values (1, 'ada', 1), (2, 'bob', 1), (3, 'eve', 2), (4, null, 3)");
    execute(setUp.split(";"));
    ShapeHttp user =
        server
            .http()
            .with(
                "authorization",
                "Bearer " + Tokens.OURS.of("ada", ",\"team\":2,\"teams\":\"1,2\""));

    if (expected.startsWith("403")) {
      Answer answer = user.shape("table", table, "offset", "-1");
      assertThat(answer.status()).as(answer.body()).isEqualTo(403);
      assertThat(answer.body()).contains(expected.substring(4).split(" ", 2));
      return;
    }
    List<String> wanted = expected.isEmpty() ? List.of() : List.of(expected.split(" "));
    ShapeCopy copy = ShapeCopy.of(user, table);
    assertThat(copy.ids()).isEqualTo(wanted);
    execute("update % set secret = 'changed'");
    if (!wanted.isEmpty()) {
      assertThat(copy.awaitChanges())
          .extracting(row -> row.value("id"))
          .containsExactlyInAnyOrderElementsOf(wanted.stream().map(Object.class::cast).toList());
    }
    ShapeCopy changes = ShapeCopy.of(user, table, "log", "changes_only");
    execute("delete from %", "insert into % values (0, 'nobody', 0)");
    if (!wanted.isEmpty()) {
      assertThat(changes.awaitChanges())
          .filteredOn(row -> row.operation().equals("delete"))
          .extracting(row -> row.value("id"))
          .containsExactlyInAnyOrderElementsOf(wanted.stream().map(Object.class::cast).toList());
    }
  }

  // Protocol 15-1.
  @Test
  void aRequestsOwnClauseIsAskedOfTheirRowsOnly() throws Exception {
    execute(
        "create policy own on % using (owner = auth.uid())",
        "insert into % values (1, 'ada', 1), (2, 'bob', 1), (3, 'ada', 2), (4, 'bob', 0)");

    ShapeCopy copy = ShapeCopy.of(ada, table, "where", "owner = 'bob' or 1 / team = 1 or true");
    assertThat(copy.ids()).containsExactlyInAnyOrder("1", "3");

    ShapeCopy ones = ShapeCopy.of(ada, table, "where", "team = $1", "params[1]", "1");
    assertThat(ones.ids()).containsExactly("1");
    execute("update % set team = 1");
    assertThat(told(ones.awaitChanges())).containsExactly("insert 3");
  }

  // Protocol 15-3.
  @Test
  void columnsThatARoleMayNotReadAreNotThere() throws Exception {
    execute(
        "create policy own on % using (owner = auth.uid() and secret <> 'hidden')",
        "revoke select on % from authenticated",
        "grant select (id, team) on % to authenticated",
        "insert into % values (1, 'ada', 1, 'x'), (2, 'ada', 1, 'hidden'), (3, 'bob', 1, 'x')");

    ShapeCopy copy = ShapeCopy.of(ada, table);
    assertThat(copy.ids()).containsExactly("1");
    assertThat(copy.rows().getFirst().value().keySet()).containsExactlyInAnyOrder("id", "team");
    assertThat(copy.answers().getFirst().header("electric-schema")).doesNotContain("secret");

    execute("update % set secret = 'y', team = 2");
    assertThat(copy.awaitChanges())
        .extracting(row -> row.value().keySet())
        .containsExactly(Set.of("id", "team"), Set.of("id", "team"));
    for (String[] asked :
        List.of(
            new String[] {"columns", "id,secret"},
            new String[] {"where", "secret = 'x'"},
            new String[] {"where", "secret is null or true"},
            new String[] {"queryable_columns", "id,secret"})) {
      Answer answer = ada.shape("table", table, "offset", "-1", asked[0], asked[1]);
      assertThat(answer.status()).as(asked[1]).isEqualTo(400);
    }
    Answer subset =
        ada.shape(
            copy.next(
                "subset__where", "secret = 'y'", "subset__limit", "1", "subset__order_by", "id"));
    assertThat(subset.status()).as(subset.body()).isBetween(400, 403);
  }

  // Protocol 15-3.
  @Test
  void aRoleWithoutTheKeyOrAnythingIsShownNothing() throws Exception {
    execute("revoke select on % from authenticated");
    assertThat(ada.shape("table", table, "offset", "-1").body())
        .isEqualTo(
            server
                .http()
                .shape("table", "nowhere", "offset", "-1", "secret", WriteServer.SECRET)
                .body()
                .replace("nowhere", table));

    execute("grant select (team) on % to authenticated");
    await()
        .untilAsserted(
            () -> assertThat(ada.shape("table", table, "offset", "-1").status()).isEqualTo(403));
  }

  // Protocol 15-5.
  @Test
  void theHandleOfAnotherIsWorthNothing() throws Exception {
    execute(
        "create policy own on % using (owner = auth.uid())",
        "insert into % values (1, 'ada'), (2, 'bob')");
    ShapeCopy hers = ShapeCopy.of(ada, table);
    ShapeCopy his = ShapeCopy.of(bob, table);

    for (String offset : List.of(hers.offset(), "0_0", "0_inf", "-1")) {
      Answer answer = bob.shape(hers.at(offset));
      assertThat(answer.body()).doesNotContain("ada");
      assertThat(answer.handle()).isIn(his.handle(), "");
    }
    Answer live = bob.shape(hers.next("live", "true"));
    assertThat(live.status()).isEqualTo(409);
    assertThat(live.handle()).isEqualTo(his.handle());
    Answer anonymous = server.http().shape(hers.next());
    assertThat(anonymous.status()).isEqualTo(401);
  }

  // Protocol 15-6.
  @Test
  void answersAreForTheirUserAlone() throws Exception {
    execute("create policy own on % using (true)", "insert into % values (1, 'ada')");
    Answer first = ada.shape("table", table, "offset", "-1");
    assertThat(first.header("cache-control")).isEqualTo("private, no-cache");
    assertThat(first.header("vary")).contains("authorization");

    ShapeCopy copy = ShapeCopy.of(ada, table);
    for (Answer answer : copy.answers()) {
      assertThat(answer.header("cache-control")).startsWith("private");
    }
    Answer gone = ada.shape("table", table, "offset", copy.offset(), "handle", "1-1");
    assertThat(gone.status()).isEqualTo(409);
    assertThat(gone.header("cache-control")).startsWith("private");
    Answer trusted =
        server.http().shape("table", table, "offset", "-1", "secret", WriteServer.SECRET);
    assertThat(trusted.header("cache-control")).startsWith("public");
    assertThat(trusted.handle()).isNotEqualTo(first.handle());
  }

  // Protocol 15-7.
  @Test
  void whatIsTakenAwayIsGoneWithinTheBound() throws Exception {
    execute(
        "create policy own on % using (owner = auth.uid() or team = 9)",
        "insert into % values (1, 'ada'), (2, 'bob', 9)".replace("'ada')", "'ada', 1)"));
    ShapeCopy hers = ShapeCopy.of(ada, table);
    String other = table;
    makeTable();
    execute("create policy own on % using (true)");
    ShapeCopy unconcerned = ShapeCopy.of(ada, table);
    table = other;
    CompletableFuture<Answer> live = ada.shapeLater(hers.next("live", "true"));

    execute("alter policy own on % using (owner = auth.uid())");

    assertThat(live.get(4, TimeUnit.SECONDS).status()).isEqualTo(409);
    assertThat(ShapeCopy.of(ada, table).ids()).containsExactly("1");
    assertThat(server.http().as("ada").shape(unconcerned.next()).status()).isEqualTo(200);

    for (String change :
        List.of(
            "revoke select (team) on % from authenticated; revoke select on % from authenticated;"
                + " grant select (id, owner) on % to authenticated",
            "create policy more on % as restrictive using (id > 1)",
            "alter table % disable row level security",
            "revoke all on % from authenticated")) {
      ShapeCopy copy = ShapeCopy.of(ada, table);
      CompletableFuture<Answer> waiting = ada.shapeLater(copy.next("live", "true"));
      // In one transaction: between two she would see nothing of the table for a while.
      execute(change);
      assertThat(waiting.get(4, TimeUnit.SECONDS).status()).as(change).isIn(409, 400);
    }
  }

  // Protocol 15-2, 15-7.
  @Test
  void aChangedFunctionIsAChangedPolicy() throws Exception {
    execute(
        "create function auth.me_%() returns text language sql stable as"
            + " $$ select current_setting('app.user_id') $$",
        "create policy own on % using (owner = auth.me_%())",
        "insert into % values (1, 'ada'), (2, 'bob')");
    ShapeCopy copy = ShapeCopy.of(ada, table);
    assertThat(copy.ids()).containsExactly("1");
    CompletableFuture<Answer> live = ada.shapeLater(copy.next("live", "true"));

    execute(
        "create or replace function auth.me_%() returns text language sql stable as"
            + " $$ select 'bob' || left(current_setting('app.user_id'), 0) $$");

    assertThat(live.get(4, TimeUnit.SECONDS).status()).isEqualTo(409);
    assertThat(ShapeCopy.of(ada, table).ids()).containsExactly("2");

    execute(
        "create or replace function auth.me_%() returns text language plpgsql stable as"
            + " $$ begin return 'ada'; end $$");
    await()
        .untilAsserted(() -> {
          Answer answer = ada.shape("table", table, "offset", "-1");
          assertThat(answer.status()).isEqualTo(403);
          assertThat(answer.body()).contains("own").contains("auth.me_" + table);
        });
  }

  /** A table of who is in which team, and what each may see of that. */
  private void makeMembers() throws SQLException {
    execute(
        "create table members_% (team int, member text, level int, primary key (team, member))",
        "grant select on members_% to authenticated",
        "insert into members_% values (1, 'ada', 1), (2, 'ada', 1), (2, 'bob', 1)",
        "insert into % values (1, 'x', 1), (2, 'x', 2), (3, 'x', 3), (4, 'ada', 3), (5, 'x', null)");
  }

  // Protocol 7-12, 15-1, 15-10.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "team in (select team from members_% where member = auth.uid())",
        "team in (select m.team from members_% m where m.member = auth.uid() and m.level > 0)",
        "exists (select from members_% m where m.team = %.team and m.member = auth.uid())",
        "exists (select 1 from members_% where members_%.member = auth.uid() and %.team = members_%.team)",
        "team = any (array(select team from members_% where member = (select auth.uid())))",
        "team in (select team from members_% where member in (select m.member from members_% m where m.member = auth.uid()))",
      })
  void whoIsInATeamSeesItsRowsAsLongAsTheyAre(String condition) throws Exception {
    makeMembers();
    execute("create policy team on % using (%s or owner = auth.uid())".replace("%s", condition));
    ShapeCopy hers = ShapeCopy.of(ada, table);
    ShapeCopy his = ShapeCopy.of(bob, table);
    assertThat(hers.ids()).containsExactlyInAnyOrder("1", "2", "4");
    assertThat(his.ids()).containsExactly("2");

    execute("update % set secret = 'x' where id < 3");
    assertThat(told(hers.awaitChanges())).containsExactly("update 1", "update 2");
    assertThat(told(his.awaitChanges())).containsExactly("update 2");

    execute("insert into members_% values (3, 'bob', 1)");
    assertThat(told(his.awaitChanges())).containsExactly("insert 3", "insert 4");
    execute("update % set secret = 'y' where id < 4");
    assertThat(told(his.awaitChanges())).containsExactly("update 2", "update 3");

    // The row comes after the team has gone, in one transaction.
    execute(
        "delete from members_% where member = 'ada' and team = 1; insert into % values (6, 'x', 1)");
    assertThat(told(hers.awaitChanges())).containsExactly("update 1", "update 2");
    assertThat(told(hers.awaitChanges())).containsExactly("delete 1");
    assertThat(ShapeCopy.of(ada, table).ids()).containsExactlyInAnyOrder("2", "4");
    assertThat(ada.shape(hers.next()).status()).isEqualTo(200);
  }

  // Protocol 7-12, 15-10.
  @Test
  void rowsOfColumnsAreLookedUpTogether() throws Exception {
    makeMembers();
    execute(
        "create policy team on % using ((owner, team) in"
            + " (select member, team from members_% where level <= ((current_setting('request.jwt.claims')::json ->> 'level'))::int))");
    ShapeHttp low = server.http().with("authorization", "Bearer " + level(1));
    ShapeCopy hers = ShapeCopy.of(low, table);
    assertThat(hers.ids()).isEmpty();

    execute("insert into members_% values (3, 'ada', 1), (1, 'x', 2)");
    assertThat(told(hers.awaitChanges())).containsExactly("insert 4");
    ShapeHttp high = server.http().with("authorization", "Bearer " + level(2));
    assertThat(ShapeCopy.of(high, table).ids()).containsExactly("1", "4");

    execute("delete from members_%");
    assertThat(told(hers.awaitChanges())).containsExactly("delete 4");
    execute("insert into members_% values (2, 'o''neil', 1), (2, 'null', 1)");
    execute("insert into % values (6, 'o''neil', 2), (7, null, 2)");
    assertThat(told(hers.awaitChanges())).containsExactly("insert 6");
  }

  private static String level(int level) {
    return Tokens.OURS.of("ada", ",\"level\":\"%d\"".formatted(level));
  }

  // Protocol 15-5, 15-10.
  @Test
  void sessionsThatSayTheSameOfOtherQueriesAreNotTheSame() throws Exception {
    makeMembers();
    String query = "select team from members_% where member = ";
    String deputy = "(current_setting('request.jwt.claims')::json ->> 'deputy')";
    execute(
        "insert into members_% values (104, 'all', 1)",
        "create policy own on % using (team in (%s auth.uid()) or id in (%s 'all') or id + 100 in (%s %d))"
            .replace("%s", query)
            .replace("%d", deputy));
    ShapeHttp one = server.http().with("authorization", "Bearer " + deputy("all"));
    ShapeHttp other = server.http().with("authorization", "Bearer " + deputy("ada"));

    ShapeCopy first = ShapeCopy.of(one, table);
    ShapeCopy second = ShapeCopy.of(other, table);

    assertThat(first.ids()).containsExactly("1", "2", "4");
    assertThat(second.ids()).containsExactly("1", "2");
    assertThat(other.shape(first.next()).status()).isEqualTo(409);
  }

  private static String deputy(String name) {
    return Tokens.OURS.of("ada", ",\"deputy\":\"%s\"".formatted(name));
  }

  // Protocol 15-10.
  @Test
  void whatOthersMayNotSeeOfTeamsDoesNotCount() throws Exception {
    makeMembers();
    execute(
        "alter table members_% enable row level security",
        "create policy own on members_% using (member = auth.uid() and level = 1)",
        "create policy team on % using (team in (select team from members_%))");
    assertThat(ShapeCopy.of(ada, table).ids()).containsExactlyInAnyOrder("1", "2");
    ShapeCopy his = ShapeCopy.of(bob, table);
    assertThat(his.ids()).containsExactly("2");

    execute("update members_% set level = 0 where member = 'bob'");
    assertThat(told(his.awaitChanges())).containsExactly("delete 2");
    assertThat(ShapeCopy.of(bob, table).ids()).isEmpty();

    ShapeCopy hers = ShapeCopy.of(ada, table);
    CompletableFuture<Answer> live = ada.shapeLater(hers.next("live", "true"));
    execute("alter policy own on members_% using (member = auth.uid() and team = 2)");
    assertThat(live.get(4, TimeUnit.SECONDS).status()).isEqualTo(409);
    assertThat(ShapeCopy.of(ada, table).ids()).containsExactly("2");

    hers = ShapeCopy.of(ada, table);
    execute("truncate members_%");
    assertThat(told(hers.awaitChanges())).containsExactly("delete 2");
    assertThat(hers.ids()).isEmpty();
  }

  // Protocol 15-4.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "select array(select team from members_% where member = current_setting('app.user_id'))::text",
        "select coalesce((select member from members_% limit 1), '')",
        "select auth.inner_%(current_setting('app.user_id'))",
      })
  void aFunctionThatDoesMoreThanAskTheSessionIsRefused(String body) throws Exception {
    makeMembers();
    execute(
        "create function auth.inner_%(text) returns text language plpgsql immutable as"
            + " $$ begin return (select min(member) from members_%); end $$",
        "create function auth.outer_%() returns text language sql stable as $$ " + body + " $$",
        "create policy p on % using (owner = auth.outer_%())");

    Answer answer = ada.shape("table", table, "offset", "-1");

    assertThat(answer.status()).as(answer.body()).isEqualTo(403);
    assertThat(answer.body()).contains("auth.outer_" + table);
  }

  // Protocol 15-4.
  @Test
  void policiesOfWhatIsReadMustBeFollowedToo() throws Exception {
    makeMembers();
    execute(
        "alter table members_% enable row level security",
        "create policy own on members_% using (now() > '2000-01-01')",
        "create policy team on % using (team in (select team from members_%))");

    Answer answer = ada.shape("table", table, "offset", "-1");

    assertThat(answer.status()).as(answer.body()).isEqualTo(403);
    assertThat(answer.body()).contains("team").contains("members_" + table);
  }

  // Protocol 15-4.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "not exists (select from members_% m where m.team = %.team)",
        "exists (select from members_% m where m.team > %.team)",
        "exists (select from members_% m join % t on t.id = m.team where m.team = %.team)",
        "team in (select team from members_% where member = owner)",
        "team in (select team + 1 from members_%)",
        "team in (select team from members_% limit 1)",
        "team in (select team from members_% m where team in (select team from members_% o where o.member = m.member limit 1))",
        "team in (select max(team) from members_%)",
        "team = (select max(team) from members_%)",
        "(team, lower(owner)) in (select team, member from members_%)",
        "exists (select generate_series(1, 0) from members_% m where m.team = %.team)",
        "exists (select count(*) from members_% m where m.team = %.team)",
        "cardinality(array(select team from members_%)) > 1",
        "array_position(array(select team from members_%), team) = 1",
      })
  void otherQueriesAreRefused(String condition) throws Exception {
    makeMembers();
    execute("create policy team on % using (" + condition + ")");

    Answer answer = ada.shape("table", table, "offset", "-1");

    assertThat(answer.status()).as(answer.body()).isEqualTo(403);
    assertThat(answer.body()).contains("The policy \\\"team\\\" cannot be followed: it has");
  }

  // Protocol 15-2, 15-7.
  @Test
  void aFunctionWithAStandardBodyIsWatchedToo() throws Exception {
    execute(
        "create function auth.ret_%() returns text stable return current_setting('app.user_id')",
        "create policy own on % using (owner = auth.ret_%())",
        "insert into % values (1, 'ada'), (2, 'bob')");
    ShapeCopy copy = ShapeCopy.of(ada, table);
    assertThat(copy.ids()).containsExactly("1");
    CompletableFuture<Answer> live = ada.shapeLater(copy.next("live", "true"));

    execute("create or replace function auth.ret_%() returns text stable return 'bob'::text");

    assertThat(live.get(4, TimeUnit.SECONDS).status()).isEqualTo(409);
    assertThat(ShapeCopy.of(ada, table).ids()).containsExactly("2");
  }

  // Protocol 15-7.
  @Test
  void aLockedTableKeepsNobodyFromLosingAnother() throws Exception {
    execute("create policy own on % using (true)", "insert into % values (1, 'ada')");
    ShapeCopy locked = ShapeCopy.of(ada, table);
    String first = table;
    makeTable();
    execute("create policy own on % using (true)", "insert into % values (1, 'bob')");
    ShapeCopy copy = ShapeCopy.of(ada, table);
    CompletableFuture<Answer> live = ada.shapeLater(copy.next("live", "true"));

    try (var connection = server.database().connect();
        var statement = connection.createStatement()) {
      statement.execute("begin; lock table " + first + " in access exclusive mode");
      execute("alter policy own on % using (owner = auth.uid())");

      assertThat(live.get(6, TimeUnit.SECONDS).status()).isEqualTo(409);
      statement.execute("rollback");
    }
    assertThat(ada.shape(locked.next()).status()).isEqualTo(200);
  }

  // Protocol 15-11.
  @Test
  void aUsersClauseCallsNothingHomeMade() throws Exception {
    execute(
        "create policy own on % using (true)",
        "create table secrets_% (id int, word text)",
        "insert into secrets_% values (1, 'xyzzy')",
        "create function leak_%(id int) returns boolean language sql immutable as"
            + " $$ select exists (select from secrets_% s where s.id = $1 and s.word like 'x%%') $$"
                .replace("%%", "_____"),
        "create operator ## (rightarg = int, function = leak_%)");

    for (String where : List.of("leak_%(id)", "## id", "id > 1 or not public.leak_%(id)")) {
      Answer answer = ada.shape("table", table, "offset", "-1", "where", where.replace("%", table));
      assertThat(answer.status()).as(where + answer.body()).isEqualTo(400);
    }
    execute("drop operator ## (none, int)");
    assertThat(server.http().shape("table", table, "offset", "-1").status()).isEqualTo(401);
  }

  // Protocol 15-8.
  @Test
  void aTokenThatEndsEndsWhatWaits() throws Exception {
    execute("create policy own on % using (true)");
    Instant end = Instant.now().minusSeconds(60).plusSeconds(3);
    String token = Tokens.OURS.signed(Tokens.payload("ada", end, ""));
    ShapeHttp brief = server.http().with("authorization", "Bearer " + token);
    ShapeCopy copy = ShapeCopy.of(brief, table);

    CompletableFuture<Answer> live = brief.shapeLater(copy.next("live", "true"));
    CompletableFuture<Answer> events =
        brief.shapeLater(copy.next("live", "true", "live_sse", "true"));

    Answer ended = live.get(10, TimeUnit.SECONDS);
    assertThat(ended.status()).isEqualTo(401);
    assertThat(ended.body()).contains("token_expired");
    assertThat(ended.header("www-authenticate")).contains("Bearer");
    assertThat(events.get(5, TimeUnit.SECONDS).status()).isEqualTo(200);
    assertThat(brief.shape(copy.next()).status()).isEqualTo(401);
    assertThat(ada.shape(copy.next()).status()).isEqualTo(200);
  }

  // Protocol 15-9.
  @Test
  void subsetsAreReadAsTheUser() throws Exception {
    execute(
        "create policy own on % using (owner = auth.uid())",
        "insert into % select i, case i % 2 when 0 then 'ada' else 'bob' end, i"
                .replace("i % 2", "mod(i, 2)")
            + " from generate_series(1, 10) i");
    ShapeCopy copy = ShapeCopy.of(ada, table, "log", "changes_only");

    Answer subset = ada.shape(copy.next("subset__where", "team > 3 or owner = 'bob'"));

    assertThat(subset.status()).as(subset.body()).isEqualTo(200);
    assertThat(subset.subsetRows())
        .extracting(row -> row.value("id"))
        .containsExactlyInAnyOrder("4", "6", "8", "10");
    assertThat(bob.shape(copy.next("subset__where", "true")).body()).doesNotContain("ada");
  }

  // Protocol 15-2.
  @Test
  void rolesThatATokenNamesAreHeldByTheirOwnPolicies() throws Exception {
    execute(
        "grant select on % to security_reader",
        "create policy own on % to authenticated using (owner = auth.uid())",
        "create policy readers on % to security_reader using (team = 1)",
        "insert into % values (1, 'eve', 0), (2, 'bob', 1)");

    assertThat(ShapeCopy.of(with(""), table).ids()).containsExactly("1");
    assertThat(ShapeCopy.of(with(",\"role\":\"security_reader\""), table).ids())
        .containsExactly("2");
    assertThat(with(",\"role\":\"security_clerk\"").shape("table", table, "offset", "-1").status())
        .isEqualTo(400);
    assertThat(ShapeCopy.of(with(",\"role\":\"postgres\""), table).ids()).containsExactly("1");
  }
}
