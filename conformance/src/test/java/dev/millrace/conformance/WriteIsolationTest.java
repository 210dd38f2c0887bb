package dev.millrace.conformance;

import static dev.millrace.conformance.Changes.at;
import static dev.millrace.conformance.Changes.delete;
import static dev.millrace.conformance.Changes.inTx;
import static dev.millrace.conformance.Changes.insert;
import static dev.millrace.conformance.Changes.update;
import static dev.millrace.conformance.Changes.withBase;
import static dev.millrace.conformance.WriteDatabase.ADA;
import static dev.millrace.conformance.WriteDatabase.BOB;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.dev.LocalPostgres;
import dev.millrace.protocol.WriteChange;
import dev.millrace.protocol.WriteResult;
import dev.millrace.server.auth.Principal;
import dev.millrace.server.write.ConflictPolicy;
import dev.millrace.server.write.TablePolicy;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Bob tries to touch what is Ada's. Whatever he sends, her rows stay as they are, nothing of them
 * is in what he is told, and what he is told of a row of hers is what he is told of none.
 */
@ExtendWith(OnePostgres.class)
class WriteIsolationTest {
  private static final String HERS = "aaaaaaaa-0000-4000-8000-000000000001";
  private static final String GONE = "aaaaaaaa-0000-4000-8000-000000000002";
  private static final String HIS = "bbbbbbbb-0000-4000-8000-000000000001";
  private static final String NONE = "cccccccc-0000-4000-8000-000000000001";
  private static final String SECRET = "Ada's secret";

  /** Notes hang on works; a slug is unique among all users; a view of all that nobody may use. */
  private static final String FURTHER =
      """
      create table notes (
        id uuid primary key, work_id uuid references works on delete cascade,
        owner_id uuid not null default current_setting('app.user_id')::uuid,
        slug text unique, body text not null, rank int unique deferrable initially deferred,
        span int4range, exclude using gist (span with &&));
      alter table notes enable row level security;
      create policy own on notes using (owner_id = current_setting('app.user_id')::uuid);
      grant all on notes to authenticated;
      create table shared (id uuid primary key, owner_id uuid not null, body text);
      alter table shared enable row level security;
      create policy seen on shared for select using (true);
      create policy kept on shared for update
        using (owner_id = current_setting('app.user_id')::uuid);
      create policy made on shared for insert
        with check (owner_id = current_setting('app.user_id')::uuid);
      create policy ended on shared for delete
        using (owner_id = current_setting('app.user_id')::uuid);
      grant all on shared to authenticated;
      create table private (id int primary key, body text);
      create table readable (id int primary key, body text);
      grant select on readable to authenticated;
      create table lasting (like works including all);
      alter table lasting enable row level security;
      create policy own on lasting using (owner_id = current_setting('app.user_id')::uuid);
      create table doubled (like works including all);
      alter table doubled enable row level security;
      create policy own on doubled using (owner_id = current_setting('app.user_id')::uuid);
      create table strict (like works including all);
      alter table strict enable row level security;
      create policy own on strict using (owner_id = current_setting('app.user_id')::uuid);
      grant all on lasting, doubled, strict to authenticated;
      insert into private values (1, 'Ada''s secret');
      insert into readable values (1, 'readable')
      """;

  private static final Map<String, TablePolicy> POLICIES =
      Map.of(
          "lasting",
              new TablePolicy(new ConflictPolicy.LastWriteWins("updated_at"), Set.of("tags")),
          "doubled", new TablePolicy(new ConflictPolicy.KeepBoth("title"), Set.of()),
          "strict", new TablePolicy(new ConflictPolicy.RejectStale(), Set.of()));

  private final WriteDatabase database;

  WriteIsolationTest(LocalPostgres postgres) throws SQLException {
    database = WriteDatabase.open(postgres, POLICIES, WriteDatabase.WORKS, FURTHER);
  }

  @AfterEach
  void close() throws SQLException {
    database.close();
  }

  private final WriteChange adas = insert("works", work(HERS, ADA));

  private static String work(String id, String owner) {
    return "{\"id\":\"%s\",\"owner_id\":\"%s\",\"title\":\"%s\",\"tags\":[\"%s\"]}"
        .formatted(id, owner, SECRET, SECRET);
  }

  private void setUp() {
    assertThat(
            Changes.ends(
                database.apply(
                    ADA,
                    adas,
                    insert("works", work(GONE, ADA)),
                    delete("works", "{'id':'%s'}".formatted(GONE)),
                    insert("lasting", work(HERS, ADA)),
                    insert("doubled", work(HERS, ADA)),
                    insert("strict", work(HERS, ADA)),
                    insert(
                        "notes",
                        "{\"id\":\"%s\",\"work_id\":\"%s\",\"slug\":\"hers\",\"body\":\"%s\",\"rank\":1,\"span\":\"[1,5)\"}"
                            .formatted(HERS, HERS, SECRET)),
                    insert(
                        "shared",
                        "{\"id\":\"%s\",\"owner_id\":\"%s\",\"body\":\"open\"}"
                            .formatted(HERS, ADA)))))
        .containsOnly("APPLIED");
    assertThat(
            Changes.ends(
                database.apply(BOB, insert("works", "{'id':'%s','title':'mine'}".formatted(HIS)))))
        .containsOnly("APPLIED");
  }

  private String hers() throws SQLException {
    return database.query(
            """
            select * from works where owner_id = '%1$s' union all
            select * from lasting where owner_id = '%1$s' union all
            select * from doubled where owner_id = '%1$s' union all
            select * from strict where owner_id = '%1$s'
            """
                .formatted(ADA))
        + database.query("select * from notes where owner_id = '%s'".formatted(ADA))
        + database.query("select * from shared where owner_id = '%s'".formatted(ADA))
        + database.query("select * from private union all select * from readable")
        + database.query(
            "select * from millrace.applied_change where subject = '%s' order by id"
                .formatted(ADA));
  }

  /** An attack, as a function of the row it is aimed at. */
  @FunctionalInterface
  private interface Attack {
    List<WriteChange> on(String id);
  }

  private static WriteChange set(String table, String id, String columns) {
    return update(table, "{'id':'%s',%s}".formatted(id, columns));
  }

  private static WriteChange end(String table, String id) {
    return delete(table, "{'id':'%s'}".formatted(id));
  }

  private static WriteChange make(String table, String id, String columns) {
    return insert(table, "{'id':'%s',%s}".formatted(id, columns));
  }

  /** Aimed at rows that Bob cannot see: told apart from no row by nothing. */
  private static Map<String, Attack> blindAttacks() {
    Map<String, Attack> all = new LinkedHashMap<>();
    all.put("update", id -> List.of(set("works", id, "'title':'mine'")));
    all.put(
        "update with her owner",
        id -> List.of(set("works", id, "'title':'mine','owner_id':'%s'".formatted(ADA))));
    all.put(
        "update that takes the row over",
        id -> List.of(set("works", id, "'owner_id':'%s'".formatted(BOB))));
    all.put(
        "update in camel case", id -> List.of(set("works", id, "'ownerId':'%s'".formatted(BOB))));
    all.put(
        "update with a base",
        id ->
            List.of(withBase(set("works", id, "'title':'mine'"), "{'title':'%s'}".formatted("x"))));
    all.put(
        "update with a guessed base",
        id ->
            List.of(
                withBase(set("works", id, "'title':'mine'"), "{\"title\":\"" + SECRET + "\"}")));
    all.put("update of nothing", id -> List.of(update("works", "{'id':'%s'}".formatted(id))));
    all.put(
        "update of the key in upper case",
        id -> List.of(set("works", id.toUpperCase(java.util.Locale.ROOT), "'title':'mine'")));
    all.put(
        "update after the table's schema",
        id -> List.of(set("public.works", id, "'title':'mine'")));
    all.put("delete", id -> List.of(end("works", id)));
    all.put(
        "delete with a base",
        id -> List.of(withBase(end("works", id), "{\"title\":\"" + SECRET + "\"}")));
    all.put("delete twice", id -> List.of(end("works", id), end("works", id)));
    all.put(
        "update then delete", id -> List.of(set("works", id, "'title':'mine'"), end("works", id)));
    all.put(
        "update of last-write-wins, far newer",
        id -> List.of(set("lasting", id, "'title':'mine','updated_at':4000000000000")));
    all.put("update of a set", id -> List.of(set("lasting", id, "'tags':['mine']")));
    all.put(
        "update where both are kept",
        id -> List.of(withBase(set("doubled", id, "'title':'mine'"), "{'title':'x'}")));
    all.put(
        "update where stale edits are rejected",
        id -> List.of(withBase(set("strict", id, "'title':'mine'"), "{'title':'x'}")));
    all.put("delete where stale edits are rejected", id -> List.of(end("strict", id)));
    all.put("update of a note", id -> List.of(set("notes", id, "'body':'mine'")));
    all.put("update of what was deleted", id -> List.of(set("works", GONE, "'title':'mine'")));
    all.put("delete of what was deleted", id -> List.of(end("works", GONE)));
    all.put(
        "in a tx with a change of his own",
        id ->
            List.of(
                inTx("t", set("works", id, "'title':'mine'")),
                inTx("t", make("works", NONE.replace('1', '7'), "'title':'mine'"))));
    all.put(
        "in a tx, after taking the key's place",
        id ->
            List.of(
                inTx("t", end("works", id)),
                inTx("t", make("works", NONE.replace('1', '8'), "'title':'mine'"))));
    all.put("in her tx", id -> List.of(inTx("her tx", set("works", id, "'title':'mine'"))));
    all.put(
        "many rows at once, hers among his",
        id ->
            List.of(
                set("works", id, "'title':'mine'"),
                set("works", HIS, "'title':'mine'"),
                set("works", id.replace('1', '9'), "'title':'mine'")));
    return all;
  }

  @TestFactory
  List<DynamicTest> whatHeIsToldOfHerRowIsWhatHeIsToldOfNone() throws SQLException {
    setUp();
    String before = hers();
    return blindAttacks().entrySet().stream()
        .map(attack ->
            DynamicTest.dynamicTest(
                attack.getKey(),
                () -> {
                  List<WriteResult> onHers = send(attack.getValue().on(HERS));
                  List<WriteResult> onNone = send(attack.getValue().on(NONE));

                  assertThat(Changes.ends(onHers)).isEqualTo(Changes.ends(onNone));
                  assertThat(onHers.getFirst().status().isInDatabase()).isFalse();
                  assertNothingLeaks(onHers);
                  assertThat(told(onHers)).isEqualTo(told(onNone));
                  assertThat(hers()).isEqualTo(before);
                }))
        .toList();
  }

  private List<WriteResult> send(List<WriteChange> changes) {
    return database.apply(BOB, "bob's", changes);
  }

  private static List<String> told(List<WriteResult> results) {
    return results.stream().map(result -> result.error() + " " + result.row().isPresent()).toList();
  }

  private static void assertNothingLeaks(List<WriteResult> results) {
    assertThat(results.toString()).doesNotContain(SECRET, ADA);
  }

  /** Where Postgres itself says something, because a key or a reference has to be checked. */
  private static Map<String, List<WriteChange>> openAttacks() {
    String fresh = "dddddddd-0000-4000-8000-00000000000";
    Map<String, List<WriteChange>> all = new LinkedHashMap<>();
    all.put("insert of her key", List.of(make("works", HERS, "'title':'mine'")));
    all.put(
        "insert of her key, as hers",
        List.of(make("works", HERS, "'title':'mine','owner_id':'%s'".formatted(ADA))));
    all.put("insert of her key, with what is there", List.of(insert("works", work(HERS, ADA))));
    all.put(
        "insert of her key, under last-write-wins",
        List.of(make("lasting", HERS, "'title':'mine','updated_at':4000000000000")));
    all.put(
        "insert of her key, where both are kept", List.of(make("doubled", HERS, "'title':'mine'")));
    all.put(
        "insert of her key, where stale edits are rejected",
        List.of(make("strict", HERS, "'title':'mine'")));
    all.put(
        "insert of a new row as hers",
        List.of(make("works", fresh + "1", "'title':'mine','owner_id':'%s'".formatted(ADA))));
    all.put(
        "insert of a new row as hers, in camel case",
        List.of(make("works", fresh + "1", "'title':'mine','ownerId':'%s'".formatted(ADA))));
    all.put("giving his row to her", List.of(set("works", HIS, "'owner_id':'%s'".formatted(ADA))));
    all.put(
        "giving his row to her with a base",
        List.of(
            withBase(
                set("works", HIS, "'owner_id':'%s'".formatted(ADA)),
                "{'owner_id':'%s'}".formatted(BOB))));
    all.put(
        "a note with her slug", List.of(make("notes", fresh + "2", "'body':'mine','slug':'hers'")));
    all.put(
        "a note with her rank, which is checked late",
        List.of(make("notes", fresh + "2", "'body':'mine','rank':1")));
    all.put(
        "a note that overlaps hers",
        List.of(make("notes", fresh + "2", "'body':'mine','span':'[2,3)'")));
    all.put("a note of hers by insert", List.of(make("notes", HERS, "'body':'mine'")));
    all.put("an open row of hers", List.of(set("shared", HERS, "'body':'mine'")));
    all.put("deleting an open row of hers", List.of(end("shared", HERS)));
    all.put(
        "insert of an open row of hers",
        List.of(make("shared", HERS, "'body':'mine','owner_id':'%s'".formatted(BOB))));
    all.put("a table without rights", List.of(insert("private", "{'id':2,'body':'mine'}")));
    all.put("update in a table without rights", List.of(update("private", "{'id':1,'body':'x'}")));
    all.put("delete in a table without rights", List.of(delete("private", "{'id':1}")));
    all.put("update where he may only read", List.of(update("readable", "{'id':1,'body':'x'}")));
    all.put("delete where he may only read", List.of(delete("readable", "{'id':1}")));
    all.put("insert where he may only read", List.of(insert("readable", "{'id':2,'body':'x'}")));
    all.put(
        "the ledger",
        List.of(insert("millrace.applied_change", "{'subject':'%s'}".formatted(ADA))));
    all.put("deleting conflicts", List.of(delete("millrace.conflict", "{'id':1}")));
    all.put("roles", List.of(update("pg_catalog.pg_authid", "{'oid':10,'rolsuper':true}")));
    all.put(
        "a statement in a table's name",
        List.of(set("works set owner_id = '" + BOB + "' --", HERS, "'title':'mine'")));
    all.put(
        "a statement in a column's name",
        List.of(set("works", HIS, "'title\\\" = (select body from private) --':'mine'")));
    all.put(
        "a statement in a value",
        List.of(update("works", "{\"id\":\"x' or true --\",\"title\":\"mine\"}")));
    all.put(
        "a whole tx, his row first",
        List.of(
            inTx("t", set("works", HIS, "'title':'changed'")),
            inTx("t", set("works", HIS, "'owner_id':'%s'".formatted(ADA)))));
    return all;
  }

  @TestFactory
  List<DynamicTest> whatIsNotHisIsRefused() throws SQLException {
    setUp();
    String before = hers();
    return openAttacks().entrySet().stream()
        .map(attack ->
            DynamicTest.dynamicTest(
                attack.getKey(),
                () -> {
                  List<WriteResult> results = send(attack.getValue());

                  assertThat(results)
                      .allSatisfy(result -> assertThat(result.status().isInDatabase()).isFalse());
                  assertNothingLeaks(results);
                  assertThat(hers()).isEqualTo(before);
                  assertThat(
                          database.query(
                              "select title, owner_id from works where id = '%s'".formatted(HIS)))
                      .isEqualTo("mine|" + BOB);
                }))
        .toList();
  }

  /** The id of her change is neither taken nor known to him. */
  @Test
  void idsOfHerChangesMeanNothingInHisHands() throws SQLException {
    setUp();
    WriteChange same =
        new WriteChange(
            adas.id(),
            "works",
            adas.op(),
            Changes.json("{'id':'%s','title':'his own'}".formatted(NONE)),
            adas.createdAt(),
            adas.base(),
            adas.tx(),
            "pending",
            3);

    List<WriteResult> his = database.apply(BOB, same);
    List<WriteResult> hersAgain = database.apply(ADA, adas);

    assertThat(Changes.ends(his)).containsExactly("APPLIED");
    assertThat(Changes.ends(hersAgain)).containsExactly("DUPLICATE");
    assertThat(Changes.ends(database.apply(BOB, at(OptionalLong.empty(), 0, adas))))
        .containsExactly("forbidden");
  }

  /** His own change, sent first, keeps hers from nothing. */
  @Test
  void anIdHeHasUsedIsStillFreeForHer() throws SQLException {
    WriteChange hers = insert("works", "{'id':'%s','title':'Emma'}".formatted(HERS));
    WriteChange his =
        new WriteChange(
            hers.id(),
            "works",
            hers.op(),
            Changes.json("{'id':'%s','title':'squat'}".formatted(NONE)),
            hers.createdAt(),
            hers.base(),
            hers.tx(),
            "pending",
            0);

    assertThat(Changes.ends(database.apply(BOB, his))).containsExactly("APPLIED");
    assertThat(Changes.ends(database.apply(ADA, hers))).containsExactly("APPLIED");
  }

  /** What a trigger does to the session ends with the statement or the transaction. */
  @Test
  void whatTriggersLeaveBehindHelpsNobody() throws SQLException {
    setUp();
    database.execute(
        """
        create function meddle() returns trigger language plpgsql as $$ begin
          perform set_config('app.user_id', '%s', true);
          perform set_config('request.jwt.claims', '{}', false);
          perform set_config('search_path', 'pg_temp', false);
          perform set_config('default_transaction_read_only', 'on', false);
          reset role;
          return new;
        end $$;
        create table meddled (id int primary key);
        grant all on meddled to authenticated;
        create trigger meddle after insert on meddled execute function meddle()
        """
            .formatted(ADA));
    String before = hers();

    List<WriteResult> results =
        send(
            List.of(
                insert("meddled", "{'id':1}"),
                set("works", HERS, "'title':'mine'"),
                set("works", HIS, "'title':'his'"),
                insert("private", "{'id':2}")));

    assertThat(Changes.ends(results))
        .containsExactly("APPLIED", "row_not_found", "MERGED", "unknown_table");
    assertThat(hers()).isEqualTo(before);
    for (int i = 0; i < 10; i++) {
      assertThat(send(List.of(set("works", HIS, "'title':'mine'"))))
          .allMatch(result -> result.status().isInDatabase());
    }
  }

  @Test
  void claimsThatAreNoStatementsStayClaims() throws SQLException {
    String subject = "x'; set role postgres; --";
    Principal principal =
        new Principal(
            subject, "authenticated", "{\"sub\":\"x'); drop table works; --\"}", Instant.MAX);
    database.execute(
        "create table claims (id int primary key, claims text default"
            + " current_setting('request.jwt.claims') || current_setting('app.user_id')"
            + " || current_user)",
        "grant all on claims to authenticated");

    database
        .gateway()
        .apply(principal, WriteDatabase.batch("d", List.of(insert("claims", "{'id':1}"))));

    assertThat(database.query("select claims from claims"))
        .isEqualTo(principal.claims() + subject + "authenticated");
  }
}
