package dev.millrace.examples.library.desktop;

import dev.millrace.client.query.ChangeSet;
import dev.millrace.examples.library.Work;
import java.awt.BorderLayout;
import java.awt.GridBagConstraints;
import java.awt.GridBagLayout;
import java.awt.Insets;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.swing.JComponent;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JTextField;

/**
 * The fields of the chosen work, or of a new one. What changes elsewhere meanwhile is shown, but
 * for the fields that a person has changed here. The event thread's.
 */
final class WorkEditor {

  private final JPanel panel = Controls.bordered();
  private final JTextField title = new JTextField(24);
  private final JTextField author = new JTextField(24);
  private final JTextField year = new JTextField(24);
  private final JTextField language = new JTextField(24);
  private final JLabel message = new JLabel(" ");
  private final Library library;
  private final Consumer<Optional<UUID>> onMark;

  /** The work as it was when the fields were filled; none for a new one. */
  private Optional<Work> loaded = Optional.empty();

  /**
   * Over a library.
   *
   * @param onMark told which work is edited, when that is not a choice in the list
   */
  WorkEditor(Library library, Consumer<Optional<UUID>> onMark) {
    this.library = library;
    this.onMark = onMark;
    JPanel fields = new JPanel(new GridBagLayout());
    add(fields, 0, "Title", 'T', title);
    add(fields, 1, "Author", 'U', author);
    add(fields, 2, "Year", 'Y', year);
    add(fields, 3, "Language", 'L', language);
    Stream.of(title, author, year, language)
        .forEach(field -> field.addActionListener(event -> save()));
    panel.add(fields, BorderLayout.NORTH);
    panel.add(
        Controls.row(
            Controls.button("Save", 'S', this::save),
            Controls.button("New", 'N', this::begin),
            Controls.button("Delete", 'D', this::delete)),
        BorderLayout.CENTER);
    message.getAccessibleContext().setAccessibleName("Editor");
    panel.add(message, BorderLayout.SOUTH);
  }

  private static void add(JPanel fields, int row, String label, char mnemonic, JTextField field) {
    GridBagConstraints place = new GridBagConstraints();
    place.gridy = row;
    place.insets = new Insets(2, 2, 2, 2);
    place.anchor = GridBagConstraints.LINE_START;
    fields.add(Controls.label(label, mnemonic, field), place);
    place.weightx = 1;
    place.fill = GridBagConstraints.HORIZONTAL;
    fields.add(field, place);
  }

  JComponent component() {
    return panel;
  }

  void edit(Work work) {
    load(Optional.of(work), WorkForm.of(work));
    message.setText(" ");
  }

  /** What has become of the works. */
  void heard(ChangeSet<Work> changes) {
    loaded
        .map(Work::id)
        .ifPresent(id -> {
          Stream.concat(changes.added().stream(), changes.changed().stream())
              .filter(work -> work.id().equals(id))
              .forEach(this::refresh);
          changes.removed().stream().filter(work -> work.id().equals(id)).forEach(this::gone);
        });
  }

  private void refresh(Work now) {
    WorkForm before = loaded.map(WorkForm::of).orElse(WorkForm.EMPTY);
    load(Optional.of(now), form().rebased(before, WorkForm.of(now)));
  }

  private void gone(Work work) {
    boolean isTouched = !form().equals(WorkForm.of(work));
    load(Optional.empty(), isTouched ? form() : WorkForm.EMPTY);
    message.setText(isTouched ? "It was deleted; Save makes it anew." : " ");
    onMark.accept(Optional.empty());
  }

  private void load(Optional<Work> work, WorkForm form) {
    loaded = work;
    set(title, form.title());
    set(author, form.author());
    set(year, form.year());
    set(language, form.language());
  }

  /** Leaves the caret where it is in what stays. */
  private static void set(JTextField field, String text) {
    if (!field.getText().equals(text)) {
      field.setText(text);
    }
  }

  private WorkForm form() {
    return new WorkForm(title.getText(), author.getText(), year.getText(), language.getText());
  }

  private void save() {
    WorkForm form = form();
    message.setText(form.problem().orElse(" "));
    if (form.problem().isPresent()) {
      return;
    }
    Work after = loaded.map(form::on).orElseGet(form::work);
    loaded.ifPresentOrElse(before -> library.save(before, after), () -> library.create(after));
    load(Optional.of(after), WorkForm.of(after));
    onMark.accept(Optional.of(after.id()));
  }

  private void begin() {
    load(Optional.empty(), WorkForm.EMPTY);
    message.setText(" ");
    onMark.accept(Optional.empty());
    title.requestFocusInWindow();
  }

  private void delete() {
    loaded.ifPresent(library::delete);
    begin();
  }
}
