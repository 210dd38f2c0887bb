package dev.millrace.examples.library.desktop;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.millrace.client.sqlite.SqliteException;
import dev.millrace.client.store.SyncClientException;
import java.awt.AWTError;
import java.awt.Dimension;
import java.awt.GraphicsEnvironment;
import java.awt.event.WindowAdapter;
import java.awt.event.WindowEvent;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import javax.swing.JFrame;
import javax.swing.SwingUtilities;
import javax.swing.WindowConstants;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** The command {@code ./millrace desktop}: the Library in a window, until that is closed. */
@Command(
    name = "millrace desktop",
    description = "Opens the Library in a window of this machine.",
    footer = {
      "",
      "Without a server it works all the same: what is written is kept, and sent later.",
      "Ada and Grace sign in where the server is a ./millrace up."
    })
public final class DesktopMain implements Callable<Integer> {

  private static final OptionSpec HELP =
      OptionSpec.builder("-h", "--help").usageHelp(true).description("Show this.").build();

  @Option(
      names = "--server",
      paramLabel = "URL",
      defaultValue = "http://localhost:3000",
      description = "Where the server is (${DEFAULT-VALUE}).")
  private URI server = URI.create("http://localhost:3000");

  @Option(
      names = "--data",
      paramLabel = "FOLDER",
      defaultValue = ".millrace/desktop",
      description = "Where this device keeps its rows (${DEFAULT-VALUE}).")
  private Path data = Path.of(".millrace", "desktop");

  @Option(names = "--dark", description = "Light on dark.")
  private boolean isDark;

  private final PrintStream err;

  private DesktopMain(PrintStream err) {
    this.err = err;
  }

  public static void main(String[] arguments) {
    System.exit(run(arguments, System.out, System.err));
  }

  /** Exit codes: 0 done, 1 a sentence on {@code err} says why not, 2 it was called wrongly. */
  static int run(String[] arguments, PrintStream out, PrintStream err) {
    CommandLine command = new CommandLine(new DesktopMain(err));
    command.getCommandSpec().addOption(HELP);
    return command
        .setOut(new PrintWriter(out, true, UTF_8))
        .setErr(new PrintWriter(err, true, UTF_8))
        .execute(arguments);
  }

  @Override
  public Integer call() throws Exception {
    ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
    if (!hasDisplay()) {
      err.println(
          "There is no display to open a window on: set DISPLAY, or run this at a desktop.");
      return 1;
    }
    try (Library library = Library.open(data, server)) {
      CountDownLatch closed = new CountDownLatch(1);
      SwingUtilities.invokeAndWait(() -> open(library, closed::countDown));
      closed.await();
      return 0;
    } catch (SyncClientException | SqliteException e) {
      err.println("Could not open " + data + ": " + e.getMessage());
      return 1;
    }
  }

  /** One may be named and not be there, or the JDK be one without windows. */
  private static boolean hasDisplay() {
    try {
      return !GraphicsEnvironment.isHeadless()
          && GraphicsEnvironment.getLocalGraphicsEnvironment().getScreenDevices().length > 0;
    } catch (AWTError | LinkageError e) {
      return false;
    }
  }

  private void open(Library library, Runnable onClosed) {
    (isDark ? Theme.DARK : Theme.LIGHT).install();
    JFrame frame = new JFrame("Library");
    frame.setContentPane(new LibraryPane(library).component());
    frame.setDefaultCloseOperation(WindowConstants.DISPOSE_ON_CLOSE);
    frame.addWindowListener(
        new WindowAdapter() {
          @Override
          public void windowClosed(WindowEvent event) {
            onClosed.run();
          }
        });
    frame.setSize(new Dimension(1100, 720));
    frame.setLocationByPlatform(true);
    frame.setVisible(true);
  }
}
