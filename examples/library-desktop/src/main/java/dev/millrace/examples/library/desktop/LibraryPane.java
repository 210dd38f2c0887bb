package dev.millrace.examples.library.desktop;

import dev.millrace.client.query.ChangeSet;
import dev.millrace.client.writebuffer.DeadLetter;
import dev.millrace.client.writebuffer.EditConflict;
import dev.millrace.examples.library.Work;
import dev.millrace.protocol.Conflict;
import dev.millrace.protocol.WriteChange;
import java.awt.BorderLayout;
import java.awt.GridLayout;
import javax.swing.JComponent;
import javax.swing.JPanel;
import javax.swing.JSplitPane;
import javax.swing.SwingUtilities;

/**
 * What is in the window: the works, an editor, what waits or was rejected, conflicts, and how
 * syncing goes. Needs no display. Made on the event thread and used there.
 */
public final class LibraryPane {

  private final JPanel panel = new JPanel(new BorderLayout());
  private final AccountPanel account;
  private final WorksPanel works;
  private final WorkEditor editor;
  private final ActionList<WriteChange> pending =
      new ActionList<>("Pending changes", ChangeWords::of, WriteChange::id);
  private final ActionList<DeadLetter> rejected;
  private final ActionList<EditConflict> conflicts;
  private final BadgePanel badge = new BadgePanel();

  /** Shows a library from now on; closing that is its owner's. */
  public LibraryPane(Library library) {
    account = new AccountPanel(library);
    works = new WorksPanel(library, this::edit);
    editor = new WorkEditor(library, works::mark);
    rejected =
        new ActionList<>("Rejected changes", ChangeWords::of, DeadLetter::id)
            .withDetail("Why it was rejected", DeadLetter::reason)
            .with("Retry", 'R', library::retry)
            .with("Discard", 'C', library::discard);
    conflicts =
        new ActionList<>("Conflicts", ChangeWords::of, EditConflict::id)
            .with("Use mine", 'M', one -> library.settle(one, Conflict.Kept.YOURS))
            .with("Use theirs", 'H', one -> library.settle(one, Conflict.Kept.THEIRS));
    lay();
    library.onWorks(this::heard);
    library.onState(state -> SwingUtilities.invokeLater(() -> show(state)));
  }

  private void lay() {
    JPanel lists = new JPanel(new GridLayout(3, 1));
    lists.add(pending.component());
    lists.add(rejected.component());
    lists.add(conflicts.component());
    JPanel side = new JPanel(new BorderLayout());
    side.add(editor.component(), BorderLayout.NORTH);
    side.add(lists, BorderLayout.CENTER);
    JSplitPane split = new JSplitPane(JSplitPane.HORIZONTAL_SPLIT, true, works.component(), side);
    split.setResizeWeight(0.6);
    panel.add(account.component(), BorderLayout.NORTH);
    panel.add(split, BorderLayout.CENTER);
    panel.add(badge.component(), BorderLayout.SOUTH);
  }

  /** To be put into a window, or painted. */
  public JComponent component() {
    return panel;
  }

  private void edit(Work work) {
    editor.edit(work);
  }

  private void heard(ChangeSet<Work> changes) {
    works.heard(changes);
    SwingUtilities.invokeLater(() -> editor.heard(changes));
  }

  private void show(LibraryState state) {
    account.show(state);
    pending.show(state.pending());
    rejected.show(state.rejected());
    conflicts.show(state.conflicts());
    badge.show(state);
  }
}
