package dev.millrace.bench.processor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Sources of synced records, each with 12 columns, as an application has them. */
final class EntitySources {

  private static final String RECORD =
      """
      package app;

      import dev.millrace.annotations.*;
      import java.time.Instant;
      import java.util.List;
      import java.util.Set;
      import java.util.UUID;
      import org.jspecify.annotations.Nullable;

      /** Entity NUMBER of the benchmark. */
      @Synced(table = "things_NUMBER", name = "ThingsNUMBER")
      public record ThingNUMBER(
          @Key UUID id,
          @Owner @Nullable UUID ownerId,
          @Index String title,
          @Nullable String author,
          @Nullable Integer year,
          long size,
          boolean isOpen,
          Kind kind,
          List<String> authors,
          @SetOf Set<String> tags,
          Place place,
          @Column(hasDefault = true) @Nullable Instant createdAt) {

        /** An enum. */
        public enum Kind {
          BOOK,
          ARTICLE,
          LETTER
        }

        /** A record within. */
        public record Place(String shelf, @Nullable Integer number) {}
      }
      """;

  private EntitySources() {}

  static List<Path> write(Path folder, int entities) throws IOException {
    Path home = Files.createDirectories(folder.resolve("app"));
    List<Path> files = new ArrayList<>();
    for (int i = 1; i <= entities; i++) {
      files.add(
          Files.writeString(
              home.resolve("Thing" + i + ".java"), RECORD.replace("NUMBER", Integer.toString(i))));
    }
    return files;
  }
}
