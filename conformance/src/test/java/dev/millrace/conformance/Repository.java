package dev.millrace.conformance;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where this checkout lies. */
final class Repository {
  private Repository() {}

  /** The folder that holds the launcher; tests run in it or in a module of it. */
  static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    Path root = Files.exists(folder.resolve("conformance/pom.xml")) ? folder : folder.getParent();
    if (root == null || !Files.exists(root.resolve("conformance/pom.xml"))) {
      throw new IllegalStateException("not run in a checkout: " + folder);
    }
    return root;
  }
}
