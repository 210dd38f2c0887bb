package dev.millrace.conformance;

import static dev.millrace.conformance.Changes.at;
import static dev.millrace.conformance.Changes.delete;
import static dev.millrace.conformance.Changes.ends;
import static dev.millrace.conformance.Changes.inTx;
import static dev.millrace.conformance.Changes.insert;
import static dev.millrace.conformance.Changes.update;
import static dev.millrace.conformance.WriteDatabase.ADA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.dev.LocalPostgres;
import dev.millrace.protocol.WriteChange;
import dev.millrace.protocol.WriteResult;
import dev.millrace.server.write.WriteException;
import dev.millrace.server.write.WriteException.Code;
import dev.millrace.server.write.WriteGateway;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What goes wrong in Postgres on the way: never a half batch, never a false {@code applied}. */
@ExtendWith(OnePostgres.class)
class WriteFailuresTest {
  private static final String ID = "00000000-0000-4000-8000-00000000000";

  /** A row whose text says what shall go wrong. */
  private static final String TROUBLE =
      """
      create table trouble (id int primary key, what text not null,
                            parent int references trouble deferrable initially deferred);
      create function end_session() returns bool language sql security definer
        as 'select pg_terminate_backend(pg_backend_pid())';
      create function trouble() returns trigger language plpgsql as $$ begin
        case new.what
          when 'serialize' then raise exception 'try again' using errcode = '40001';
          when 'slow' then raise exception 'canceled' using errcode = '57014';
          when 'raise' then raise exception 'not like this' using detail = 'a secret', hint = 'two';
          when 'end' then perform end_session();
          when 'skip' then return null;
          when 'full' then raise exception 'no space' using errcode = '53100';
          else null;
        end case;
        return new;
      end $$;
      create trigger trouble before insert or update on trouble
        for each row execute function trouble();
      create function late() returns trigger language plpgsql as $$ begin
        if new.what = 'late' then raise exception 'too late'; end if;
        if new.what = 'later' then
          set constraints all deferred;
          update trouble set what = 'late' where id = new.id;
        end if;
        return null;
      end $$;
      create constraint trigger late after insert or update on trouble
        deferrable initially deferred for each row execute function late();
      grant all on trouble to authenticated
      """;

  private final WriteDatabase database;

  WriteFailuresTest(LocalPostgres postgres) throws SQLException {
    database = WriteDatabase.open(postgres, WriteDatabase.WORKS, TROUBLE);
  }

  @AfterEach
  void close() throws SQLException {
    database.close();
  }

  private static WriteChange trouble(int id, String what) {
    return insert("trouble", "{'id':%d,'what':'%s'}".formatted(id, what));
  }

  private static WriteChange child(int id, int parent) {
    return insert("trouble", "{'id':%d,'what':'fine','parent':%d}".formatted(id, parent));
  }

  private String rows() throws SQLException {
    return database.query("select string_agg(id::text, ' ' order by id) from trouble");
  }

  private String entries() throws SQLException {
    return database.query("select count(*) from millrace.applied_change");
  }

  // Protocol 14-25.
  @Test
  void whatATriggerRaisesIsReportedWithItsFirstLineAlone() throws SQLException {
    List<WriteResult> results =
        database.apply(ADA, trouble(1, "fine"), trouble(2, "raise"), trouble(3, "skip"));

    assertThat(ends(results)).containsExactly("APPLIED", "raised", "APPLIED");
    assertThat(results.get(1).error().get().message()).isEqualTo("not like this");
    assertThat(rows()).isEqualTo("1");
  }

  // Protocol 14-25.
  @Test
  void whatPostgresRefusesHasTheNameOfItsCause() throws SQLException {
    database.execute(
        """
        create table bound (
          id int primary key,
          name text not null unique,
          parent int references bound,
          size int check (size < 10),
          slot int4range,
          mine bool,
          exclude using gist (slot with &&))
        """,
        """
        create function refuse() returns trigger language plpgsql as $$ begin
          if new.size = -1 then raise 'no' using errcode = 'ZZ001'; end if;
          return new;
        end $$
        """,
        "create trigger refuse before insert on bound for each row execute function refuse()",
        "alter table bound enable row level security",
        "create policy mine on bound using (true) with check (mine is not false)",
        "grant all on bound to authenticated",
        "create table closed (id int primary key)");

    assertThat(
            ends(
                database.apply(
                    ADA,
                    insert("bound", "{'id':1,'name':'a','slot':'[1,5)'}"),
                    insert("bound", "{'id':2,'name':'a'}"),
                    insert("bound", "{'id':3,'name':'c','parent':99}"),
                    insert("bound", "{'id':4}"),
                    insert("bound", "{'id':5,'name':'e','size':10}"),
                    insert("bound", "{'id':6,'name':'f','slot':'[4,9)'}"),
                    insert("bound", "{'id':7,'name':'g','mine':false}"),
                    insert("bound", "{'id':8,'name':'h','size':-1}"),
                    insert("closed", "{'id':9}"),
                    update("bound", "{'id':1,'parent':1}"))))
        .containsExactly(
            "APPLIED",
            "unique_violation",
            "foreign_key_violation",
            "not_null_violation",
            "check_violation",
            "exclusion_violation",
            "forbidden",
            "refused",
            "unknown_table",
            "APPLIED");
    assertThat(database.query("select id, parent from bound")).isEqualTo("1|1");
  }

  // Protocol 14-28, 14-30.
  @Test
  void whatMayPassIsToBeTriedAgainAndWhatHangsOnItIsNotLost() throws SQLException {
    WriteChange late = update("trouble", "{'id':2,'what':'fine'}");
    List<WriteResult> results =
        database.apply(
            ADA,
            trouble(1, "fine"),
            trouble(2, "serialize"),
            trouble(3, "raise"),
            late,
            inTx("a", trouble(4, "fine")),
            inTx("a", trouble(5, "serialize")),
            trouble(6, "fine"));

    assertThat(ends(results))
        .containsExactly(
            "APPLIED",
            "contended (retry)",
            "raised (retry)",
            "waits (retry)",
            "tx_failed (retry)",
            "contended (retry)",
            "APPLIED");
    assertThat(rows()).isEqualTo("1 6");
    assertThat(entries()).isEqualTo("2");
  }

  // Protocol 14-25.
  @Test
  void aDeferredConstraintThatFailsTakesOnlyItsOwnChange() throws SQLException {
    List<WriteResult> results =
        database.apply(
            ADA,
            trouble(1, "fine"),
            child(2, 99),
            trouble(3, "late"),
            inTx("a", child(4, 5)),
            inTx("a", trouble(5, "fine")),
            inTx("b", child(6, 98)),
            inTx("b", trouble(7, "fine")),
            trouble(8, "fine"));

    assertThat(ends(results))
        .containsExactly(
            "APPLIED",
            "foreign_key_violation",
            "raised",
            "APPLIED",
            "APPLIED",
            "tx_failed",
            "foreign_key_violation",
            "APPLIED");
    assertThat(rows()).isEqualTo("1 4 5 8");
  }

  /** A trigger that defers its own check again makes COMMIT itself fail. */
  @Test
  void aFailureAtCommitTakesOnlyItsOwnChange() throws SQLException {
    List<WriteChange> changes =
        List.of(
            trouble(1, "fine"),
            trouble(2, "later"),
            inTx("a", trouble(3, "fine")),
            inTx("a", trouble(4, "fine")));

    List<WriteResult> results = database.apply(ADA, "device", changes);

    assertThat(ends(results)).containsExactly("APPLIED", "raised", "APPLIED", "APPLIED");
    assertThat(results.get(2).txid()).isEqualTo(results.get(3).txid());
    assertThat(results.get(0).txid()).isNotEqualTo(results.get(2).txid());
    assertThat(rows()).isEqualTo("1 3 4");
    assertThat(ends(database.apply(ADA, "device", changes)))
        .containsExactly("DUPLICATE", "raised", "DUPLICATE", "DUPLICATE");
  }

  // Protocol 14-30.
  @Test
  void aRowThatSomebodyHoldsKeepsNothingElseWaiting() throws SQLException {
    for (int i = 1; i < 9; i++) {
      database.apply(ADA, insert("works", "{'id':'%s%d','title':'t'}".formatted(ID, i)));
    }
    try (Connection other = database.connect();
        Statement statement = other.createStatement()) {
      statement.execute("begin; select from works where id = '%s3' for update".formatted(ID));
      List<WriteChange> changes = new ArrayList<>();
      for (int i = 1; i < 9; i++) {
        changes.add(update("works", "{'id':'%s%d','title':'new'}".formatted(ID, i)));
      }
      changes.add(delete("works", "{'id':'%s3'}".formatted(ID)));

      List<WriteResult> held = database.apply(ADA, "device", changes);
      statement.execute("rollback");

      assertThat(ends(held))
          .containsExactly(
              "APPLIED",
              "APPLIED",
              "locked (retry)",
              "APPLIED",
              "APPLIED",
              "APPLIED",
              "APPLIED",
              "APPLIED",
              "waits (retry)");
      assertThat(ends(database.apply(ADA, "device", changes)))
          .containsExactly(
              "DUPLICATE",
              "DUPLICATE",
              "APPLIED",
              "DUPLICATE",
              "DUPLICATE",
              "DUPLICATE",
              "DUPLICATE",
              "DUPLICATE",
              "APPLIED");
    }
  }

  @Test
  void twoBatchesThatLockEachOtherBothEndUpApplied() throws Exception {
    for (int i = 1; i < 3; i++) {
      database.apply(ADA, insert("works", "{'id':'%s%d','title':'t','year':0}".formatted(ID, i)));
    }
    for (int round = 0; round < 5; round++) {
      List<CompletableFuture<List<WriteResult>>> both = new ArrayList<>();
      for (String order : List.of("1 2", "2 1")) {
        List<WriteChange> changes = new ArrayList<>();
        for (String row : order.split(" ", -1)) {
          changes.add(update("works", "{'id':'%s%s','year':%d}".formatted(ID, row, round)));
          changes.add(
              insert("works", "{'id':'%s','title':'t'}".formatted(java.util.UUID.randomUUID())));
        }
        both.add(CompletableFuture.supplyAsync(() -> database.apply(ADA, order, changes)));
      }
      for (CompletableFuture<List<WriteResult>> answer : both) {
        assertThat(answer.get(30, TimeUnit.SECONDS))
            .allMatch(result -> result.status().isInDatabase());
      }
    }
    assertThat(database.query("select count(*) from works")).isEqualTo("22");
  }

  // Protocol 14-19.
  @Test
  void theSameBatchSentAtOnceFromEverywhereIsAppliedOnce() throws Exception {
    database.execute(
        "create table counted (id int primary key, n int)",
        "grant all on counted to authenticated",
        """
        create function count_up() returns trigger language plpgsql as
        $$ begin new.n := coalesce(old.n, 0) + 1; return new; end $$
        """,
        "create trigger up before update on counted for each row execute function count_up()",
        "insert into counted select i, 0 from generate_series(1, 50) i");
    List<WriteChange> changes = new ArrayList<>();
    for (int i = 1; i <= 50; i++) {
      changes.add(update("counted", "{'id':%d,'n':7}".formatted(i)));
    }
    CountDownLatch start = new CountDownLatch(1);
    List<CompletableFuture<List<WriteResult>>> answers = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      answers.add(
          CompletableFuture.supplyAsync(
              () -> {
                Awaitility.await().until(() -> start.getCount() == 0);
                return database.apply(ADA, "device", changes);
              },
              Thread::startVirtualThread));
    }
    start.countDown();

    int applied = 0;
    for (CompletableFuture<List<WriteResult>> answer : answers) {
      List<WriteResult> results = answer.get(30, TimeUnit.SECONDS);
      assertThat(results).allMatch(result -> result.status().isInDatabase());
      applied += (int) ends(results).stream().filter("APPLIED"::equals).count();
    }

    assertThat(applied).isEqualTo(50);
    assertThat(database.query("select min(n), max(n) from counted")).isEqualTo("1|1");
    assertThat(entries()).isEqualTo("50");
  }

  // Protocol 14-30.
  @Test
  void aStatementThatTakesTooLongIsGivenUp() throws SQLException {
    List<WriteResult> results = database.apply(ADA, trouble(1, "slow"), trouble(2, "fine"));

    assertThat(ends(results)).containsExactly("too_slow (retry)", "APPLIED");
  }

  // Protocol 14-23.
  @Test
  void aDatabaseThatTakesNoWritesOrHasNoRoomIsSaidToBeSo() throws SQLException {
    database.apply(ADA, trouble(1, "fine"));
    assertThat(failure(trouble(2, "full")).code()).isEqualTo(Code.UNAVAILABLE);
    assertThat(failure(trouble(3, "end")).code()).isEqualTo(Code.UNAVAILABLE);

    database.execute(
        "alter role millrace_writer in database %s set default_transaction_read_only = on"
            .formatted(database.query("select current_database()")));
    try (WriteGateway readOnly = database.openGateway(Map.of(), java.time.InstantSource.system())) {
      WriteException failure =
          catchThrowableOfType(
              WriteException.class,
              () ->
                  readOnly.apply(
                      WriteDatabase.user(ADA),
                      WriteDatabase.batch("d", List.of(trouble(4, "fine")))));
      assertThat(failure.code()).isEqualTo(Code.READ_ONLY);
    }
    assertThat(rows()).isEqualTo("1");
    assertThat(entries()).isEqualTo("1");
  }

  private WriteException failure(WriteChange change) {
    return catchThrowableOfType(
        WriteException.class, () -> database.apply(ADA, trouble(9, "fine"), change));
  }

  // Protocol 14-23.
  @Test
  void aRoleThatMayNotMakeTheSchemaIsToldWhatToRun() throws SQLException {
    database.apply(ADA, trouble(9, "fine"));
    database.execute(
        "revoke create on database %s from millrace_writer"
            .formatted(database.query("select current_database()")),
        "drop schema millrace cascade");
    try (WriteGateway poor = database.openGateway(Map.of(), java.time.InstantSource.system())) {
      WriteException failure =
          catchThrowableOfType(
              WriteException.class,
              () ->
                  poor.apply(
                      WriteDatabase.user(ADA),
                      WriteDatabase.batch("d", List.of(trouble(1, "fine")))));
      assertThat(failure.code()).isEqualTo(Code.NOT_READY);
      assertThat(failure)
          .hasMessageContaining("run CREATE SCHEMA millrace AUTHORIZATION \"millrace_writer\"");

      database.execute("create schema millrace authorization millrace_writer");
      assertThat(
              poor.apply(
                      WriteDatabase.user(ADA),
                      WriteDatabase.batch("d", List.of(trouble(1, "fine"))))
                  .results())
          .allMatch(result -> result.status().isInDatabase());
    }
  }

  // Protocol 14-29.
  @Test
  void aChangeIsJudgedByItsOwnTime() throws SQLException {
    Instant now = Instant.now();
    OptionalLong old = millis(now.minus(Duration.ofDays(200)));
    WriteChange never = at(old, 0, trouble(1, "fine"));
    WriteChange undated = at(OptionalLong.empty(), 0, trouble(2, "fine"));

    assertThat(ends(database.apply(ADA, never, undated))).containsExactly("APPLIED", "APPLIED");
    assertThat(ends(database.apply(ADA, at(old, 1, never), undated)))
        .containsExactly("DUPLICATE", "DUPLICATE");
    assertThat(
            ends(
                database.apply(
                    ADA,
                    at(old, 1, trouble(3, "fine")),
                    at(millis(now.plus(Duration.ofDays(3))), 0, trouble(4, "fine")),
                    at(millis(now.plus(Duration.ofHours(3))), 0, trouble(5, "fine")),
                    at(millis(now.minus(Duration.ofDays(80))), 7, trouble(6, "fine")))))
        .containsExactly("too_old", "clock_ahead", "APPLIED", "APPLIED");
    assertThat(rows()).isEqualTo("1 2 5 6");
  }

  private static OptionalLong millis(Instant instant) {
    return OptionalLong.of(instant.toEpochMilli());
  }

  @Test
  void theLedgerHasAPartitionForEachMonthAndDropsThem() throws SQLException {
    database.apply(ADA, trouble(1, "fine"));
    String current =
        "select count(*) from pg_inherits where inhparent"
            + " = 'millrace.applied_change'::regclass";
    String before = database.query(current);

    Instant later = Instant.now().plus(Duration.ofDays(200));
    database.openGateway(Map.of(), () -> later);
    Awaitility.await().untilAsserted(() -> assertThat(entries()).isEqualTo("0"));

    Awaitility.await().untilAsserted(() -> assertThat(database.query(current)).isEqualTo(before));
    assertThat(before).isEqualTo("7");
  }

  @Test
  void everySecondChangeMayBeBad() throws SQLException {
    List<WriteChange> changes = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      changes.add(trouble(i, i % 2 == 0 ? "fine" : "raise"));
    }

    List<WriteResult> results = database.apply(ADA, "device", changes);

    assertThat(ends(results).stream().filter("APPLIED"::equals)).hasSize(150);
    assertThat(results.stream().flatMap(result -> result.txid().stream()).distinct()).hasSize(1);
    assertThat(database.query("select count(*) from trouble")).isEqualTo("150");
  }
}
