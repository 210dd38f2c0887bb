package dev.millrace.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.millrace.client.store.Entity;
import dev.millrace.protocol.InvalidJson;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.JsonLimits;
import dev.millrace.protocol.JsonReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** One file of the folder {@code scenarios}, whose README says what is in it. */
record Scenario(
    Path file, String name, List<Entity> entities, List<Json.Members> steps, boolean isCrashing) {

  private static final Path FOLDER = Path.of("..", "scenarios");

  static List<Scenario> all() {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .filter(file -> file.toString().endsWith(".json"))
          .sorted()
          .map(Scenario::read)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Scenario read(Path file) {
    try {
      String text = Files.readString(file, UTF_8);
      Script script = Script.of(JsonReader.read(text, JsonLimits.DEFAULT));
      List<String> entities =
          script.find("entities").isPresent() ? script.texts("entities") : List.of("notes");
      Scenario scenario =
          new Scenario(
              file,
              script.text("name"),
              entities.stream().map(ScenarioValues::entity).toList(),
              script.items("steps").stream().map(step -> (Json.Members) step).toList(),
              text.contains("\"crash\": \"anywhere\""));
      script.text("why");
      script.end();
      return scenario;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InvalidJson | RuntimeException e) {
      throw new IllegalStateException(file + ": " + e.getMessage(), e);
    }
  }
}
