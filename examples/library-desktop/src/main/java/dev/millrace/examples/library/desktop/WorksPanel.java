package dev.millrace.examples.library.desktop;

import dev.millrace.client.query.ChangeSet;
import dev.millrace.examples.library.Work;
import java.awt.BorderLayout;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import javax.swing.JComponent;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JScrollPane;
import javax.swing.JTable;
import javax.swing.JTextField;
import javax.swing.ListSelectionModel;
import javax.swing.table.TableCellRenderer;

/** The list of works with its search field; a work stays chosen wherever it goes in the list. */
final class WorksPanel {

  private final JPanel panel = Controls.bordered();
  private final WorksTable rows = new WorksTable();
  private final WorksFeed feed;
  private final JTable table = new JTable(rows);
  private final JLabel count = new JLabel();
  private final Consumer<Work> onChoice;
  private Optional<UUID> chosen = Optional.empty();

  /** Whether the selection follows the rows rather than a person. */
  private boolean isShowing;

  WorksPanel(Library library, Consumer<Work> onChoice) {
    this.feed = new WorksFeed(library.viewing(), this::show);
    this.onChoice = onChoice;
    table.getAccessibleContext().setAccessibleName("Works");
    table.setRowSorter(new HeaderOrder(rows, feed::toggle));
    table.setUpdateSelectionOnSort(false);
    table.setFillsViewportHeight(true);
    table.setSelectionMode(ListSelectionModel.SINGLE_SELECTION);
    WorkColumn.ALL.forEach(
        column -> table.getColumn(column.label()).setPreferredWidth(column.width()));
    showNoHtml(table.getDefaultRenderer(Object.class));
    table.getSelectionModel().addListSelectionListener(event -> choose());
    JTextField search = new JTextField(24);
    search.getDocument().addDocumentListener(Controls.onEdit(() -> feed.search(search.getText())));
    panel.add(Controls.row(Controls.label("Find", 'F', search), search, count), BorderLayout.NORTH);
    JScrollPane scroll = new JScrollPane(table);
    scroll.setColumnHeaderView(table.getTableHeader()); // Without a display nobody else does it.
    panel.add(scroll, BorderLayout.CENTER);
  }

  /** A title that begins with a tag is a title. */
  private static void showNoHtml(TableCellRenderer renderer) {
    if (renderer instanceof JComponent label) {
      label.putClientProperty("html.disable", true);
    }
  }

  JComponent component() {
    return panel;
  }

  /** Any thread. */
  void heard(ChangeSet<Work> changes) {
    feed.works(changes.rows());
  }

  /** Marks a work, now or when it comes to be listed. */
  void mark(Optional<UUID> id) {
    chosen = id;
    select();
  }

  private void show(List<Work> works, RowsChange change) {
    isShowing = true;
    rows.show(works, change);
    isShowing = false;
    count.setText(works.size() == 1 ? "1 work" : "%,d works".formatted(works.size()));
    select();
  }

  private void select() {
    isShowing = true;
    int row = chosen.map(rows::row).orElse(-1);
    if (row < 0) {
      table.clearSelection();
    } else if (row != table.getSelectedRow()) {
      table.setRowSelectionInterval(row, row);
    }
    isShowing = false;
  }

  private void choose() {
    int row = table.getSelectedRow();
    if (!isShowing && row >= 0 && !chosen.equals(Optional.of(rows.work(row).id()))) {
      chosen = Optional.of(rows.work(row).id());
      onChoice.accept(rows.work(row));
    }
  }
}
