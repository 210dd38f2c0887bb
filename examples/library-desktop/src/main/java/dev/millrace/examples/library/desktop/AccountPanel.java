package dev.millrace.examples.library.desktop;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import javax.swing.JButton;
import javax.swing.JCheckBox;
import javax.swing.JComponent;
import javax.swing.JPanel;

/** Who is signed in, and whether the network is used. The event thread's. */
final class AccountPanel {

  private final Map<DemoUser, JButton> signIns = new EnumMap<>(DemoUser.class);
  private final JButton signOut;
  private final JCheckBox offline = new JCheckBox("Offline");
  private final JPanel panel = Controls.row();

  AccountPanel(Library library) {
    for (DemoUser user : DemoUser.values()) {
      JButton button =
          Controls.button(
              "Sign in as " + user.label(),
              user.label().charAt(0),
              () -> library.signIn(user.id()));
      signIns.put(user, button);
      panel.add(button);
    }
    signOut = Controls.button("Sign out", 'O', library::signOut);
    offline.setMnemonic('I');
    offline.addActionListener(event -> library.cut(offline.isSelected()));
    panel.add(signOut);
    panel.add(offline);
  }

  JComponent component() {
    return panel;
  }

  void show(LibraryState state) {
    Optional<String> now = state.sync().user();
    signIns.forEach((user, button) -> button.setEnabled(!now.equals(Optional.of(user.id()))));
    signOut.setEnabled(now.isPresent());
  }
}
