package dev.millrace.examples.library.desktop;

import java.awt.BorderLayout;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.swing.BorderFactory;
import javax.swing.DefaultListModel;
import javax.swing.JButton;
import javax.swing.JComponent;
import javax.swing.JList;
import javax.swing.JPanel;
import javax.swing.JScrollPane;
import javax.swing.JTextArea;
import javax.swing.ListSelectionModel;
import org.jspecify.annotations.Nullable;

/**
 * A list of things and buttons that do something with the one selected. The event thread's.
 *
 * @param <T> the thing
 */
final class ActionList<T> {

  /** As the list shows it. */
  private record Line<T>(T item, String words) {

    @Override
    public String toString() {
      return words;
    }
  }

  private final JPanel panel = new JPanel(new BorderLayout());
  private final JTextArea detail = Controls.paragraph("Detail");
  private final JPanel buttons = Controls.row();
  private final DefaultListModel<Line<T>> lines = new DefaultListModel<>();
  private final JList<Line<T>> list = new JList<>(lines);
  private final Function<T, String> words;
  private final Function<T, Object> id;

  /**
   * Empty at first.
   *
   * @param id tells one thing from others
   */
  ActionList(String name, Function<T, String> words, Function<T, Object> id) {
    this.words = words;
    this.id = id;
    list.getAccessibleContext().setAccessibleName(name);
    list.setSelectionMode(ListSelectionModel.SINGLE_SELECTION);
    list.setVisibleRowCount(2);
    panel.setBorder(BorderFactory.createTitledBorder(name));
    JPanel below = new JPanel(new BorderLayout());
    below.add(detail, BorderLayout.NORTH);
    below.add(buttons, BorderLayout.SOUTH);
    panel.add(new JScrollPane(list), BorderLayout.CENTER);
    panel.add(below, BorderLayout.SOUTH);
  }

  /** Says more of what is selected, below the list. */
  ActionList<T> withDetail(String name, Function<T, String> words) {
    detail.getAccessibleContext().setAccessibleName(name);
    list.addListSelectionListener(event -> {
      T item = selected();
      detail.setText(item == null ? "" : words.apply(item));
    });
    return this;
  }

  /** Adds a button, which can be pressed while something is selected. */
  ActionList<T> with(String label, char mnemonic, Consumer<T> action) {
    JButton button =
        Controls.button(
            label,
            mnemonic,
            () -> {
              T item = selected();
              if (item != null) {
                action.accept(item);
              }
            });
    button.setEnabled(false);
    list.addListSelectionListener(event -> button.setEnabled(selected() != null));
    buttons.add(button);
    return this;
  }

  private @Nullable T selected() {
    Line<T> line = list.getSelectedValue();
    return line == null ? null : line.item();
  }

  JComponent component() {
    return panel;
  }

  /** Shows these; what was selected stays so, or else the first is. */
  void show(List<T> items) {
    List<Line<T>> next = items.stream().map(item -> new Line<>(item, words.apply(item))).toList();
    if (next.equals(Collections.list(lines.elements()))) {
      return;
    }
    T before = selected();
    Object wanted = before == null ? null : id.apply(before);
    lines.clear();
    lines.addAll(next);
    for (int i = 0; i < items.size(); i++) {
      if (Objects.equals(id.apply(items.get(i)), wanted)) {
        list.setSelectedIndex(i);
      }
    }
    if (list.isSelectionEmpty() && !next.isEmpty()) {
      list.setSelectedIndex(0);
    }
  }
}
