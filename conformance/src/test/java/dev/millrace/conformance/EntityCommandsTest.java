package dev.millrace.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.store.ColumnType;
import dev.millrace.dev.LocalPostgres;
import dev.millrace.processor.EntityProcessor;
import dev.millrace.server.Main;
import dev.millrace.server.entities.StoreType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code check-schema} and {@code generate entities}, beside a real catalogue. */
@ExtendWith(OnePostgres.class)
class EntityCommandsTest {

  private static final Path LIBRARY =
      Repository.root().resolve("examples/library-entities/target/classes");

  private final LocalPostgres postgres;
  @TempDir private Path folder;
  private String url = "";

  EntityCommandsTest(LocalPostgres postgres) {
    this.postgres = postgres;
  }

  @BeforeEach
  void createDatabase() throws SQLException {
    WriteServer.createRoles(postgres);
    url = postgres.createDatabase("entities");
  }

  @AfterEach
  void dropDatabase() throws SQLException {
    try (Connection own = postgres.connect();
        Statement statement = own.createStatement()) {
      statement.execute("drop database %s with (force)".formatted(name()));
    }
  }

  private String name() {
    return url.substring(url.lastIndexOf('/') + 1);
  }

  private void execute(String... statements) throws SQLException {
    try (Connection own = postgres.connect(name());
        Statement statement = own.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** What a command said, and how it ended. */
  private record Said(int exitCode, String out, String err) {}

  private Said run(String... arguments) {
    return run(Map.of("DATABASE_URL", url), arguments);
  }

  private static Said run(Map<String, String> environment, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        Main.run(
            arguments,
            environment,
            new PrintStream(out, true, UTF_8),
            new PrintStream(err, true, UTF_8));
    return new Said(code, out.toString(UTF_8), err.toString(UTF_8));
  }

  private Said generate(String tables) {
    return run(
        "generate",
        "entities",
        "--table",
        tables,
        "--package",
        "app.data",
        "--output",
        folder.resolve("src").toString());
  }

  private String source(String record) throws IOException {
    return Files.readString(folder.resolve("src/app/data").resolve(record + ".java"));
  }

  /** Compiles what lies in {@code src} with the processor. */
  private Path compile() throws IOException {
    Path classes = Files.createDirectories(folder.resolve("classes"));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (Stream<Path> files = Files.walk(folder.resolve("src"));
        StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, UTF_8)) {
      List<Path> sources = files.filter(file -> file.toString().endsWith(".java")).toList();
      JavaCompiler.CompilationTask task =
          compiler.getTask(
              null,
              manager,
              null,
              List.of(
                  "-d",
                  classes.toString(),
                  "-classpath",
                  System.getProperty("java.class.path"),
                  "-Xlint:all,-processing,-path,-classfile",
                  "-Werror"),
              null,
              manager.getJavaFileObjectsFromPaths(sources));
      task.setProcessors(List.of(new EntityProcessor()));
      assertThat(task.call()).isTrue();
    }
    return classes;
  }

  @Test
  void recordsOfTablesCompileAndFitThem() throws Exception {
    execute(
        """
        create table reading_lists (
          id uuid primary key default gen_random_uuid(),
          owner_id uuid not null, name text not null, is_open bool, small int2 not null,
          number int4, large int8 not null, ratio real, exact double precision not null,
          price numeric(10, 2), day date, at_noon time, moment timestamp,
          created_at timestamptz not null default now(), cover bytea, thumbnail bytea not null,
          settings jsonb not null default '{}', old_settings json, tags text[] not null,
          scores int[], codes varchar(9)[], letters char(3), length interval, address inet,
          word_count int generated always as (char_length(name)) stored,
          position bigint generated by default as identity, events jsonb[],
          url_2 text, "camelCase" text, class text not null, "hash-code" int, sha256 text)
        """,
        "comment on table reading_lists is 'What to read next, */ @in order.'",
        "comment on column reading_lists.name is 'As the reader calls it.'",
        "create table list_entries (list_id uuid, place int, note text, primary key (place, list_id))",
        "create schema archive",
        "create table archive.categories (code text primary key)",
        "create table \"Odd Table\" (id int primary key)",
        "create table overlay (id int primary key)",
        "create table staff (id int primary key, \"toString\" text, a_b text, \"aB\" text)");

    Said said =
        generate("reading_lists,list_entries,archive.categories,\"Odd Table\",overlay,staff");
    Path classes = compile();
    Said checked = run("check-schema", classes.toString());

    assertThat(said.err()).isEmpty();
    assertThat(said.exitCode()).isZero();
    assertThat(said.out().lines()).hasSize(6);
    assertThat(checked).isEqualTo(new Said(0, "6 records fit their tables.\n", ""));
    assertThat(source("ReadingList"))
        .contains("@Synced(table = \"reading_lists\")")
        .contains("@Key UUID id,")
        .contains("@Owner @Nullable UUID ownerId,")
        .contains("    short small,\n")
        .contains("@Column(hasDefault = true) @Nullable Instant createdAt,")
        .contains("byte @Nullable [] cover,\n    byte[] thumbnail,")
        .contains("List<String> tags,\n    @Nullable List<Integer> scores,")
        .contains("@Column(\"class\") String classValue,")
        .contains("@Column(\"camelCase\") @Nullable String camelCase,")
        .contains("@param name As the reader calls it.");
    assertThat(source("ListEntry")).contains("@Key UUID listId,\n    @Key int place,");
    assertThat(source("Category")).contains("@Synced(table = \"archive.categories\")");
  }

  @Test
  void theLibrarysRecordsFitItsTables() throws Exception {
    execute(Files.readString(Repository.root().resolve("examples/library/schema.sql")));

    assertThat(run("check-schema", LIBRARY.toString()))
        .isEqualTo(new Said(0, "3 records fit their tables.\n", ""));
  }

  @Test
  void eachDifferenceIsNamedWithWhatToDo() throws Exception {
    execute(
        Files.readString(Repository.root().resolve("examples/library/schema.sql")),
        "alter table works drop column language, alter column title drop not null",
        "alter table works drop constraint works_year_check",
        "alter table works alter column year type text, alter column author set not null",
        "alter table works alter column created_at drop default, add column isbn text not null",
        "alter table annotations drop constraint annotations_pkey, add primary key (id, work_id)",
        "alter table annotations alter column note set not null, alter column note set default ''",
        "drop table assets");

    Said said = run("check-schema", LIBRARY.toString());

    assertThat(said.exitCode()).isEqualTo(1);
    assertThat(said.out().lines())
        .containsExactly(
            "Annotation, note: is never null on the server, which fills it; say so: @Column(hasDefault = true)",
            "Annotation: the key is id, work_id on the server, and id here; mark those with @Key",
            "Asset: there is no table \"public\".\"assets\" that could be followed",
            "Work, title: may be null on the server, and never is here; mark it @Nullable, or set it not null there",
            "Work, author: is never null on the server, and may be here; take away @Nullable",
            "Work, year: year is text on the server, and int4 here",
            "Work, language: table works has no column language; add it there, or name another one by @Column(\"…\")",
            "Work, createdAt: is said to be filled by the server, which has no default for it; new rows would be rejected",
            "Work, isbn: is never null on the server, which has no default for it, and the record has no such column: new rows would be rejected; add it",
            "9 differences in 3 records.");
  }

  @Test
  void whatIsExpectedOfConflictsAndSetsIsHeldAgainstTheSettings() throws Exception {
    execute(
        "create table notes (id int primary key, tags text[] not null, at timestamptz not null)");
    Path source = Files.createDirectories(folder.resolve("src/app")).resolve("Note.java");
    Files.writeString(
        source,
        """
        package app;

        import dev.millrace.annotations.*;

        @Synced(table = "notes")
        @Conflicts(value = Conflicts.Policy.LAST_WRITE_WINS, by = "at")
        public record Note(@Key int id, @SetOf java.util.Set<String> tags, java.time.Instant at) {}
        """);
    Path classes = compile();
    Path settings = folder.resolve("millrace.yaml");
    Map<String, String> environment = new HashMap<>();
    environment.put("DATABASE_URL", url);

    Said without = run(environment, "check-schema", classes.toString());
    Files.writeString(
        settings, "tables:\n  notes: {conflicts: last-write-wins, column: at, union: [tags]}\n");
    environment.put("MILLRACE_CONFIG", settings.toString());
    Said with = run(environment, "check-schema", classes.toString());

    assertThat(without.out().lines())
        .containsExactly(
            "Note, tags: is a set here, and one value to the server; in millrace.yaml: tables: {notes: {union: [tags]}}",
            "Note: edits that meet are decided by merge-fields on the server, and by last-write-wins of at here; in millrace.yaml: tables: {notes: {conflicts: last-write-wins, column: at}}",
            "2 differences in 1 record.");
    assertThat(with.out()).isEqualTo("The record fits its table.\n");
  }

  @Test
  void recordsInAJarAreFoundToo() throws Exception {
    execute(Files.readString(Repository.root().resolve("examples/library/schema.sql")));
    Path jar = folder.resolve("library.jar");
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(out);
        Stream<Path> files = Files.list(LIBRARY.resolve("META-INF/millrace"))) {
      for (Path file : files.toList()) {
        entries.putNextEntry(new ZipEntry("META-INF/millrace/" + file.getFileName()));
        entries.write(Files.readAllBytes(file));
      }
    }

    assertThat(run("check-schema", jar.toString()).out())
        .isEqualTo("3 records fit their tables.\n");
  }

  @Test
  void whatCannotBeDoneIsSaidInASentence() throws Exception {
    execute("create table plain (id int)", "create table works (id int primary key)");
    Path nothing = Files.createDirectories(folder.resolve("nothing"));

    assertThat(run("check-schema", nothing.toString()))
        .satisfies(said -> assertThat(said.exitCode()).isEqualTo(2))
        .satisfies(
            said -> assertThat(said.err()).contains("No @Synced records were compiled into"));
    assertThat(run(Map.of(), "check-schema", LIBRARY.toString()).err()).contains("DATABASE_URL");
    assertThat(generate("nowhere,plain").err())
        .contains("There is no table \"public\".\"nowhere\"", "plain has no primary key");
    assertThat(generate("works").exitCode()).isZero();
    assertThat(generate("works").err()).contains("--force writes over it");
    assertThat(run("generate", "entities", "--table", "works", "--package", "a b").err())
        .contains("'a b' is no package");
    assertThat(run("generate", "entities").exitCode()).isEqualTo(2);
    for (String help :
        List.of("check-schema --help", "generate --help", "generate entities --help")) {
      assertThat(run(help.split(" ")).exitCode()).isZero();
    }
  }

  @Test
  void bothSidesTakeTheSameTypes() {
    List<String> types =
        List.of(
            "bool",
            "int2",
            "int4",
            "int8",
            "oid",
            "float4",
            "float8",
            "numeric",
            "text",
            "uuid",
            "date",
            "time",
            "timestamp",
            "timestamptz",
            "bytea",
            "json",
            "jsonb",
            "mood");

    assertThat(Arrays.stream(StoreType.values()).map(Enum::name))
        .containsExactlyElementsOf(
            Arrays.stream(ColumnType.Scalar.values()).map(Enum::name).toList());
    for (StoreType type : StoreType.values()) {
      ColumnType.Scalar clients = ColumnType.Scalar.valueOf(type.name());
      for (String name : types) {
        assertThat(type.takes(name, false))
            .as(type + " " + name)
            .isEqualTo(clients.takes(name, false));
        assertThat(type.takes(name, true))
            .as(type + " " + name)
            .isEqualTo(clients.takes(name, true));
      }
    }
  }
}
