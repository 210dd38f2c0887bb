package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.dev.LocalPostgres;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The program in the README does what it says. */
@ExtendWith(OnePostgres.class)
class ReadmeProgramTest {

  private static final Pattern PROGRAM = Pattern.compile("(?s)```java\n(.*?)```");

  @TempDir private Path folder;

  @Test
  void theProgramOfTheReadmeSyncsWhatAGuestWrote(LocalPostgres postgres) throws Exception {
    Matcher program = PROGRAM.matcher(Files.readString(Repository.root().resolve("README.md")));
    assertThat(program.find()).isTrue();
    Path source = Files.writeString(folder.resolve("Notes.java"), program.group(1));
    int compiled =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                folder.toString(),
                source.toString());
    assertThat(compiled).isZero();

    try (WriteServer server = WriteServer.start(postgres, folder.resolve("server"));
        URLClassLoader loader =
            new URLClassLoader(
                new java.net.URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
      String[] arguments = {
        server.database().server().uri().toString(),
        folder.resolve("device").toString(),
        Tokens.OURS.of("ada")
      };
      loader.loadClass("Notes").getMethod("main", String[].class).invoke(null, (Object) arguments);

      assertThat(server.database().query("select owner || ' ' || title from notes"))
          .isEqualTo("ada of a guest");
    }
  }
}
