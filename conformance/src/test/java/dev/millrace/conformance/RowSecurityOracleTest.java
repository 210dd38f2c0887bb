package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.conformance.ShapeHttp.Answer;
import dev.millrace.conformance.ShapeHttp.Message;
import dev.millrace.dev.LocalPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Made-up policies, users and transactions: after each transaction that concerns a shape its user
 * has exactly the rows that Postgres shows them at that moment. {@code MILLRACE_ROUNDS} says how
 * many sets of policies, {@code MILLRACE_SEED} which.
 */
@ExtendWith(OnePostgres.class)
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class RowSecurityOracleTest {
  private static final int ROUNDS = 8;
  private static final int TRANSACTIONS = 25;

  /** For so long what a policy forbids may still be shown. */
  private static final Duration BOUND = Duration.ofMillis(2500);

  private static final List<String> CLAUSES =
      List.of("", "level > 1", "owner = 'u1' or team = 2", "body like 'u%'");

  @TempDir private Path folder;

  private long seed;
  private SplittableRandom random = new SplittableRandom(0);
  private @Nullable Connection connection;
  private final List<UserCopy> copies = new ArrayList<>();
  private final List<String> trace = new ArrayList<>();
  private int moves;

  /** By the transaction's number, what each of the copies' users saw after it. */
  private final Map<String, Map<UserCopy, Map<String, Row>>> truth = new HashMap<>();

  private Map<UserCopy, Map<String, Row>> now = Map.of();

  /** The values of a row by column. */
  private record Row(Map<String, @Nullable String> values) {
    Row with(Map<String, @Nullable Object> changes) {
      Map<String, @Nullable String> next = new TreeMap<>(values);
      changes.forEach((name, value) -> next.put(name, value == null ? null : value.toString()));
      return new Row(next);
    }
  }

  /** A user's copy of a shape, checked at the end of every transaction in it. */
  private final class UserCopy {
    private final String user;
    private final String claims;
    private final String role;
    private final String clause;
    private final ShapeHttp http;
    private Map<String, Row> rows = new TreeMap<>();
    private String handle = "";
    private String offset = "-1";

    UserCopy(ShapeHttp server, String user, String role, String clause) {
      this.user = user;
      this.role = role;
      this.clause = clause;
      String further =
          ",\"role\":\"%s\",\"team\":%d,\"level\":%d"
              .formatted(role, random.nextInt(3), random.nextInt(4));
      this.claims = "{\"sub\":\"%s\"%s}".formatted(user, further);
      this.http = server.with("authorization", "Bearer " + Tokens.OURS.of(user, further));
    }

    private void beginAnew() {
      handle = "";
      offset = "-1";
      rows = new TreeMap<>();
    }

    /** Reads on until it is up-to-date or has to begin anew. */
    void read() throws IOException, InterruptedException {
      boolean isInSnapshot = offset.equals("-1");
      while (true) {
        List<String> parameters = new ArrayList<>(List.of("table", "docs", "offset", offset));
        if (!handle.isEmpty()) {
          parameters.addAll(List.of("handle", handle));
        }
        if (!clause.isEmpty()) {
          parameters.addAll(List.of("where", clause));
        }
        Answer answer = http.shape(parameters.toArray(String[]::new));
        if (answer.status() == 409) {
          beginAnew();
          return;
        }
        assertThat(answer.status()).as(this + " " + answer.body()).isEqualTo(200);
        handle = answer.handle();
        offset = answer.offset();
        List<Message> messages = answer.messages();
        for (int i = 0; i < messages.size(); i++) {
          boolean isMoved = i + 1 < messages.size() && isSnapshotEnd(messages.get(i + 1));
          if (isSnapshotEnd(messages.get(i))) {
            moves += isInSnapshot ? 0 : 1;
            compareWithSnapshot(messages.get(i));
          } else if (messages.get(i).json().containsKey("key")) {
            take(messages.get(i), isMoved);
          }
        }
        if (answer.isUpToDate()) {
          if (isInSnapshot) {
            // Another's request may have made it a little earlier.
            assertThat(rows).as("snapshot of " + this).isIn(seen(this));
          }
          return;
        }
      }
    }

    private static boolean isSnapshotEnd(Message message) {
      return "snapshot-end".equals(message.header("control"));
    }

    /** After what a snapshot has seen, which may be several transactions. */
    private void compareWithSnapshot(Message end) {
      long xmax = number(end.header("xmax"));
      List<Long> running =
          Json.list(end.header("xip_list")).stream().map(UserCopy::number).toList();
      truth.keySet().stream()
          .filter(xid -> number(xid) < xmax && !running.contains(number(xid)))
          .max(Comparator.comparingLong(UserCopy::number))
          .ifPresent(last -> compare(last));
    }

    private static long number(@Nullable Object text) {
      return Long.parseLong(String.valueOf(text));
    }

    private void compare(String transaction) {
      Map<UserCopy, Map<String, Row>> then = truth.getOrDefault(transaction, Map.of());
      assertThat(rows).as("%s after transaction %s", this, transaction).isEqualTo(then.get(this));
    }

    /**
     * @param isMoved whether it tells of more transactions than it names
     */
    private void take(Message message, boolean isMoved) {
      Map<String, @Nullable Object> value = message.value();
      switch (message.operation()) {
        case "insert" -> {
          assertThat(rows).as("%s is told of %s", this, value).doesNotContainKey(message.key());
          rows.put(message.key(), new Row(Map.of()).with(value));
        }
        case "update" -> {
          assertThat(rows).as("%s is told of %s", this, value).containsKey(message.key());
          rows.computeIfPresent(message.key(), (key, row) -> row.with(value));
        }
        default ->
            assertThat(rows.remove(message.key())).as("%s loses %s", this, value).isNotNull();
      }
      if (Boolean.TRUE.equals(message.header("last")) && !isMoved) {
        compare(Json.list(message.header("txids")).getFirst().toString());
      }
    }

    /** What Postgres shows the user. */
    Map<String, Row> visible() throws SQLException {
      Map<String, Row> visible = new TreeMap<>();
      execute("begin");
      try (PreparedStatement become =
          connection()
              .prepareStatement(
                  "select set_config('role', ?, true), set_config('app.user_id', ?, true),"
                      + " set_config('request.jwt.claims', ?, true)")) {
        become.setString(1, role);
        become.setString(2, user);
        become.setString(3, claims);
        become.execute();
      }
      try (Statement statement = connection().createStatement();
          ResultSet found =
              statement.executeQuery(
                  "select id, owner, team, level, body from docs where "
                      + (clause.isEmpty() ? "true" : clause))) {
        while (found.next()) {
          Map<String, @Nullable Object> values = new LinkedHashMap<>();
          for (String name : List.of("id", "owner", "team", "level", "body")) {
            values.put(name, found.getString(name));
          }
          visible.put(
              "\"public\".\"docs\"/\"" + found.getString(1) + "\"", new Row(Map.of()).with(values));
        }
      }
      execute("rollback");
      return visible;
    }

    @Override
    public String toString() {
      return "%s as %s where '%s' %s".formatted(user, role, clause, claims);
    }
  }

  private Connection connection() {
    return Optional.ofNullable(connection).orElseThrow();
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection().createStatement()) {
      statement.execute(sql);
    }
  }

  /** All that was ever right under the policies that there are. */
  private List<Map<String, Row>> seen(UserCopy copy) {
    return Stream.concat(truth.values().stream(), Stream.of(now))
        .map(then -> then.getOrDefault(copy, Map.of()))
        .toList();
  }

  private Map<UserCopy, Map<String, Row>> look() throws SQLException {
    Map<UserCopy, Map<String, Row>> seen = new HashMap<>();
    for (UserCopy copy : copies) {
      seen.put(copy, copy.visible());
    }
    return seen;
  }

  // Protocol 15-1, 15-2, 15-7, 15-10.
  @Test
  void nobodyEverSeesMoreOrLessThanPostgresShows(LocalPostgres postgres) throws Exception {
    seed = Workload.seed();
    random = new SplittableRandom(seed);
    makeRole(postgres);
    try (WriteServer server =
        WriteServer.start(
            postgres, folder.resolve("server"), "MILLRACE_ROLES", "security_editor")) {
      try (Connection own = server.database().connect()) {
        connection = own;
        makeTables();
        for (int i = 0; i < 8; i++) {
          copies.add(
              new UserCopy(
                  server.http(),
                  "u" + i % 4,
                  random.nextInt(4) == 0 ? "security_editor" : "authenticated",
                  CLAUSES.get(random.nextInt(CLAUSES.size()))));
        }
        String given = System.getenv("MILLRACE_ROUNDS");
        int rounds = given == null ? ROUNDS : Integer.parseInt(given);
        for (int round = 1; round <= rounds; round++) {
          trace.clear();
          try {
            round();
          } catch (Exception | AssertionError e) {
            throw new AssertionError(
                "MILLRACE_SEED=%d MILLRACE_ROUNDS=%d ./millrace test RowSecurityOracleTest: %s%n%s"
                    .formatted(seed, round, e.getMessage(), String.join("\n", trace)),
                e);
          }
        }
        assertThat(moves).isPositive();
      }
    }
  }

  private static void makeRole(LocalPostgres postgres) throws SQLException {
    try (Connection admin = postgres.connect();
        Statement statement = admin.createStatement()) {
      statement.execute(
          """
          do $$ begin
            if not exists (select from pg_roles where rolname = 'security_editor') then
              create role security_editor nologin;
            end if;
          end $$
          """);
    }
  }

  private void makeTables() throws SQLException {
    for (String sql :
        List.of(
            "create schema auth",
            "grant usage on schema auth to public",
            "create function auth.uid() returns text language sql stable as"
                + " $$ select current_setting('app.user_id', true) $$",
            "create table docs (id int primary key, owner text, team int, level int, body text)",
            "create table members (team int, member text, rank int)",
            "alter table docs enable row level security",
            "grant select on docs, members to authenticated, security_editor")) {
      execute(sql);
    }
  }

  private void round() throws Exception {
    changePolicies();
    await().pollDelay(BOUND).until(() -> true);
    truth.clear();
    now = look();
    settle();
    for (int i = 0; i < TRANSACTIONS; i++) {
      transaction();
      while (random.nextInt(3) > 0) {
        copies.get(random.nextInt(copies.size())).read();
      }
    }
    settle();
  }

  /** Everybody reads until they have what there is. */
  private void settle() throws Exception {
    for (UserCopy copy : copies) {
      await()
          .atMost(Duration.ofSeconds(10))
          .pollInterval(Duration.ofMillis(20))
          .ignoreNoExceptions()
          .until(() -> {
            copy.read();
            return copy.rows.equals(now.get(copy));
          });
    }
  }

  private void changePolicies() throws SQLException {
    execute(
        """
        do $$ declare p record; begin
          for p in select polname, polrelid::regclass as t from pg_policy
                    where polrelid in ('docs'::regclass, 'members'::regclass) loop
            execute format('drop policy %I on %s', p.polname, p.t);
          end loop;
        end $$
        """);
    for (String sql : new RandomPolicies(random).next()) {
      trace.add(sql);
      execute(sql);
    }
  }

  private void transaction() throws SQLException {
    execute("begin");
    String number;
    try (Statement statement = connection().createStatement();
        ResultSet row = statement.executeQuery("select pg_current_xact_id()::xid::text")) {
      row.next();
      number = row.getString(1);
    }
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      String sql = change();
      trace.add(number + " " + sql);
      execute(sql);
    }
    execute("commit");
    now = look();
    truth.put(number, now);
  }

  private String change() {
    int id = random.nextInt(20);
    return switch (random.nextInt(12)) {
      case 0, 1, 2, 3 ->
          "insert into docs values (%d, %s, %s, %d, %s) on conflict (id) do update set"
                  .formatted(id, user(), team(), random.nextInt(4), user())
              + " owner = excluded.owner, level = excluded.level";
      case 4, 5 -> "update docs set team = %s where id = %d".formatted(team(), id);
      case 6 -> "update docs set level = (level + 1) % 4";
      case 7 -> "delete from docs where id = %d".formatted(id);
      case 8 ->
          "update docs set id = id + 20, body = %s where id = %d".formatted(user(), id)
              + " and not exists (select from docs d where d.id = docs.id + 20)";
      case 9 ->
          "insert into members values (%s, %s, %d)".formatted(team(), user(), random.nextInt(4));
      case 10 -> "update members set rank = (rank + 1) % 4 where member = " + user();
      default -> "delete from members where member = %s and rank < 2".formatted(user());
    };
  }

  private String user() {
    return random.nextInt(6) == 0 ? "null" : "'u" + random.nextInt(4) + "'";
  }

  private String team() {
    return random.nextInt(6) == 0 ? "null" : Integer.toString(random.nextInt(3));
  }
}
