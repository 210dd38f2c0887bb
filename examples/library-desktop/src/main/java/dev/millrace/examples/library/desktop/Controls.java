package dev.millrace.examples.library.desktop;

import java.awt.BorderLayout;
import java.awt.Color;
import java.awt.FlowLayout;
import javax.swing.BorderFactory;
import javax.swing.JButton;
import javax.swing.JComponent;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JTextArea;
import javax.swing.event.DocumentEvent;
import javax.swing.event.DocumentListener;

/** Controls as all panels have them: named for who cannot see them, reached by Alt and a letter. */
final class Controls {

  static final int GAP = 8;

  private Controls() {}

  static JButton button(String label, char mnemonic, Runnable action) {
    JButton button = new JButton(label);
    button.setMnemonic(mnemonic);
    button.addActionListener(event -> action.run());
    return button;
  }

  /** The label of a field, which takes its name from it. */
  static JLabel label(String text, char mnemonic, JComponent field) {
    JLabel label = new JLabel(text);
    label.setDisplayedMnemonic(mnemonic);
    label.setLabelFor(field);
    field.getAccessibleContext().setAccessibleName(text);
    return label;
  }

  static JPanel row(JComponent... controls) {
    JPanel row = new JPanel(new FlowLayout(FlowLayout.LEADING, GAP, GAP / 2));
    for (JComponent control : controls) {
      row.add(control);
    }
    return row;
  }

  static JPanel bordered() {
    JPanel panel = new JPanel(new BorderLayout(GAP, GAP));
    panel.setBorder(BorderFactory.createEmptyBorder(GAP, GAP, GAP, GAP));
    return panel;
  }

  /** A text to be read, with lines as long as there is room. */
  static JTextArea paragraph(String name) {
    JTextArea text = new JTextArea();
    text.setEditable(false);
    text.setLineWrap(true);
    text.setWrapStyleWord(true);
    text.setOpaque(false);
    text.setBackground(new Color(0, true)); // Nimbus asks for both.
    text.setBorder(BorderFactory.createEmptyBorder());
    text.getAccessibleContext().setAccessibleName(name);
    return text;
  }

  /** Calls {@code listener} after each change of a text. */
  static DocumentListener onEdit(Runnable listener) {
    return new DocumentListener() {
      @Override
      public void insertUpdate(DocumentEvent event) {
        listener.run();
      }

      @Override
      public void removeUpdate(DocumentEvent event) {
        listener.run();
      }

      @Override
      public void changedUpdate(DocumentEvent event) {
        listener.run();
      }
    };
  }
}
