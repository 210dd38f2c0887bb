package dev.millrace.processor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.annotation.processing.AbstractProcessor;
import javax.annotation.processing.Filer;
import javax.annotation.processing.ProcessingEnvironment;
import javax.annotation.processing.RoundEnvironment;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.Element;
import javax.lang.model.element.TypeElement;
import javax.tools.FileObject;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the processor stands in a build. */
class ProcessorTest {

  private static final String GRADLE = "/META-INF/gradle/incremental.annotation.processors";
  private static final String SERVICE = "/META-INF/services/javax.annotation.processing.Processor";

  @TempDir private Path folder;
  private Path sources;

  @BeforeEach
  void writeSources() throws IOException {
    sources = Files.createDirectories(folder.resolve("sources"));
    write("Work", "works", "String title");
    write("Asset", "assets", "long size");
    write("Note", "notes", "Kind kind");
    Files.writeString(sources.resolve("Kind.java"), "package app;\n\nenum Kind { BOOK }\n");
  }

  private void write(String record, String table, String component) throws IOException {
    Files.writeString(
        sources.resolve(record + ".java"),
        """
        package app;

        import dev.millrace.annotations.*;

        @Synced(table = "%s")
        record %s(@Key java.util.UUID id, %s) {}
        """
            .formatted(table, record, component));
  }

  private static String resource(String name) throws IOException {
    try (var in = EntityProcessor.class.getResourceAsStream(name)) {
      assertThat(in).as(name).isNotNull();
      return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    }
  }

  @Test
  void buildsFindItAndGradleTakesItForIsolating() throws IOException {
    assertThat(resource(SERVICE)).isEqualTo(EntityProcessor.class.getName());
    assertThat(resource(GRADLE)).isEqualTo(EntityProcessor.class.getName() + ",isolating");
  }

  /** What Gradle demands of an isolating processor. */
  @Test
  void eachFileHasItsOneRecordAsItsOrigin() throws IOException {
    Origins origins = new Origins();
    Compilation made = compile(List.of("Work", "Asset", "Note", "Kind"), origins, "all");

    assertThat(made.messages()).isEmpty();
    assertThat(origins.byFile).hasSize(21);
    assertThat(origins.byFile.values()).allSatisfy(named -> assertThat(named).hasSize(1));
    assertThat(origins.byFile)
        .containsEntry("app.WorksLocal", List.of("app.Work"))
        .containsEntry("META-INF/millrace/app.Notes.json", List.of("app.Note"));
  }

  @Test
  void whatIsWrittenOfARecordDependsOnNoOther() throws IOException {
    Compilation all =
        compile(List.of("Work", "Asset", "Note", "Kind"), new EntityProcessor(), "all");
    Compilation other = compile(List.of("Note", "Kind"), new EntityProcessor(), "other");
    Compilation backwards =
        compile(List.of("Kind", "Note", "Asset", "Work"), new EntityProcessor(), "backwards");

    assertThat(other.written()).hasSize(7);
    assertThat(all.written()).containsAllEntriesOf(other.written());
    assertThat(backwards.written()).isEqualTo(all.written());
  }

  @Test
  void noClassIsLookedAtAtRunTime() throws IOException {
    Compilation made =
        compile(List.of("Work", "Asset", "Note", "Kind"), new EntityProcessor(), "all");

    assertThat(made.written().values())
        .allSatisfy(text ->
            assertThat(text)
                .doesNotContain("java.lang.reflect", ".class", "Class.forName", "getDeclared"));
  }

  @Test
  void aModuleThatCannotReadTheAnnotationGetsNone() throws IOException {
    Path file = sources.resolve("module-info.java");
    Files.writeString(file, "module app {}\n");

    Compilation made =
        Compilation.of(
            List.of(file, sources.resolve("Work.java")),
            sources,
            folder.resolve("module"),
            List.of("--add-reads", "app=ALL-UNNAMED"),
            new EntityProcessor());

    assertThat(made.messages()).isEmpty();
    assertThat(made.written().values()).isNotEmpty();
    assertThat(made.written().get("app/Works.java"))
        .doesNotContain("javax.annotation.processing.Generated")
        .contains("@NullMarked");
  }

  private Compilation compile(
      List<String> types, javax.annotation.processing.Processor processor, String into)
      throws IOException {
    List<Path> files = new ArrayList<>();
    types.forEach(type -> files.add(sources.resolve(type + ".java")));
    return Compilation.of(files, sources, folder.resolve(into), List.of("-Werror"), processor);
  }

  /** The processor, watched in what it names as the origin of each file. */
  private static final class Origins extends AbstractProcessor {

    private final EntityProcessor watched = new EntityProcessor();
    private final Map<String, List<String>> byFile = new TreeMap<>();

    @Override
    public Set<String> getSupportedAnnotationTypes() {
      return watched.getSupportedAnnotationTypes();
    }

    @Override
    public SourceVersion getSupportedSourceVersion() {
      return SourceVersion.latestSupported();
    }

    @Override
    public synchronized void init(ProcessingEnvironment environment) {
      super.init(environment);
      watched.init(new Watched(environment, this::note));
    }

    private void note(String file, Element[] origins) {
      byFile.put(file, Stream.of(origins).map(Element::toString).toList());
    }

    @Override
    public boolean process(Set<? extends TypeElement> annotations, RoundEnvironment round) {
      watched.process(annotations, round);
      return false;
    }
  }

  @FunctionalInterface
  private interface Note {
    void origins(String file, Element[] origins);
  }

  private record Watched(ProcessingEnvironment environment, Note note)
      implements ProcessingEnvironment {

    @Override
    public Filer getFiler() {
      Filer filer = environment.getFiler();
      return new Filer() {
        @Override
        public JavaFileObject createSourceFile(CharSequence name, Element... origins)
            throws IOException {
          note.origins(name.toString(), origins);
          return filer.createSourceFile(name, origins);
        }

        @Override
        public JavaFileObject createClassFile(CharSequence name, Element... origins) {
          throw new UnsupportedOperationException();
        }

        @Override
        public FileObject createResource(
            JavaFileManager.Location place,
            CharSequence module,
            CharSequence name,
            Element... origins)
            throws IOException {
          note.origins(name.toString(), origins);
          return filer.createResource(place, module, name, origins);
        }

        @Override
        public FileObject getResource(
            JavaFileManager.Location place, CharSequence module, CharSequence name) {
          throw new UnsupportedOperationException("an isolating processor reads no files");
        }
      };
    }

    @Override
    public Map<String, String> getOptions() {
      return environment.getOptions();
    }

    @Override
    public javax.annotation.processing.Messager getMessager() {
      return environment.getMessager();
    }

    @Override
    public javax.lang.model.util.Elements getElementUtils() {
      return environment.getElementUtils();
    }

    @Override
    public javax.lang.model.util.Types getTypeUtils() {
      return environment.getTypeUtils();
    }

    @Override
    public SourceVersion getSourceVersion() {
      return environment.getSourceVersion();
    }

    @Override
    public java.util.Locale getLocale() {
      return environment.getLocale();
    }
  }
}
