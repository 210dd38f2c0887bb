package dev.millrace.conformance;

import dev.millrace.client.GuestData;
import dev.millrace.protocol.PlainUuid;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A device in a process of its own, to be killed. */
final class ClientProcess {

  private ClientProcess() {}

  /**
   * Writes notes and prints the id of each that was acknowledged; then waits until all are sent.
   */
  public static void main(String[] arguments) throws InterruptedException {
    int count = Integer.parseInt(arguments[2]);
    try (ClientDevice device = ClientDevice.open(Path.of(arguments[0]), URI.create(arguments[1]))) {
      device.signIn("ada", GuestData.ADOPT);
      for (int i = 0; i < count; i++) {
        System.out.println(device.write("note " + i));
      }
      System.out.println("synced " + device.sync().awaitSynced(Duration.ofMinutes(1)));
    }
  }

  /**
   * Runs one and kills it after so many lines; says what it printed.
   *
   * @param lines negative to let it come to its end
   */
  static List<String> run(Path folder, URI server, int count, int lines) throws IOException {
    Process process =
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                ClientProcess.class.getName(),
                folder.toString(),
                server.toString(),
                Integer.toString(count))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    List<String> printed = new ArrayList<>();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (PlainUuid.is(line) || line.startsWith("synced")) { // Else it is of the log.
          printed.add(line);
        }
        if (printed.size() == lines) {
          // That of the process would close what it has printed.
          process.toHandle().destroyForcibly();
        }
      }
    }
    return printed;
  }
}
