package dev.millrace.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The programs in {@code conformance/clients}, compiled once in a test run. */
final class NodeClients {
  private static final Path FOLDER = Repository.root().resolve("conformance/clients");

  private static final NodeClients COMPILED = compile();

  private NodeClients() {}

  /** The compiled program of that name, for {@code node}. */
  static Path program(String name) {
    return COMPILED.dist().resolve(name + ".js");
  }

  private Path dist() {
    return FOLDER.resolve("dist");
  }

  private static NodeClients compile() {
    Path compiler = FOLDER.resolve("node_modules/typescript/bin/tsc");
    if (!Files.exists(compiler)) {
      throw new IllegalStateException(
          "The npm packages of conformance/clients are missing: run 'npm ci' there.");
    }
    try {
      Process process =
          new ProcessBuilder("node", compiler.toString(), "--project", "tsconfig.build.json")
              .directory(FOLDER.toFile())
              .redirectErrorStream(true)
              .start();
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException("conformance/clients does not compile:\n" + output);
      }
      return new NodeClients();
    } catch (IOException e) {
      throw new IllegalStateException("Node could not be run: is it installed?", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while compiling conformance/clients", e);
    }
  }
}
