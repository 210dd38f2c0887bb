package dev.millrace.examples.library.desktop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DesktopMainTest {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @BeforeAll
  static void useNoDisplay() {
    System.setProperty("java.awt.headless", "true");
  }

  private int run(String... arguments) {
    return DesktopMain.run(
        arguments, new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
  }

  @Test
  void withoutADisplayItSaysSoInASentence(@TempDir Path folder) {
    Path data = folder.resolve("desktop");

    assertThat(run("--data", data.toString())).isEqualTo(1);

    assertThat(err.toString(UTF_8)).startsWith("There is no display").hasLineCount(1);
    assertThat(data).doesNotExist();
  }

  @Test
  void helpNamesWhatItTakes() {
    assertThat(run("--help")).isZero();

    assertThat(out.toString(UTF_8)).contains("--server", "http://localhost:3000", "--data");
    assertThat(run("--sever=http://localhost")).isEqualTo(2);
  }
}
