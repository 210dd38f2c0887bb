package dev.millrace.examples.library.desktop;

import dev.millrace.examples.library.Work;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import javax.swing.SwingUtilities;

/**
 * Searches and sorts the works on a background thread, once for several wishes in a row, and gives
 * the event thread what to show and where it differs. Wishes come from any thread.
 */
final class WorksFeed {

  private final Coalesced viewing;
  private final BiConsumer<List<Work>, RowsChange> table;
  private volatile List<Work> all = List.of();
  private volatile WorksView view = WorksView.START;

  /** Touched by the thread alone. */
  private List<Work> shown = List.of();

  /**
   * Of no works at first.
   *
   * @param thread one thread
   */
  WorksFeed(Executor thread, BiConsumer<List<Work>, RowsChange> table) {
    this.viewing = new Coalesced(thread, this::view);
    this.table = table;
  }

  void works(List<Work> now) {
    all = now;
    viewing.ask();
  }

  /** Of the event thread alone, as {@link #toggle}. */
  void search(String words) {
    view = view.search(words);
    viewing.ask();
  }

  void toggle(WorkColumn column) {
    view = view.toggled(column);
    viewing.ask();
  }

  private void view() {
    List<Work> next = view.of(all);
    RowsChange change = RowsChange.between(shown, next);
    shown = next;
    SwingUtilities.invokeLater(() -> table.accept(next, change));
  }
}
