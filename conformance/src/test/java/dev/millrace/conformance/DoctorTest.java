package dev.millrace.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.dev.LocalPostgres;
import dev.millrace.protocol.WriteAnswer;
import dev.millrace.server.Main;
import dev.millrace.server.auth.Principal;
import dev.millrace.server.postgres.DatabaseUrl;
import dev.millrace.server.write.WriteGateway;
import dev.millrace.server.write.WritePolicies;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What the doctor prints is run, and then it finds nothing any more. */
@ExtendWith(OnePostgres.class)
class DoctorTest {

  /** Settings that ALTER SYSTEM can change. */
  private static final LocalPostgres OWN =
      LocalPostgres.temporary(
          Map.of("wal_level", "", "max_replication_slots", "", "max_wal_senders", ""));

  private static final String SLOT = "millrace_slot_patient";
  private static final String PUBLICATION = "millrace_publication_patient";

  @TempDir private Path folder;

  /** What the doctor said and how it ended. */
  private record Diagnosis(int exitCode, String output) {

    List<Finding> findings() {
      return Json.list(Json.object(Json.parse(output)).get("findings")).stream()
          .map(Json::object)
          .map(Finding::new)
          .toList();
    }

    List<Finding> of(String level) {
      return findings().stream().filter(finding -> finding.text("level").equals(level)).toList();
    }

    Finding about(String subject) {
      return findings().stream()
          .filter(finding -> finding.text("subject").equals(subject))
          .findFirst()
          .orElseThrow(() -> new AssertionError("nothing on " + subject + ": " + output));
    }

    List<String> problems() {
      return of("problem").stream().map(finding -> finding.text("subject")).toList();
    }
  }

  private record Finding(Map<String, @Nullable Object> json) {

    String text(String member) {
      return String.valueOf(json.get(member));
    }

    List<String> mend() {
      return Json.list(json.get("mend")).stream().map(String::valueOf).toList();
    }
  }

  @AfterAll
  static void stop() {
    OWN.close();
  }

  private static Diagnosis examine(String url, String streamId) {
    return run(
        Map.of("DATABASE_URL", url, "MILLRACE_REPLICATION_STREAM_ID", streamId),
        "doctor",
        "--json");
  }

  private static Diagnosis examine(String url) {
    return examine(url, "patient");
  }

  private static Diagnosis run(Map<String, String> settings, String... arguments) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, UTF_8);
    int exitCode = Main.run(arguments, settings, out, out);
    return new Diagnosis(exitCode, bytes.toString(UTF_8));
  }

  private static String name(String url) {
    return url.substring(url.lastIndexOf('/') + 1);
  }

  private static void execute(LocalPostgres postgres, String url, String... statements)
      throws SQLException {
    execute(postgres, url, Arrays.asList(statements));
  }

  /** Each in a transaction of its own, as a superuser. */
  private static void execute(LocalPostgres postgres, String url, List<String> statements)
      throws SQLException {
    try (Connection connection = postgres.connect(name(url));
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private static void mend(LocalPostgres postgres, String url, List<Finding> findings)
      throws SQLException {
    List<String> statements = new ArrayList<>();
    findings.forEach(finding -> statements.addAll(finding.mend()));
    execute(postgres, url, statements);
  }

  @Test
  void everythingThatIsMissingIsMendedByTheStatementsPrinted() throws Exception {
    String url = OWN.createDatabase("patient");
    execute(
        OWN,
        url,
        "create role plain login",
        "revoke temporary on database %s from public".formatted(name(url)),
        "create schema shut",
        "create table shut.items (id int primary key, n int)",
        "create publication %s for table shut.items where (id > 1) with (publish = 'insert', publish_via_partition_root)"
            .formatted(PUBLICATION),
        "alter system set max_replication_slots = 1");
    OWN.restart();
    execute(OWN, url, "select pg_create_physical_replication_slot('taken')");
    String asPlain = url.replace("postgres@", "plain@");

    Diagnosis before = examine(asPlain);

    assertThat(before.exitCode()).isEqualTo(1);
    assertThat(before.problems())
        .containsExactly(
            "wal_level",
            "max_replication_slots",
            "role",
            "role",
            "publication",
            "publication",
            "publication",
            "table shut.items",
            "table shut.items",
            "table shut.items",
            "table shut.items");
    mend(OWN, url, before.of("problem"));
    OWN.restart();
    Diagnosis after = examine(asPlain);
    assertThat(after.problems()).as(after.output()).isEmpty();
    assertThat(after.exitCode()).isZero();
    execute(OWN, url, "select pg_drop_replication_slot('taken')");
    slotsThatLagOrAreLost(url);
  }

  /** From a warning to the loss of the slot, and back to health. */
  private static void slotsThatLagOrAreLost(String url) throws SQLException {
    assertThat(examine(url).about("slot").text("text")).contains("is not there");
    assertThat(examine(url).about("max_slot_wal_keep_size").text("level")).isEqualTo("warning");
    execute(
        OWN,
        url,
        "alter system set max_slot_wal_keep_size = '64MB'",
        "select pg_reload_conf()",
        "select pg_create_logical_replication_slot('%s', 'pgoutput')".formatted(SLOT),
        "create table filler (id int)");
    advance(url, "lag", 3, "warning");
    assertThat(examine(url).about("slot").text("text")).contains("keeps ", "is lost in ");

    mend(OWN, url, List.of(examine(url).about("slot")));
    awaitLevel(url, "slot", "note");

    execute(
        OWN, url, "alter system set max_slot_wal_keep_size = '16MB'", "select pg_reload_conf()");
    advance(url, "loss", 2, "problem");
    assertThat(examine(url).about("slot").text("text")).contains("is lost");
    mend(OWN, url, List.of(examine(url).about("slot")));
    assertThat(examine(url).about("slot").text("text")).contains("is not there");
  }

  /** Fills WAL, a segment of 16 MB each time, until the doctor thinks that bad of the slot. */
  private static void advance(String url, String what, int segments, String level)
      throws SQLException {
    for (int i = 0; i < segments; i++) {
      execute(OWN, url, "insert into filler values (1)", "select pg_switch_wal()");
    }
    execute(OWN, url, "checkpoint");
    Awaitility.await(what)
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() ->
            assertThat(examine(url).about("slot").text("level"))
                .as(examine(url).about("slot").toString())
                .isEqualTo(level));
  }

  private static void awaitLevel(String url, String subject, String level) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() ->
            assertThat(examine(url).about(subject).text("level"))
                .as(examine(url).about(subject).toString())
                .isEqualTo(level));
  }

  @Test
  void aDatabaseThatAServerFollowsIsHealthy(LocalPostgres postgres) throws Exception {
    try (SyncedDatabase database = SyncedDatabase.start(postgres, folder)) {
      String name = database.query("select current_database()");
      database.execute("create table items (id int primary key)");
      try (ShapeHttp http = new ShapeHttp(database.server().uri())) {
        ShapeCopy.of(http, "items");
      }

      Diagnosis diagnosis = examine(postgres.url(name), name);

      assertThat(diagnosis.problems()).isEmpty();
      assertThat(diagnosis.exitCode()).isZero();
      assertThat(diagnosis.about("slot").text("text")).contains("follows it");
      assertThat(diagnosis.about("tables").text("text")).isEqualTo("published: 1");
    }
  }

  @Test
  void aMissingPublicationIsNoProblemIfTheRoleMayMakeIt(LocalPostgres postgres) throws Exception {
    String url = postgres.createDatabase("patient");
    execute(postgres, url, "create role maker login replication");
    String asMaker = url.replace("postgres@", "maker@");
    Diagnosis without = examine(asMaker, "maker");
    assertThat(without.problems()).containsExactly("publication");

    mend(postgres, url, without.of("problem"));

    Finding finding = examine(asMaker, "maker").about("publication");
    assertThat(finding.text("level")).isEqualTo("note");
    assertThat(finding.mend()).containsExactly("CREATE PUBLICATION \"millrace_publication_maker\"");
    execute(postgres, asMaker, finding.mend());
    assertThat(examine(url, "maker").about("publication").text("level")).isEqualTo("ok");
    execute(postgres, url, "drop owned by maker", "drop role maker");
  }

  /** As a server would be set that believes tokens. */
  private static Diagnosis examineWrites(String url, String userRole, String furtherRole) {
    return run(
        Map.of(
            "DATABASE_URL", url,
            "MILLRACE_REPLICATION_STREAM_ID", "patient",
            "MILLRACE_JWT_SECRET", Tokens.OURS.secret(),
            "MILLRACE_USER_ROLE", userRole,
            "MILLRACE_ROLES", furtherRole),
        "doctor",
        "--json");
  }

  @Test
  void whatWritesNeedIsMendedByTheStatementsPrinted(LocalPostgres postgres) throws Exception {
    String url = postgres.createDatabase("patient");
    execute(
        postgres,
        url,
        "create publication " + PUBLICATION,
        "create role scribe login replication",
        "alter publication %s owner to scribe".formatted(PUBLICATION),
        "create role lofty bypassrls",
        "grant scribe to lofty",
        "create table items (n int)");
    String asScribe = url.replace("postgres@", "scribe@");

    Diagnosis before = examineWrites(asScribe, "Low Users", "lofty");

    assertThat(before.problems())
        .containsExactly("schema millrace", "role Low Users", "role lofty");
    mend(postgres, url, before.of("problem"));
    // The one role was above all policies, and might have acted as the server besides.
    Diagnosis halfway = examineWrites(asScribe, "Low Users", "lofty");
    assertThat(halfway.problems()).containsExactly("role lofty");
    mend(postgres, url, halfway.of("problem"));
    Diagnosis open = examineWrites(asScribe, "Low Users", "lofty");
    assertThat(open.about("role lofty").text("text")).contains("cannot become it");
    mend(postgres, url, open.of("problem"));
    assertThat(examineWrites(asScribe, "Low Users", "lofty").problems()).isEmpty();
    execute(postgres, url, "grant all on items to \"Low Users\", lofty");
    assertThat(write(asScribe, "Low Users")).isEqualTo("APPLIED");
    assertThat(write(asScribe, "lofty")).isEqualTo("APPLIED");
    execute(
        postgres,
        url,
        "drop owned by scribe, lofty, \"Low Users\" cascade",
        "drop role scribe, lofty, \"Low Users\"");
  }

  @Test
  void aLedgerOfSomebodyElseIsGivenToTheServer(LocalPostgres postgres) throws Exception {
    String url = postgres.createDatabase("patient");
    execute(
        postgres,
        url,
        "create role heir login replication",
        "create role members",
        "create table items (n int)",
        "grant all on items to members",
        "grant members to heir",
        "create publication " + PUBLICATION,
        "alter publication %s owner to heir".formatted(PUBLICATION));
    assertThat(write(url, "members")).isEqualTo("APPLIED");
    String asHeir = url.replace("postgres@", "heir@");

    Diagnosis before = examineWrites(asHeir, "members", "members");

    assertThat(before.problems()).contains("schema millrace").containsOnly("schema millrace");
    mend(postgres, url, before.of("problem"));
    assertThat(examineWrites(asHeir, "members", "members").problems()).isEmpty();
    assertThat(write(asHeir, "members")).isEqualTo("APPLIED");
    execute(postgres, url, "drop owned by heir, members cascade", "drop role heir, members");
  }

  /** What becomes of a write that a server would apply. */
  private static String write(String url, String userRole) {
    WritePolicies policies = new WritePolicies(Map.of(), Duration.ofDays(90), 2);
    try (WriteGateway gateway =
        WriteGateway.open(DatabaseUrl.parse(url), policies, InstantSource.system())) {
      Principal user = new Principal("ada", userRole, "{}", Instant.MAX);
      WriteAnswer answer =
          gateway.apply(
              user, WriteDatabase.batch("device", List.of(Changes.insert("items", "{'n':1}"))));
      return Changes.end(answer.results().getFirst());
    }
  }

  @Test
  void aSlotOfAnotherDatabaseIsAProblem(LocalPostgres postgres) throws Exception {
    String url = postgres.createDatabase("patient");
    String name = name(url);
    String slot = "millrace_slot_" + name;
    execute(
        postgres,
        "/postgres",
        "select pg_create_logical_replication_slot('%s', 'pgoutput')".formatted(slot));

    Finding finding = examine(url, name).about("slot");

    assertThat(finding.text("level")).isEqualTo("problem");
    assertThat(finding.text("text")).contains("belongs to the database postgres");
    assertThat(finding.text("then"))
        .contains("MILLRACE_REPLICATION_STREAM_ID", "SELECT pg_drop_replication_slot");
    Finding other = examine(url, name + "2").about("slot " + slot);
    assertThat(other.text("level")).isEqualTo("warning");
    execute(postgres, url, other.mend());
    assertThat(examine(url, name).about("slot").text("level")).isEqualTo("note");
  }

  @Test
  void tablesThatCannotBeFollowedWholeAreNamed(LocalPostgres postgres) throws Exception {
    String url = postgres.createDatabase("patient");
    execute(
        postgres,
        url,
        "create table parts (id int primary key) partition by range (id)",
        "create table \"Part One\" partition of parts for values from (0) to (10)",
        "create table keyless (n int)",
        "alter table keyless replica identity full",
        "create unlogged table fast (n int)",
        "create publication %s for table parts, keyless".formatted(PUBLICATION));

    Diagnosis diagnosis = examine(url);

    assertThat(diagnosis.problems()).containsExactly("table public.\"Part One\"");
    assertThat(diagnosis.about("table public.keyless").text("text")).contains("no primary key");
    assertThat(diagnosis.about("table public.fast").text("text")).contains("unlogged");
    mend(postgres, url, diagnosis.of("problem"));
    mend(postgres, url, List.of(diagnosis.about("table public.fast")));
    assertThat(examine(url).problems()).isEmpty();
    assertThat(examine(url).output()).doesNotContain("public.fast");
  }

  @Test
  void whatIsOpenForLongIsShownAndWhatTheRoleMayNotSeeIsSaid(LocalPostgres postgres)
      throws Exception {
    String url = postgres.createDatabase("patient");
    execute(postgres, url, "create table items (id int)", "create role blind login replication");
    try (Connection open = postgres.connect(name(url));
        Statement statement = open.createStatement()) {
      open.setAutoCommit(false);
      statement.execute("insert into items values (1)");

      Finding hidden = examine(url.replace("postgres@", "blind@")).about("transactions");
      assertThat(hidden.text("level")).isEqualTo("unknown");
      assertThat(hidden.mend()).containsExactly("GRANT pg_read_all_stats TO \"blind\"");

      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .pollInterval(Duration.ofSeconds(1))
          .untilAsserted(() ->
              assertThat(examine(url).about("transactions").text("level")).isEqualTo("warning"));
      mend(postgres, url, List.of(examine(url).about("transactions")));
      assertThat(examine(url).about("transactions").text("level")).isEqualTo("ok");
      open.abort(Runnable::run);
    }
    execute(postgres, url, "drop role blind");
  }

  @Test
  void withoutAPostgresOrItsAddressThereIsNothingToExamine() {
    Diagnosis nowhere = run(Map.of("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/x"), "doctor");
    Diagnosis unset = run(Map.of(), "doctor");

    assertThat(nowhere.exitCode()).isEqualTo(2);
    assertThat(nowhere.output()).contains("refused", "correct DATABASE_URL", "Could not look.");
    assertThat(unset.exitCode()).isEqualTo(2);
    assertThat(unset.output()).contains("DATABASE_URL is not set");
  }

  @Test
  void theTextHasALineForEachFindingWithItsRemedyBelow(LocalPostgres postgres) {
    Diagnosis diagnosis = run(Map.of("DATABASE_URL", postgres.createDatabase("patient")), "doctor");

    assertThat(diagnosis.output())
        .containsPattern("(?m)^ok       wal_level +logical$")
        .containsPattern(
            "(?m)^warning  max_slot_wal_keep_size .*\\n +ALTER SYSTEM SET max_slot_wal_keep_size = '50GB';$")
        .containsPattern("(?m)^Healthy, with \\d+ warnings?\\.$|^To be mended");
  }
}
