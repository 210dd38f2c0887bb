package dev.millrace.examples.library.desktop;

import java.util.List;
import java.util.function.Consumer;
import javax.swing.RowSorter;
import javax.swing.SortOrder;

/**
 * What the table's header shows and asks for of the order. The rows come in order already, so that
 * places in the model and in the view are the same. The event thread's.
 */
final class HeaderOrder extends RowSorter<WorksTable> {

  private final WorksTable table;
  private final Consumer<WorkColumn> onToggle;
  private WorksView view = WorksView.START;

  HeaderOrder(WorksTable table, Consumer<WorkColumn> onToggle) {
    this.table = table;
    this.onToggle = onToggle;
  }

  @Override
  public void toggleSortOrder(int column) {
    WorkColumn toggled = WorkColumn.ALL.get(column);
    view = view.toggled(toggled);
    fireSortOrderChanged();
    onToggle.accept(toggled);
  }

  @Override
  public List<? extends SortKey> getSortKeys() {
    SortOrder order = view.isAscending() ? SortOrder.ASCENDING : SortOrder.DESCENDING;
    return List.of(new SortKey(WorkColumn.ALL.indexOf(view.column()), order));
  }

  @Override
  public void setSortKeys(List<? extends SortKey> keys) {
    throw new UnsupportedOperationException("the header alone asks for an order");
  }

  @Override
  public WorksTable getModel() {
    return table;
  }

  @Override
  public int convertRowIndexToModel(int row) {
    return row;
  }

  @Override
  public int convertRowIndexToView(int row) {
    return row;
  }

  @Override
  public int getViewRowCount() {
    return table.getRowCount();
  }

  @Override
  public int getModelRowCount() {
    return table.getRowCount();
  }

  @Override
  public void modelStructureChanged() {}

  @Override
  public void allRowsChanged() {}

  @Override
  public void rowsInserted(int first, int last) {}

  @Override
  public void rowsDeleted(int first, int last) {}

  @Override
  public void rowsUpdated(int first, int last) {}

  @Override
  public void rowsUpdated(int first, int last, int column) {}
}
