package dev.millrace.conformance;

import static dev.millrace.conformance.Changes.at;
import static dev.millrace.conformance.Changes.delete;
import static dev.millrace.conformance.Changes.end;
import static dev.millrace.conformance.Changes.ends;
import static dev.millrace.conformance.Changes.insert;
import static dev.millrace.conformance.Changes.update;
import static dev.millrace.conformance.Changes.withBase;
import static dev.millrace.conformance.WriteDatabase.ADA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.dev.LocalPostgres;
import dev.millrace.protocol.Conflict;
import dev.millrace.protocol.WriteChange;
import dev.millrace.protocol.WriteResult;
import dev.millrace.server.write.ConflictPolicy;
import dev.millrace.server.write.TablePolicy;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Edits that meet: what each policy makes of them, and that the value that lost is kept. */
@ExtendWith(OnePostgres.class)
class WriteConflictsTest {
  private static final String ID = "00000000-0000-4000-8000-000000000001";

  private static final Map<String, TablePolicy> POLICIES =
      Map.of(
          "lasting", policy(new ConflictPolicy.LastWriteWins("updated_at")),
          "strict", policy(new ConflictPolicy.RejectStale()),
          "doubled", policy(new ConflictPolicy.KeepBoth("title")),
          "tagged", new TablePolicy(new ConflictPolicy.MergeFields(), Set.of("tags")));

  private final WriteDatabase database;

  WriteConflictsTest(LocalPostgres postgres) throws SQLException {
    database = WriteDatabase.open(postgres, POLICIES, WriteDatabase.WORKS);
    for (String table : POLICIES.keySet()) {
      database.execute(
          "create table %s (like works including all)".formatted(table),
          "grant all on %s to authenticated".formatted(table));
    }
  }

  private static TablePolicy policy(ConflictPolicy policy) {
    return new TablePolicy(policy, Set.of());
  }

  @AfterEach
  void close() throws SQLException {
    database.close();
  }

  private WriteResult from(String device, WriteChange change) {
    return database.apply(ADA, device, List.of(change)).getFirst();
  }

  private void make(String table) {
    String row = "{'id':'%s','title':'Emma','year':1815,'tags':['a','b']}".formatted(ID);
    assertThat(end(from("phone", insert(table, row)))).isEqualTo("APPLIED");
  }

  private static WriteChange set(String table, String columns, String base) {
    WriteChange change = update(table, "{'id':'%s',%s}".formatted(ID, columns));
    return base.isEmpty() ? change : withBase(change, base);
  }

  private String conflicts() throws SQLException {
    return database.query(
        "select client_id, column_name, base, yours, theirs, kept from millrace.conflict"
            + " order by id");
  }

  private static List<String> told(WriteResult result) {
    return result.conflicts().stream().map(WriteConflictsTest::text).toList();
  }

  private static String text(Conflict c) {
    return "%s %s/%s/%s %s"
        .formatted(
            c.column(),
            c.base().map(Object::toString).orElse("-"),
            c.yours(),
            c.theirs(),
            c.kept());
  }

  // Protocol 14-21.
  @Test
  void fieldsThatOnlyOneHasChangedAreMergedWithoutAConflict() throws SQLException {
    make("works");

    WriteResult first = from("phone", set("works", "'title':'Emma!'", "{'title':'Emma'}"));
    WriteResult second = from("laptop", set("works", "'year':1816", "{'year':1815}"));

    assertThat(ends(List.of(first, second))).containsExactly("APPLIED", "APPLIED");
    assertThat(database.query("select title, year from works")).isEqualTo("Emma!|1816");
    assertThat(conflicts()).isEmpty();
  }

  // Protocol 14-21.
  @Test
  void aNumberThatPostgresWritesWithMoreDigitsIsWhatTheUserSaw() throws SQLException {
    database.execute(
        "alter table works add price numeric(8, 2)", "alter table strict add price numeric(8, 2)");
    for (String table : List.of("works", "strict")) {
      assertThat(
              end(
                  from(
                      "phone",
                      insert(table, "{'id':'%s','title':'Emma','price':1.5}".formatted(ID)))))
          .isEqualTo("APPLIED");

      WriteResult changed = from("phone", set(table, "'price':2", "{'price':1.5}"));
      WriteResult other = from("laptop", set(table, "'price':3", "{'price':1.5}"));

      assertThat(end(changed)).as(table).isEqualTo("APPLIED");
      assertThat(told(changed)).as(table).isEmpty();
      assertThat(end(other)).as(table).isNotEqualTo("APPLIED");
    }
  }

  // Protocol 14-21.
  @Test
  void whereBothChangedAFieldTheLaterWinsAndTheEarlierIsKept() throws SQLException {
    make("works");
    from("phone", set("works", "'title':'Emma!','year':1816", "{'title':'Emma','year':1815}"));

    WriteChange change =
        set("works", "'title':'Emma?','year':1816", "{'title':'Emma','year':1815}");
    WriteResult result = from("laptop", change);

    assertThat(end(result)).isEqualTo("MERGED");
    assertThat(told(result)).containsExactly("title \"Emma\"/\"Emma?\"/\"Emma!\" YOURS");
    assertThat(result.row().get().member("year").get().toString()).isEqualTo("1816");
    assertThat(conflicts()).isEqualTo("laptop|title|\"Emma\"|\"Emma?\"|\"Emma!\"|yours");
    WriteResult again = from("laptop", change);
    assertThat(end(again)).isEqualTo("DUPLICATE");
    assertThat(told(again)).isEqualTo(told(result));
  }

  // Protocol 14-21.
  @Test
  void withoutABaseOnlyWhatAnotherDeviceWroteSinceIsAConflict() throws SQLException {
    make("works");
    WriteChange made = set("works", "'title':'Emma?'", "");
    from("phone", set("works", "'title':'Emma!'", ""));
    from("phone", set("works", "'year':1817", ""));
    long longAfter = System.currentTimeMillis() + 60_000;

    assertThat(end(from("phone", set("works", "'title':'Emma 2'", "")))).isEqualTo("APPLIED");
    assertThat(conflicts()).isEmpty();
    assertThat(told(from("laptop", made))).containsExactly("title -/\"Emma?\"/\"Emma 2\" YOURS");
    assertThat(
            end(
                from(
                    "tablet",
                    at(OptionalLong.of(longAfter), 0, set("works", "'title':'Emma 3'", "")))))
        .isEqualTo("APPLIED");
  }

  // Protocol 14-21.
  @Test
  void anInsertOfARowThatIsThereMergesItsColumns() throws SQLException {
    make("works");

    WriteResult result =
        from("laptop", insert("works", "{'id':'%s','title':'Emma 2'}".formatted(ID)));

    assertThat(end(result)).isEqualTo("MERGED");
    assertThat(told(result)).containsExactly("title -/\"Emma 2\"/\"Emma\" YOURS");
    assertThat(database.query("select title, year from works")).isEqualTo("Emma 2|1815");
  }

  // Protocol 14-26.
  @Test
  void anUpdateOfADeletedRowSaysSoUnlessItCameBack() throws SQLException {
    make("works");
    from("phone", delete("works", "{'id':'%s'}".formatted(ID)));

    assertThat(end(from("laptop", set("works", "'year':1", "")))).isEqualTo("row_deleted");
    assertThat(end(from("laptop", delete("works", "{'id':'%s'}".formatted(ID)))))
        .isEqualTo("APPLIED");
    make("works");
    assertThat(end(from("laptop", set("works", "'year':1", "{'year':1815}")))).isEqualTo("APPLIED");
    assertThat(
            end(
                from(
                    "laptop",
                    update("works", "{'id':'%s','year':1}".formatted(ID.replace('1', '2'))))))
        .isEqualTo("row_not_found");
  }

  @Test
  void whatSomebodyWroteToARowIsKeptWhenItIsDeleted() throws SQLException {
    make("works");
    WriteChange delete =
        withBase(delete("works", "{'id':'%s'}".formatted(ID)), "{'title':'Emma','year':1815}");
    from("phone", set("works", "'title':'Emma!'", ""));

    WriteResult result = from("laptop", delete);

    assertThat(told(result)).contains("title \"Emma\"/null/\"Emma!\" YOURS");
    assertThat(told(result)).noneMatch(conflict -> conflict.startsWith("year"));
    assertThat(database.query("select count(*) from works")).isEqualTo("0");
  }

  // Protocol 14-22.
  @Test
  void theLastWriteWinsWholeByItsColumn() throws SQLException {
    make("lasting");
    from("phone", set("lasting", "'title':'new','year':2,'updated_at':2000", ""));

    WriteResult old = from("laptop", set("lasting", "'title':'old','year':2,'updatedAt':1000", ""));
    WriteResult newer = from("laptop", set("lasting", "'title':'newer','updated_at':3000", ""));

    assertThat(end(old)).isEqualTo("MERGED");
    assertThat(told(old))
        .containsExactly(
            "title -/\"old\"/\"new\" THEIRS",
            "updated_at -/1000/\"1970-01-01T00:00:02+00:00\" THEIRS");
    assertThat(old.row().get().member("title").get().toString()).isEqualTo("\"new\"");
    assertThat(told(newer)).contains("title -/\"newer\"/\"new\" YOURS");
    assertThat(database.query("select title, year from lasting")).isEqualTo("newer|2");
  }

  // Protocol 14-22, 14-27.
  @Test
  void aStaleEditIsRejectedWhereThatIsThePolicy() throws SQLException {
    make("strict");
    from("phone", set("strict", "'title':'Emma!'", "{'title':'Emma'}"));

    WriteResult stale = from("laptop", set("strict", "'title':'Emma?'", "{'title':'Emma'}"));
    WriteResult blind = from("laptop", set("strict", "'title':'Emma?'", ""));
    WriteResult delete = from("laptop", delete("strict", "{'id':'%s'}".formatted(ID)));
    WriteResult other = from("laptop", set("strict", "'year':1816", "{'year':1815}"));

    assertThat(ends(List.of(stale, blind, delete, other)))
        .containsExactly("stale", "stale", "stale", "APPLIED");
    assertThat(told(stale)).containsExactly("title \"Emma\"/\"Emma?\"/\"Emma!\" THEIRS");
    assertThat(database.query("select title, year from strict")).isEqualTo("Emma!|1816");
  }

  // Protocol 14-22.
  @Test
  void bothStayWhereThatIsThePolicy() throws SQLException {
    make("doubled");
    from("phone", set("doubled", "'title':'Emma!','year':1816", "{'title':'Emma'}"));

    WriteResult result = from("laptop", set("doubled", "'title':'Emma?'", "{'title':'Emma'}"));

    assertThat(end(result)).isEqualTo("MERGED");
    assertThat(told(result)).containsExactly("title \"Emma\"/\"Emma?\"/\"Emma!\" THEIRS");
    assertThat(result.row().get().member("title").get().toString())
        .isEqualTo("\"Emma? (conflicting copy)\"");
    assertThat(database.query("select title, year from doubled order by title"))
        .isEqualTo("Emma!|1816,Emma? (conflicting copy)|1816");
  }

  // Protocol 14-22.
  @Test
  void setsTakeWhatEachPutInAndLoseWhatEachTookOut() throws SQLException {
    make("tagged");
    from("phone", set("tagged", "'tags':['b','c']", "{'tags':['a','b']}"));

    WriteResult based = from("laptop", set("tagged", "'tags':['a','d','b']", "{'tags':['a','b']}"));
    String merged = database.query("select tags from tagged");
    WriteResult blind = from("laptop", set("tagged", "'tags':['e','b']", ""));

    assertThat(ends(List.of(based, blind))).containsExactly("APPLIED", "APPLIED");
    assertThat(merged).isEqualTo("{b,c,d}");
    assertThat(database.query("select tags from tagged")).isEqualTo("{b,c,d,e}");
    assertThat(conflicts()).isEmpty();
  }
}
