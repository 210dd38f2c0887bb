package dev.millrace.examples.library.desktop;

import static java.util.Map.entry;

import java.awt.Color;
import java.util.Map;
import javax.swing.UIManager;
import javax.swing.UnsupportedLookAndFeelException;
import javax.swing.plaf.nimbus.NimbusLookAndFeel;

/** Light or dark: the JDK's Nimbus, whose colours follow from a few. */
public enum Theme {
  LIGHT,
  DARK;

  private Map<String, Color> colours() {
    return switch (this) {
      case LIGHT -> Map.of();
      case DARK ->
          Map.ofEntries(
              entry("control", new Color(0x24272c)),
              entry("info", new Color(0x24272c)),
              entry("nimbusBase", new Color(0x1c2733)),
              entry("nimbusBlueGrey", new Color(0x3a3f47)),
              entry("nimbusLightBackground", new Color(0x1a1c20)),
              entry("nimbusSelectionBackground", new Color(0x2f5f9e)),
              entry("nimbusSelectedText", Color.WHITE),
              entry("nimbusDisabledText", new Color(0x8a9099)),
              entry("nimbusFocus", new Color(0x6aa5f0)),
              entry("text", new Color(0xe6e8eb)),
              // Nimbus takes these from the background, which is light in its eyes.
              entry("List:\"List.cellRenderer\"[Selected].textForeground", Color.WHITE),
              entry("Table[Enabled+Selected].textForeground", Color.WHITE));
    };
  }

  /** For all components made from now on. */
  public void install() {
    DARK.colours().keySet().forEach(name -> UIManager.put(name, colours().get(name)));
    try {
      UIManager.setLookAndFeel(new NimbusLookAndFeel());
    } catch (UnsupportedLookAndFeelException e) {
      throw new IllegalStateException("every JDK has Nimbus", e);
    }
  }
}
