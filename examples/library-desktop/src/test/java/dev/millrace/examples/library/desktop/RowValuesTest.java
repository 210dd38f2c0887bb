package dev.millrace.examples.library.desktop;

import static dev.millrace.examples.library.desktop.Shelf.members;
import static dev.millrace.examples.library.desktop.Shelf.rejected;
import static dev.millrace.examples.library.desktop.Shelf.work;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.writebuffer.DeadLetter;
import dev.millrace.client.writebuffer.EditConflict;
import dev.millrace.examples.library.Work;
import dev.millrace.examples.library.Works;
import dev.millrace.protocol.Conflict;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.WriteChange;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RowValuesTest {

  private static final Json NOUGHT = Json.Numeral.of(0);

  @Test
  void aConflictIsSettledByTheColumnAloneWithTheValueChosen() {
    EditConflict conflict =
        new EditConflict(
            1,
            "works",
            members("id", new Json.Text(Shelf.ID.toString())),
            "year",
            Optional.empty(),
            Json.Numeral.of(1815),
            Json.NULL,
            Conflict.Kept.THEIRS,
            Instant.EPOCH);

    assertThat(RowValues.settling(Works.ENTITY, conflict, Conflict.Kept.YOURS))
        .isEqualTo(Map.of("id", Shelf.ID, "year", 1815));
    assertThat(RowValues.settling(Works.ENTITY, conflict, Conflict.Kept.THEIRS))
        .containsEntry("id", Shelf.ID)
        .containsEntry("year", null)
        .hasSize(2);
  }

  @Test
  void aRejectedUpdateIsMendedByWhatItSaidAndWhatIsOtherNow() {
    DeadLetter letter = rejected(WriteChange.Op.UPDATE, members("year", NOUGHT));
    Work before = work("Emma", "Jane Austen", 0, null);

    assertThat(
            RowValues.mended(Works.ENTITY, letter, before, work("Emma", "Jane Austen", 1815, "en")))
        .isEqualTo(Map.of("id", Shelf.ID, "year", 1815, "language", "en"));
  }

  @Test
  void theRejectedWriteOfAWorkIsFoundByItsKeyAndADeleteIsNotMended() {
    Work work = work("Emma", null, 0, null);
    Work other = new Work(new UUID(0, 2), null, "Emma", null, 0, null, null, null, null);
    DeadLetter update = rejected(WriteChange.Op.UPDATE, members("year", NOUGHT));
    DeadLetter delete = rejected(WriteChange.Op.DELETE, members("year", NOUGHT));

    assertThat(RowValues.rejectedOf(work, Works.ENTITY, List.of(delete, update))).contains(update);
    assertThat(RowValues.rejectedOf(other, Works.ENTITY, List.of(delete, update))).isEmpty();
  }

  @Test
  void changesAreSaidInWords() {
    DeadLetter letter =
        rejected(
            WriteChange.Op.INSERT,
            members("title", new Json.Text("Emma"), "year", NOUGHT, "author", Json.NULL));

    assertThat(ChangeWords.of(letter))
        .isEqualTo("new in works: title “Emma”, year 0, author empty");
  }
}
