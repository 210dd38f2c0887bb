package dev.millrace.conformance;

import static dev.millrace.conformance.Changes.at;
import static dev.millrace.conformance.Changes.delete;
import static dev.millrace.conformance.Changes.ends;
import static dev.millrace.conformance.Changes.inTx;
import static dev.millrace.conformance.Changes.insert;
import static dev.millrace.conformance.Changes.update;
import static dev.millrace.conformance.WriteDatabase.ADA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.dev.LocalPostgres;
import dev.millrace.protocol.WriteChange;
import dev.millrace.protocol.WriteResult;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What a batch does to ordinary rows: once, as the user, in order, and one by one where it must.
 */
@ExtendWith(OnePostgres.class)
class WriteGatewayTest {
  private static final String ID = "00000000-0000-4000-8000-00000000000";

  private WriteDatabase database;

  WriteGatewayTest(LocalPostgres postgres) throws SQLException {
    database = WriteDatabase.open(postgres, WriteDatabase.WORKS);
  }

  @AfterEach
  void close() throws SQLException {
    database.close();
  }

  // Protocol 14-19.
  @Test
  void aBatchIsAppliedAndSentAgainIsADuplicateOfIt() throws SQLException {
    List<WriteChange> changes =
        List.of(
            insert("works", "{'id':'%s1','title':'Emma','year':1815}".formatted(ID)),
            insert("works", "{'id':'%s2','title':'Persuasion'}".formatted(ID)),
            update("works", "{'id':'%s1','title':'Emma!'}".formatted(ID)),
            delete("works", "{'id':'%s2'}".formatted(ID)));

    List<WriteResult> first = database.apply(ADA, "device", changes);
    List<WriteResult> second = database.apply(ADA, "device", changes);

    assertThat(ends(first)).containsExactly("APPLIED", "APPLIED", "APPLIED", "APPLIED");
    assertThat(ends(second)).containsExactly("DUPLICATE", "DUPLICATE", "DUPLICATE", "DUPLICATE");
    assertThat(second.getFirst().txid()).isEqualTo(first.getFirst().txid()).isPresent();
    assertThat(first.getFirst().lsn().get().isAfter(second.getFirst().lsn().get())).isFalse();
    assertThat(database.query("select id, owner_id, title, year from works"))
        .isEqualTo(ID + "1|" + ADA + "|Emma!|1815");
  }

  @Test
  void aChangeFromATimeThatPostgresDoesNotKnowStopsNothingElse() {
    WriteChange good = insert("works", "{'id':'%s1','title':'Emma'}".formatted(ID));
    WriteChange old = insert("works", "{'id':'%s2','title':'Persuasion'}".formatted(ID));

    List<WriteResult> results =
        database.apply(
            ADA, "device", List.of(good, at(OptionalLong.of(-100_000_000_000_000_000L), 0, old)));

    assertThat(ends(results)).containsExactly("APPLIED", "invalid_value");
  }

  // Protocol 14-20.
  @Test
  void oneBadChangeOfAThousandStopsNothingElse() throws SQLException {
    List<WriteChange> changes = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      String title = i == 377 ? "" : "Title " + i;
      changes.add(insert("works", "{'id':'%s','title':'%s'}".formatted(UUID.randomUUID(), title)));
    }

    List<WriteResult> results = database.apply(ADA, "device", changes);

    assertThat(results).filteredOn(result -> result.status().isInDatabase()).hasSize(999);
    assertThat(results.get(377).error().get().code()).isEqualTo("check_violation");
    assertThat(results.get(377).error().get().message())
        .isEqualTo(
            "new row for relation \"works\" violates check constraint \"works_title_check\"");
    assertThat(database.query("select count(*) from works")).isEqualTo("999");
    assertThat(database.query("select count(*) from millrace.applied_change")).isEqualTo("999");
  }

  // Protocol 14-20, 14-28.
  @Test
  void changesOfATxApplyTogetherOrNotAtAll() throws SQLException {
    List<WriteChange> changes =
        List.of(
            inTx("a", insert("works", "{'id':'%s1','title':'One'}".formatted(ID))),
            insert("works", "{'id':'%s2','title':'Two'}".formatted(ID)),
            inTx("a", insert("works", "{'id':'%s3','title':''}".formatted(ID))),
            inTx("b", insert("works", "{'id':'%s4','title':'Four'}".formatted(ID))),
            inTx("b", update("works", "{'id':'%s4','title':'Vier'}".formatted(ID))),
            inTx("c", insert("works", "{'id':'%s5','title':'Five'}".formatted(ID))),
            inTx("c", update("works", "{'id':'%s6','title':'Six'}".formatted(ID))));

    List<WriteResult> results = database.apply(ADA, "device", changes);

    assertThat(ends(results))
        .containsExactly(
            "tx_failed",
            "APPLIED",
            "check_violation",
            "APPLIED",
            "APPLIED",
            "tx_failed",
            "row_not_found");
    assertThat(database.query("select title from works order by id")).isEqualTo("Two,Vier");
  }
}
