package dev.millrace.examples.library.desktop;

import dev.millrace.examples.library.Work;
import java.util.List;
import java.util.UUID;
import javax.swing.table.AbstractTableModel;
import org.jspecify.annotations.Nullable;

/** The works as a table shows them. The event thread's. */
@SuppressWarnings("serial") // Never serialized.
final class WorksTable extends AbstractTableModel {

  private List<Work> rows = List.of();

  Work work(int row) {
    return rows.get(row);
  }

  /** Where a work stands; -1 if it is not listed. */
  int row(UUID id) {
    for (int i = 0; i < rows.size(); i++) {
      if (rows.get(i).id().equals(id)) {
        return i;
      }
    }
    return -1;
  }

  /** Shows other rows, of which {@code change} says where they differ from those shown. */
  void show(List<Work> next, RowsChange change) {
    rows = next;
    int updated = change.from() + change.updated();
    if (change.updated() > 0) {
      fireTableRowsUpdated(change.from(), updated - 1);
    }
    if (change.removed() > change.added()) {
      fireTableRowsDeleted(updated, change.from() + change.removed() - 1);
    }
    if (change.added() > change.removed()) {
      fireTableRowsInserted(updated, change.from() + change.added() - 1);
    }
  }

  @Override
  public int getRowCount() {
    return rows.size();
  }

  @Override
  public int getColumnCount() {
    return WorkColumn.ALL.size();
  }

  @Override
  public String getColumnName(int column) {
    return WorkColumn.ALL.get(column).label();
  }

  @Override
  public @Nullable Object getValueAt(int row, int column) {
    return WorkColumn.ALL.get(column).value(rows.get(row));
  }
}
