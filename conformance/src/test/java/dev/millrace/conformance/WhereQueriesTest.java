package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.conformance.ShapeHttp.Message;
import dev.millrace.dev.LocalPostgres;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
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

/** Shapes whose where clause asks other tables: their rows come and go as those change. */
@ExtendWith(OnePostgres.class)
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class WhereQueriesTest {
  private static final AtomicInteger TABLES = new AtomicInteger();

  @TempDir static Path folder;
  private static SyncedDatabase database;

  private static ShapeHttp http;

  private String tasks = "";
  private String projects = "";
  private String reviews = "";

  @BeforeAll
  static void start(LocalPostgres postgres) throws Exception {
    database =
        SyncedDatabase.start(
            postgres, folder.resolve("server"), Map.of("MILLRACE_LONG_POLL_TIMEOUT", "3"));
    http = new ShapeHttp(database.server().uri());
  }

  @AfterAll
  static void stop() throws Exception {
    http.close();
    database.close();
  }

  @BeforeEach
  void makeTables() throws Exception {
    int number = TABLES.incrementAndGet();
    tasks = "tasks" + number;
    projects = "projects" + number;
    reviews = "reviews" + number;
    execute(
        "create table # (id int primary key, active boolean, lead text)",
        "create table % (id int primary key, project int, title text)",
        "insert into # values (1, true, 'ada'), (2, false, 'ada'), (3, true, 'bob')",
        "insert into % values (1, 1, 'a'), (2, 2, 'b'), (3, 3, 'c'), (4, null, 'd')",
        "create table & (number serial primary key, id bigint, title varchar, lead text)",
        "insert into & (id, title, lead) values (1, 'a', 'bob'), (3, null, 'bob')");
  }

  /** Statements in which {@code %}, {@code #} and {@code &} stand for the tables. */
  private void execute(String... statements) throws Exception {
    for (String statement : statements) {
      database.execute(named(statement));
    }
  }

  private String named(String sql) {
    return sql.replace("%", tasks).replace("#", projects).replace("&", reviews);
  }

  private static List<String> told(List<Message> messages) {
    return messages.stream()
        .map(message -> message.operation() + " " + message.value("id"))
        .toList();
  }

  // Protocol 7-11, 7-12.
  @Test
  void rowsComeAndGoWithWhatTheyDependOn() throws Exception {
    String where = named("project in (select id from # where active and lead = $1)");
    ShapeCopy copy =
        ShapeCopy.of(http, tasks, "where", where, "params[1]", "ada", "replica", "full");
    assertThat(told(copy.rows())).containsExactly("insert 1");

    execute("update # set active = true where id = 2");
    Message entered = copy.awaitChanges().getFirst();
    assertThat(entered.operation()).isEqualTo("insert");
    assertThat(entered.value()).isEqualTo(Map.of("id", "2", "project", "2", "title", "b"));
    assertThat(entered.header("last")).isEqualTo(true);

    execute("update % set title = 'x' where id < 4");
    assertThat(told(copy.awaitChanges())).containsExactly("update 1", "update 2");

    execute("update # set lead = 'bob' where id = 1");
    Message left = copy.awaitChanges().getFirst();
    assertThat(left.operation()).isEqualTo("delete");
    assertThat(left.value()).isEqualTo(Map.of("id", "1", "project", "1", "title", "x"));

    execute("insert into % values (5, 1, 'e'), (6, 2, 'f')");
    assertThat(told(copy.awaitChanges())).containsExactly("insert 6");
    execute("update # set lead = 'ada'");
    assertThat(told(copy.awaitChanges()))
        .containsExactlyInAnyOrder("insert 1", "insert 5", "insert 3");
    execute("truncate #");
    assertThat(copy.awaitChanges()).hasSize(5).allMatch(row -> row.operation().equals("delete"));
  }

  // Protocol 7-11.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "project in (select id from # where active)                       | 1, 3",
        "project not in (select id from # where active)                   | 2",
        "not (project in (select id from # where active)) or title = 'd'  | 2, 4",
        "(project) in ((select p.id from public.# p where p.lead = 'ada'))| 1, 2",
        "exists (select from # p where p.id = project and p.active)       | 1, 3",
        "project = any (array(select id from # where lead = 'bob'))       | 3",
        "project in (select id from # where active) and project in (select id from # where lead = 'ada') | 1",
        "project in (select id from # where lead = 'eve')                 | ",
        "title in (select lead from #) or id > 3                          | 4",
        "(project, title) in (select id, title from &)                    | 1",
        "(title, project) not in (select title, id from &)                | 2",
        "(project, title) in (select id, title from & where id > 99)      |",
        "(title, project) not in (select title, id from & where id > 99)  | 1, 2, 3, 4",
        "project in (select id from # where lead in (select lead from &)) | 3",
        "project in (select id from # where lead not in (select lead from & where id = 1)) | 1, 2",
        "project in (select id from # where (id, lead) in (select id, lead from &)) | 3",
        "project in (select id from # where id in (select id from # where lead in (select lead from &))) | 3",
      })
  void theRowsAreThoseThatPostgresSelects(String where, String expected) throws Exception {
    ShapeCopy copy = ShapeCopy.of(http, tasks, "where", named(where));

    assertThat(String.join(", ", copy.ids())).isEqualTo(expected == null ? "" : expected);

    // A row of before that comes, and one that goes.
    execute(
        "update # set active = not active, lead = case lead when 'ada' then 'b' else 'ada' end");
    execute("insert into % values (9, 1, 'b')");
    execute("update & set lead = case id when 1 then 'ada' else 'b' end, title = 'b'");
    execute("insert into & values (9, 1, 'o''neil', 'ada'), (10, null, 'b', 'ada')");
    awaitSelected(copy, where);

    execute("delete from &");
    awaitSelected(copy, where);
    execute("delete from # where id = 1", "insert into & values (11, 1, 'b', 'b')");
    awaitSelected(copy, where);
  }

  private void awaitSelected(ShapeCopy copy, String where) throws Exception {
    String ids = "select coalesce(string_agg(id::text, ' ' order by id), '') from % where ";
    String selected = database.query(named(ids + where));
    Awaitility.await()
        .untilAsserted(() -> {
          copy.readOn();
          assertThat(String.join(" ", copy.ids())).isEqualTo(selected);
        });
  }

  // Protocol 7-11.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "project in (select id from # union select 1)",
        "project in (select id from # limit 1)",
        "(project, id + 1) in (select id, id from #)",
        "(project, title) in (select id, max(lead) from # group by id)",
        "(project, title) in (select p.id, q.lead from # p, # q)",
        "(project, title) < all (select id, lead from #)",
        "project in (select id from # p where id in (select id from # q where q.lead = p.lead))",
        "project in (select id from # where id in (select id from # limit 1))",
        "project in (select id from # where id in (select id from # where now() > '2020-01-01'))",
        "project in (select count(*) from #)",
        "project = (select max(id) from #)",
        "project in (select id from # where lead = title)",
        "project in (select p.id from # p, # q)",
        "project in (select id from # where now() > '2020-01-01')",
        "project in (select id from # where random() > 0.5)",
        "project in (table #)",
        "project in (values (1))",
        "project in (with p as (select id from #) select id from p)",
        "project in (select oid::int from pg_class)",
        "title in (select rolname from pg_catalog.pg_authid)",
        "title in (select rolpassword from pg_authid where rolpassword::int = 1)",
        "title in (select table_name from information_schema.tables)",
        "title in (select description from millrace.flyway_schema_history)",
        "project in (select id from nowhere)",
        "project in (select nothing from #)",
        "project in (select lead from #)",
        "project in (select id from #); drop table #; --",
        "project in (select id from #)) or (true",
        "project in (select id from # for update)",
        "project in (select id from # where pg_sleep(1) is null)",
        "project in (delete from # returning id)",
      })
  void otherQueriesAreRefused(String where) throws Exception {
    Answer answer = http.shape("table", tasks, "offset", "-1", "where", named(where));

    assertThat(answer.status()).as(answer.body()).isEqualTo(400);
    assertThat(answer.body()).contains("\"where\"").doesNotContain("SCRAM");
    assertThat(database.query(named("select count(*) from #"))).isEqualTo("3");
  }

  // Protocol 7-12.
  @Test
  void whatCountsMayBeForPostgresAloneToSay() throws Exception {
    String query = "select id from # where int4range(4, 10) @> length(lead)";
    ShapeCopy copy = ShapeCopy.of(http, tasks, "where", named("project in (" + query + ")"));
    assertThat(copy.ids()).isEmpty();

    execute("update # set lead = 'evelyn' where id = 2");
    assertThat(told(copy.awaitChanges())).containsExactly("insert 2");
    execute("update # set lead = 'eve' where id = 2");
    assertThat(told(copy.awaitChanges())).containsExactly("delete 2");
  }

  // Protocol 7-11.
  @Test
  void aShapeIsTheSameWhateverItsValuesAre() throws Exception {
    String where = named("project in (select id from # where active)");
    ShapeCopy first = ShapeCopy.of(http, tasks, "where", where);
    execute("update # set active = true");
    assertThat(told(first.awaitChanges())).containsExactly("insert 2");

    ShapeCopy second =
        ShapeCopy.of(http, tasks, "where", where.replace("(select", "( SELECT ") + " ");
    assertThat(second.handle()).isEqualTo(first.handle());
    assertThat(told(second.rows())).containsExactly("insert 1", "insert 3", "insert 2");

    database.server().kill();
    execute("update # set active = false where id = 1");
    database.server().restart();
    http.close();
    http = new ShapeHttp(database.server().uri());
    Answer answer = http.shape(second.next("live", "true"));
    assertThat(told(answer.changes())).containsExactly("delete 1");
    assertThat(answer.handle()).isEqualTo(first.handle());
  }

  // Protocol 7-11.
  @Test
  void anotherTableInThePlaceOfOneThatItReadsIsReadAnew() throws Exception {
    String where = named("project in (select id from # where lead = 'ada')");
    ShapeCopy copy = ShapeCopy.of(http, tasks, "where", where);

    execute("alter table # drop column lead", "update # set active = true");
    assertThat(copy.awaitRefusal().status()).isEqualTo(400);
    assertThat(http.shape("table", tasks, "offset", "-1", "where", where).body())
        .contains("column \\\"lead\\\" does not exist");

    execute("drop table #", "create table # (id int primary key, lead text)");
    execute("insert into # values (3, 'ada')");
    ShapeCopy anew = ShapeCopy.of(http, tasks, "where", where);
    assertThat(anew.ids()).containsExactly("3");
    execute("insert into # values (2, 'ada')");
    assertThat(told(anew.awaitChanges())).containsExactly("insert 2");
  }
}
