package dev.millrace.server.entities;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/** Finds the descriptions that lie beside compiled classes. */
public final class CompiledEntities {

  private static final String HOME = "META-INF/millrace/";
  private static final String ENDING = ".json";

  /** Where Maven and Gradle put classes. */
  public static final List<Path> USUAL =
      List.of(
          Path.of("target", "classes"),
          Path.of("build", "classes", "java", "main"),
          Path.of("build", "tmp", "kapt3", "classes", "main"));

  private CompiledEntities() {}

  /**
   * Those in folders and jars, in the order of their records' names.
   *
   * @throws EntitiesException if there are none, or one cannot be read
   */
  public static List<EntityDescription> in(List<Path> places) {
    List<EntityDescription> found = new ArrayList<>();
    for (Path place : places) {
      try {
        found.addAll(Files.isDirectory(place) ? inFolder(place) : inJar(place));
      } catch (IOException e) {
        throw new EntitiesException("%s cannot be read: %s".formatted(place, e.getMessage()));
      }
    }
    if (found.isEmpty()) {
      throw new EntitiesException(
          places.isEmpty()
              ? "There are no compiled classes here: compile the application first, or name the folder or jar that has its classes."
              : "No @Synced records were compiled into %s: is the processor on the compiler's processor path?"
                  .formatted(String.join(", ", places.stream().map(Path::toString).toList())));
    }
    found.sort(Comparator.comparing(EntityDescription::record));
    return found;
  }

  private static List<EntityDescription> inFolder(Path folder) throws IOException {
    Path home = folder.resolve(HOME);
    if (!Files.isDirectory(home)) {
      return List.of();
    }
    List<EntityDescription> found = new ArrayList<>();
    try (Stream<Path> files = Files.list(home)) {
      for (Path file : files.filter(one -> one.toString().endsWith(ENDING)).toList()) {
        found.add(EntityDescription.read(Files.readString(file), file.toString()));
      }
    }
    return found;
  }

  private static List<EntityDescription> inJar(Path file) throws IOException {
    List<EntityDescription> found = new ArrayList<>();
    try (JarFile jar = new JarFile(file.toFile())) {
      for (JarEntry entry : jar.stream().toList()) {
        if (entry.getName().startsWith(HOME) && entry.getName().endsWith(ENDING)) {
          String text = new String(jar.getInputStream(entry).readAllBytes(), UTF_8);
          found.add(EntityDescription.read(text, file + "!" + entry.getName()));
        }
      }
    }
    return found;
  }
}
