package dev.millrace.examples.library.desktop;

import java.awt.BorderLayout;
import java.time.ZoneId;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.swing.JComponent;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JTextArea;

/** The badge, and under it the reasons. The event thread's. */
final class BadgePanel {

  private final JPanel panel = Controls.bordered();
  private final JLabel words = new JLabel(" ");
  private final JTextArea reasons = Controls.paragraph("Reasons");

  BadgePanel() {
    words.getAccessibleContext().setAccessibleDescription("How syncing goes");
    panel.add(words, BorderLayout.NORTH);
    panel.add(reasons, BorderLayout.CENTER);
  }

  JComponent component() {
    return panel;
  }

  void show(LibraryState state) {
    Badge badge = Badge.of(state, ZoneId.systemDefault());
    words.setText(badge.words());
    String lines =
        Stream.concat(state.failure().stream(), badge.reasons().stream())
            .collect(Collectors.joining("\n"));
    reasons.setText(lines);
    reasons.setVisible(!lines.isEmpty());
  }
}
