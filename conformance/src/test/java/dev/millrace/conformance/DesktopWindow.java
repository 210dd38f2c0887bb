package dev.millrace.conformance;

import static dev.millrace.conformance.ClientDevice.PATIENCE;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.millrace.client.TokenSupplier;
import dev.millrace.examples.library.desktop.DemoUser;
import dev.millrace.examples.library.desktop.Library;
import dev.millrace.examples.library.desktop.LibraryPane;
import dev.millrace.examples.library.desktop.Theme;
import java.awt.Component;
import java.awt.Container;
import java.awt.Dimension;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.lang.reflect.InvocationTargetException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.swing.AbstractButton;
import javax.swing.JComponent;
import javax.swing.JLabel;
import javax.swing.JList;
import javax.swing.JTable;
import javax.swing.JTextField;
import javax.swing.SwingUtilities;
import javax.swing.event.TableModelListener;
import javax.swing.table.TableModel;
import javax.swing.text.Document;
import javax.swing.text.JTextComponent;

/**
 * The Library's desktop window without a display. Controls are found as a screen reader names them,
 * and used on the event thread.
 */
final class DesktopWindow implements AutoCloseable {

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final Library library;
  private final JComponent content;

  private DesktopWindow(Library library) {
    this.library = library;
    this.content = onEventThread(() -> new LibraryPane(library).component());
  }

  /** Beside {@code ./millrace up}, which signs its users' tokens. */
  static DesktopWindow open(Path folder, URI server) {
    return new DesktopWindow(Library.open(folder, server));
  }

  static DesktopWindow open(Path folder, URI server, Function<String, TokenSupplier> tokens) {
    return new DesktopWindow(Library.open(folder, server, tokens));
  }

  /** One that is made while this look is installed. */
  static DesktopWindow with(Theme theme, Supplier<DesktopWindow> made) {
    onEventThread(() -> {
      theme.install();
      return true;
    });
    return made.get();
  }

  private static <T> T onEventThread(Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    try {
      SwingUtilities.invokeAndWait(task);
      return task.get();
    } catch (InterruptedException
        | InvocationTargetException
        | java.util.concurrent.ExecutionException e) {
      throw new AssertionError(e);
    }
  }

  private static Stream<Component> all(Component component) {
    Stream<Component> children =
        component instanceof Container container
            ? Stream.of(container.getComponents()).flatMap(DesktopWindow::all)
            : Stream.empty();
    return Stream.concat(Stream.of(component), children);
  }

  private <T extends Component> T find(Class<T> type, String name) {
    return all(content)
        .filter(type::isInstance)
        .map(type::cast)
        .filter(one -> name.equals(one.getAccessibleContext().getAccessibleName()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("nothing is called " + name));
  }

  /** Presses a button, as soon as it can be pressed. */
  void press(String button) {
    await("button " + button)
        .atMost(PATIENCE)
        .until(() ->
            onEventThread(() -> {
              AbstractButton found = find(AbstractButton.class, button);
              found.doClick(0);
              return found.isEnabled();
            }));
  }

  void type(String field, String text) {
    onEventThread(() -> {
      find(JTextField.class, field).setText(text);
      return true;
    });
  }

  /** Presses Enter in a field. */
  void enter(String field) {
    onEventThread(() -> {
      find(JTextField.class, field).postActionEvent();
      return true;
    });
  }

  String label(String name) {
    return onEventThread(() -> find(JLabel.class, name).getText());
  }

  String field(String name) {
    return onEventThread(() -> find(JTextComponent.class, name).getText());
  }

  void awaitField(String name, String text) {
    await(name).atMost(PATIENCE).untilAsserted(() -> assertThat(field(name)).isEqualTo(text));
  }

  void signIn(DemoUser user) {
    press("Sign in as " + user.label());
    awaitBadge("Signed in as " + user.label(), "up to date");
  }

  /** Makes a new work and saves it. */
  void create(String title, String year) {
    press("New");
    type("Title", title);
    type("Year", year);
    press("Save");
  }

  /** Chooses a work in the list, as soon as it is there. */
  void choose(String title) {
    awaitTitle(title);
    onEventThread(() -> {
      int row = titlesNow().indexOf(title);
      find(JTable.class, "Works").setRowSelectionInterval(row, row);
      return true;
    });
    assertThat(field("Title")).isEqualTo(title);
  }

  /** The titles as they are listed. */
  List<String> titles() {
    return onEventThread(this::titlesNow);
  }

  private List<String> titlesNow() {
    JTable table = find(JTable.class, "Works");
    List<String> titles = new ArrayList<>();
    for (int row = 0; row < table.getRowCount(); row++) {
      titles.add(String.valueOf(table.getValueAt(row, 0)));
    }
    return titles;
  }

  void awaitTitles(String... titles) {
    await("titles")
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(titles()).containsExactly(titles));
  }

  /** Waits for a work among others. */
  void awaitTitle(String title) {
    await("titles").atMost(PATIENCE).untilAsserted(() -> assertThat(titles()).contains(title));
  }

  void awaitNoTitle(String title) {
    await("titles")
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(titles()).doesNotContain(title));
  }

  void sortBy(int column) {
    onEventThread(() -> {
      find(JTable.class, "Works").getRowSorter().toggleSortOrder(column);
      return true;
    });
  }

  /**
   * Presses a key in the search field, and waits until the list that follows from it is painted.
   *
   * @return how long the event thread has worked for it; others use this machine too
   */
  Duration press(char key) throws Exception {
    CompletableFuture<Long> done = new CompletableFuture<>();
    TableModel rows = onEventThread(() -> find(JTable.class, "Works").getModel());
    TableModelListener listener =
        change ->
            SwingUtilities.invokeLater(() -> {
              paintNow(1100, 720);
              done.complete(THREADS.getCurrentThreadCpuTime());
            });
    rows.addTableModelListener(listener);
    long begun =
        onEventThread(() -> {
          long now = THREADS.getCurrentThreadCpuTime();
          Document text = find(JTextField.class, "Find").getDocument();
          if (key == '\b') {
            text.remove(text.getLength() - 1, 1);
          } else {
            text.insertString(text.getLength(), String.valueOf(key), null);
          }
          return now;
        });
    Duration busy = Duration.ofNanos(done.get(PATIENCE.toSeconds(), SECONDS) - begun);
    rows.removeTableModelListener(listener);
    return busy;
  }

  /** The lines of a list. */
  List<String> lines(String list) {
    return onEventThread(() -> {
      var model = find(JList.class, list).getModel();
      List<String> lines = new ArrayList<>();
      for (int i = 0; i < model.getSize(); i++) {
        lines.add(String.valueOf(model.getElementAt(i)));
      }
      return lines;
    });
  }

  /** Waits until a list has one line, with this in it. */
  void awaitLine(String list, String part) {
    await(list)
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(lines(list))
                .singleElement()
                .satisfies(line -> assertThat(line).contains(part)));
  }

  void awaitEmpty(String list) {
    await(list).atMost(PATIENCE).untilAsserted(() -> assertThat(lines(list)).isEmpty());
  }

  /** How syncing goes, in the window's words. */
  String badge() {
    return onEventThread(() ->
        all(content)
            .filter(JLabel.class::isInstance)
            .map(JLabel.class::cast)
            .filter(label ->
                "How syncing goes".equals(label.getAccessibleContext().getAccessibleDescription()))
            .map(JLabel::getText)
            .findFirst()
            .orElseThrow());
  }

  void awaitBadge(String... parts) {
    await("badge").atMost(PATIENCE).untilAsserted(() -> assertThat(badge()).contains(parts));
  }

  void awaitReason(String part) {
    await("reasons")
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(field("Reasons")).contains(part));
  }

  /** The window's content as it is seen. */
  BufferedImage paint(int width, int height) {
    return onEventThread(() -> paintNow(width, height));
  }

  private BufferedImage paintNow(int width, int height) {
    content.setSize(new Dimension(width, height));
    lay(content);
    lay(content); // Texts know how high they are when they know how wide.
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    content.paint(graphics);
    graphics.dispose();
    return image;
  }

  /** Without a window nobody else does it. */
  private static void lay(Container container) {
    container.doLayout();
    for (Component child : container.getComponents()) {
      if (child instanceof Container inner) {
        lay(inner);
      }
    }
  }

  @Override
  public void close() {
    library.close();
  }
}
