package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;

/**
 * The vitest suites in {@code conformance/clients/suites}, run against a server and a database. A
 * suite is a file {@code <name>.suite.ts}; all that are named run in one process.
 */
final class NodeSuites {
  private static final Path FOLDER = Repository.root().resolve("conformance/clients");
  private static final Duration LIMIT = Duration.ofMinutes(6);
  private static final int LAST_WORDS = 8_000;

  private final URI server;
  private final Path results;
  private final Path output;
  private final ProcessBuilder vitest;

  private NodeSuites(URI server, Path folder) {
    this.server = server;
    this.results = folder.resolve("results.json");
    this.output = folder.resolve("vitest.log");
    this.vitest = new ProcessBuilder();
  }

  /**
   * Runs suites to their end and tells how each of their tests went: a container for each suite,
   * and a test that nothing went wrong beside them.
   *
   * @param server what is given to the clients, the server itself or something in front of it
   * @param folder for what vitest writes
   */
  static List<DynamicNode> run(URI server, SyncedDatabase database, Path folder, String... names)
      throws IOException, InterruptedException {
    NodeSuites suites = new NodeSuites(server, folder);
    int exitCode = suites.execute(database, List.of(names));
    return suites.report(exitCode, names.length);
  }

  private int execute(SyncedDatabase database, List<String> names)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("node", "node_modules/vitest/vitest.mjs", "run"));
    command.addAll(List.of("--config", "suites/vitest.config.ts"));
    command.addAll(List.of("--reporter", "verbose", "--reporter", "json"));
    command.add("--outputFile.json=" + results);
    names.forEach(name -> command.add(name + ".suite.ts"));
    vitest.command(command).directory(FOLDER.toFile());
    vitest.redirectErrorStream(true).redirectOutput(output.toFile());
    Map<String, String> environment = vitest.environment();
    environment.put("SUITES_SHAPE_URL", server.resolve("/v1/shape").toString());
    environment.put("SUITES_SERVER_URL", database.server().uri().resolve("/v1/shape").toString());
    environment.put(
        "SUITES_WRITES_URL", database.server().uri().resolve(WriteServer.PATH).toString());
    environment.put("SUITES_TOKEN", Tokens.OURS.of("ada"));
    environment.put("SUITES_DATABASE_URL", database.url());
    environment.put("NO_COLOR", "1");
    return exitCode(vitest.start());
  }

  private int exitCode(Process process) throws IOException, InterruptedException {
    if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
      return fail("The suites did not end within " + LIMIT + ":\n" + lastWords());
    }
    return process.exitValue();
  }

  private List<DynamicNode> report(int exitCode, int expected) throws IOException {
    if (!Files.exists(results)) {
      return fail("The suites did not run:\n" + lastWords());
    }
    List<DynamicNode> nodes = new ArrayList<>();
    List<@Nullable Object> suites =
        Json.list(Json.object(Json.parse(Files.readString(results))).get("testResults"));
    boolean haveAllPassed = true;
    for (Object found : suites) {
      Suite suite = new Suite(Json.object(found));
      haveAllPassed &= suite.hasPassed();
      nodes.add(suite.container());
    }
    // What an error outside of all tests said is in the output only.
    if (suites.size() != expected || (haveAllPassed && exitCode != 0)) {
      String complaint =
          "%d of %d suites ran, exit code %d:%n%s"
              .formatted(suites.size(), expected, exitCode, lastWords());
      nodes.add(
          DynamicTest.dynamicTest("nothing goes wrong outside of them", () -> fail(complaint)));
    }
    return nodes;
  }

  private String lastWords() throws IOException {
    String all = Files.readString(output);
    return all.substring(Math.max(0, all.length() - LAST_WORDS));
  }

  /** A file of tests, as vitest's JSON reporter tells it. */
  private record Suite(Map<String, @Nullable Object> json) {
    String name() {
      return Path.of(String.valueOf(json.get("name"))).getFileName().toString();
    }

    List<Case> cases() {
      return Json.list(json.get("assertionResults")).stream()
          .map(Json::object)
          .map(Case::new)
          .toList();
    }

    boolean hasPassed() {
      return !cases().isEmpty() && cases().stream().allMatch(Case::hasPassed);
    }

    DynamicContainer container() {
      List<DynamicTest> tests =
          cases().isEmpty()
              ? List.of(DynamicTest.dynamicTest("it can be loaded", () -> fail(message())))
              : cases().stream().map(Case::test).toList();
      return DynamicContainer.dynamicContainer(name(), tests);
    }

    private String message() {
      return "It has no tests: " + json.get("message");
    }
  }

  /** One test of a suite. What was skipped counts as failed. */
  private record Case(Map<String, @Nullable Object> json) {
    boolean hasPassed() {
      return "passed".equals(json.get("status"));
    }

    DynamicTest test() {
      return DynamicTest.dynamicTest(String.valueOf(json.get("fullName")), this::assertPassed);
    }

    private void assertPassed() {
      if (!hasPassed()) {
        fail("%s: %s%n%s".formatted(json.get("fullName"), json.get("status"), messages()));
      }
    }

    private String messages() {
      return Json.list(json.get("failureMessages")).stream()
          .map(String::valueOf)
          .collect(Collectors.joining("\n"));
    }
  }
}
