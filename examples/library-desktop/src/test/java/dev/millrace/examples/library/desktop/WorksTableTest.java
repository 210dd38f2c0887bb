package dev.millrace.examples.library.desktop;

import static dev.millrace.examples.library.desktop.Shelf.work;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.examples.library.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.swing.event.TableModelEvent;
import org.junit.jupiter.api.Test;

class WorksTableTest {

  private static final Map<Integer, String> KINDS =
      Map.of(
          TableModelEvent.INSERT, "insert",
          TableModelEvent.UPDATE, "update",
          TableModelEvent.DELETE, "delete");

  private final WorksTable table = new WorksTable();
  private final List<String> events = new ArrayList<>();

  private void show(Work... works) {
    List<Work> before = new ArrayList<>();
    for (int row = 0; row < table.getRowCount(); row++) {
      before.add(table.work(row));
    }
    table.show(List.of(works), RowsChange.between(before, List.of(works)));
  }

  @Test
  void tellsOfThoseRowsAloneThatAreOthers() {
    Work emma = work("Emma", "Jane Austen", 1815, "en");
    Work hamlet = work("Hamlet", null, 1603, "en");
    Work quarto = work("Hamlet", "William Shakespeare", 1603, "en");
    table.addTableModelListener(event ->
        events.add(
            KINDS.get(event.getType()) + " " + event.getFirstRow() + "-" + event.getLastRow()));

    show(emma, hamlet);
    show(emma, quarto);
    show(emma, emma, quarto);
    show(quarto);

    assertThat(events).containsExactly("insert 0-1", "update 1-1", "insert 1-1", "delete 0-1");
    assertThat(table.getValueAt(0, 1)).isEqualTo("William Shakespeare");
    assertThat(table.row(Shelf.ID)).isZero();
  }

  @Test
  void theHeaderTurnsTheOrderOfItsColumnAndBeginsAnewWithAnother() {
    List<WorkColumn> asked = new ArrayList<>();
    HeaderOrder header = new HeaderOrder(table, asked::add);

    header.toggleSortOrder(0);
    assertThat(header.getSortKeys().getFirst().getSortOrder().name()).isEqualTo("DESCENDING");
    header.toggleSortOrder(2);

    assertThat(header.getSortKeys().getFirst().getSortOrder().name()).isEqualTo("ASCENDING");
    assertThat(header.getSortKeys().getFirst().getColumn()).isEqualTo(2);
    assertThat(asked).containsExactly(WorkColumn.TITLE, WorkColumn.YEAR);
  }
}
