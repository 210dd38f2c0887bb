package dev.millrace.server.shape;

import dev.millrace.protocol.RelationName;
import dev.millrace.protocol.ShapeHandle;
import dev.millrace.server.filter.Clause;
import dev.millrace.server.filter.Filter;
import dev.millrace.server.policy.Audience;
import dev.millrace.server.postgres.Column;
import dev.millrace.server.postgres.DatabaseUser;
import dev.millrace.server.postgres.PgSnapshot;
import dev.millrace.server.postgres.PublishedTable;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What must be known of a shape to take it up after a restart. Written when its snapshot is whole
 * and on disk, and again when its footing changes; a folder without it is a shape that was never
 * finished.
 *
 * @param clauses known to mean the shape, so that its clients need no Postgres to be recognised
 * @param reader as whom it is read when what its rows depend on has changed
 */
record ShapeFile(
    int number,
    ShapeHandle handle,
    ShapeDefinition definition,
    List<Clause> clauses,
    PgSnapshot visibility,
    int snapshotChunks,
    long snapshotRows,
    Footing footing,
    Optional<DatabaseUser> reader) {

  static final String NAME = "shape";
  private static final int VERSION = 7;

  /** Of a shape whose snapshot is finished. */
  static ShapeFile of(Shape shape, PgSnapshot visibility) {
    return new ShapeFile(
        shape.number(),
        shape.handle(),
        shape.definition(),
        shape.clauses(),
        visibility,
        shape.snapshot().chunkCount(),
        shape.snapshot().rows(),
        shape.footing().orElseThrow(),
        shape.reader());
  }

  void write(Path folder) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(VERSION);
      out.writeInt(number);
      out.writeUTF(handle.text());
      write(out, definition);
      writeClauses(out, clauses);
      out.writeUTF(visibility.text());
      out.writeLong(visibility.takenBefore());
      out.writeInt(snapshotChunks);
      out.writeLong(snapshotRows);
      write(out, footing);
      out.writeBoolean(reader.isPresent());
      if (reader.isPresent()) {
        writeText(out, reader.get().role());
        writeText(out, reader.get().subject());
        writeText(out, reader.get().claims());
      }
    }
    Disk.replace(folder, NAME, bytes.toByteArray());
  }

  private static void write(DataOutputStream out, ShapeDefinition definition) throws IOException {
    out.writeInt(definition.oid());
    out.writeUTF(definition.relation().schema());
    out.writeUTF(definition.relation().table());
    out.writeBoolean(definition.allColumns());
    out.writeUTF(definition.replica().name());
    out.writeUTF(definition.logMode().name());
    out.writeBoolean(definition.isPartitioned());
    write(out, definition.columns());
    write(out, definition.projection().rowKey());
    write(out, definition.projection().filterColumns());
    out.writeBoolean(definition.audience().isPresent());
    if (definition.audience().isPresent()) {
      write(out, definition.audience().get());
    }
    write(out, definition.filter());
    write(out, definition.asked());
    out.writeBoolean(definition.basis().isPresent());
    if (definition.basis().isPresent()) {
      writeText(out, definition.basis().get());
    }
    out.writeInt(definition.dependencies().size());
    for (ShapeDefinition values : definition.dependencies()) {
      write(out, values);
    }
  }

  private static void write(DataOutputStream out, Optional<Filter> filter) throws IOException {
    out.writeBoolean(filter.isPresent());
    if (filter.isPresent()) {
      writeText(out, filter.get().canonical());
    }
  }

  private static void write(DataOutputStream out, Audience audience) throws IOException {
    out.writeUTF(audience.role());
    out.writeUTF(audience.version());
    out.writeInt(audience.columns().size());
    for (String column : audience.columns()) {
      out.writeUTF(column);
    }
  }

  private static Audience readAudience(DataInputStream in) throws IOException {
    String role = in.readUTF();
    String version = in.readUTF();
    Set<String> columns = new HashSet<>();
    for (int left = in.readInt(); left > 0; left--) {
      columns.add(in.readUTF());
    }
    return new Audience(role, version, columns);
  }

  private static void writeClauses(DataOutputStream out, List<Clause> clauses) throws IOException {
    out.writeInt(clauses.size());
    for (Clause clause : clauses) {
      writeText(out, clause.where());
      out.writeInt(clause.parameters().size());
      for (Map.Entry<Integer, String> parameter : clause.parameters().entrySet()) {
        out.writeInt(parameter.getKey());
        writeText(out, parameter.getValue());
      }
    }
  }

  private static List<Clause> readClauses(DataInputStream in) throws IOException {
    List<Clause> clauses = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      String where = readText(in);
      Map<Integer, String> parameters = new HashMap<>();
      for (int unread = in.readInt(); unread > 0; unread--) {
        parameters.put(in.readInt(), readText(in));
      }
      clauses.add(new Clause(where, parameters));
    }
    return List.copyOf(clauses);
  }

  /** For texts that may be longer than 64 kB. */
  private static void writeText(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static String readText(DataInputStream in) throws IOException {
    return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
  }

  private static void write(DataOutputStream out, List<Column> columns) throws IOException {
    out.writeInt(columns.size());
    for (Column column : columns) {
      out.writeUTF(column.name());
      out.writeInt(column.number());
      out.writeUTF(column.type());
      out.writeInt(column.typeOid());
      out.writeInt(column.dimensions());
      out.writeInt(column.modifier());
      out.writeBoolean(column.notNull());
      out.writeUTF(column.generation().name());
      out.writeInt(column.keyIndex());
      out.writeInt(column.collation());
    }
  }

  /**
   * Notes when the shape was used last: the file's own time of change says it, which costs no write
   * and no flush. Nothing happens if the file is not there.
   */
  static void noteUse(Path folder, long millis) throws IOException {
    try {
      Files.setLastModifiedTime(folder.resolve(NAME), FileTime.fromMillis(millis));
    } catch (NoSuchFileException e) {
      return;
    }
  }

  /** What {@link #noteUse} noted last. */
  static long lastUse(Path folder) throws IOException {
    return Files.getLastModifiedTime(folder.resolve(NAME)).toMillis();
  }

  private static void write(DataOutputStream out, Footing footing) throws IOException {
    writeEntries(out, footing.entries());
    out.writeInt(footing.links().size());
    for (Footing.Link link : footing.links()) {
      out.writeInt(link.partition());
      out.writeInt(link.parent());
      out.writeInt(link.since());
    }
    out.writeInt(footing.read().size());
    for (Map.Entry<Integer, Set<PublishedTable.Entry>> read : footing.read().entrySet()) {
      out.writeInt(read.getKey());
      writeEntries(out, read.getValue());
    }
    out.writeInt(footing.labels().size());
    for (Map.Entry<Integer, String> label : footing.labels().entrySet()) {
      out.writeInt(label.getKey());
      out.writeUTF(label.getValue());
    }
  }

  private static void writeEntries(DataOutputStream out, Set<PublishedTable.Entry> entries)
      throws IOException {
    out.writeInt(entries.size());
    for (PublishedTable.Entry entry : entries) {
      out.writeUTF(entry.name());
      out.writeInt(entry.since());
    }
  }

  private static Footing readFooting(DataInputStream in) throws IOException {
    Set<PublishedTable.Entry> entries = readEntries(in);
    Set<Footing.Link> links = new HashSet<>();
    for (int left = in.readInt(); left > 0; left--) {
      links.add(new Footing.Link(in.readInt(), in.readInt(), in.readInt()));
    }
    Map<Integer, Set<PublishedTable.Entry>> read = new HashMap<>();
    for (int left = in.readInt(); left > 0; left--) {
      read.put(in.readInt(), readEntries(in));
    }
    Map<Integer, String> labels = new HashMap<>();
    for (int left = in.readInt(); left > 0; left--) {
      labels.put(in.readInt(), in.readUTF());
    }
    return new Footing(entries, links, read, labels);
  }

  private static Set<PublishedTable.Entry> readEntries(DataInputStream in) throws IOException {
    Set<PublishedTable.Entry> entries = new HashSet<>();
    for (int left = in.readInt(); left > 0; left--) {
      entries.add(new PublishedTable.Entry(in.readUTF(), in.readInt()));
    }
    return entries;
  }

  /** The same shape on another footing. */
  ShapeFile on(Footing other) {
    return new ShapeFile(
        number,
        handle,
        definition,
        clauses,
        visibility,
        snapshotChunks,
        snapshotRows,
        other,
        reader);
  }

  /** Undoes {@link #write}; nothing happens if it was never called. */
  static void remove(Path folder) throws IOException {
    if (Files.deleteIfExists(folder.resolve(NAME))) {
      Disk.force(folder);
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IOException if it is not there or of another version
   */
  static ShapeFile read(Path folder) throws IOException {
    byte[] bytes = Files.readAllBytes(folder.resolve(NAME));
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int version = in.readInt();
      if (version != VERSION) {
        throw new IOException("shape file of version " + version);
      }
      return new ShapeFile(
          in.readInt(),
          new ShapeHandle(in.readUTF()),
          readDefinition(in),
          readClauses(in),
          PgSnapshot.parse(in.readUTF(), in.readLong()),
          in.readInt(),
          in.readLong(),
          readFooting(in),
          in.readBoolean()
              ? Optional.of(new DatabaseUser(readText(in), readText(in), readText(in)))
              : Optional.empty());
    }
  }

  private static ShapeDefinition readDefinition(DataInputStream in) throws IOException {
    int oid = in.readInt();
    RelationName relation = new RelationName(in.readUTF(), in.readUTF());
    boolean allColumns = in.readBoolean();
    var replica = ShapeDefinition.Replica.valueOf(in.readUTF());
    var logMode = ShapeDefinition.LogMode.valueOf(in.readUTF());
    boolean isPartitioned = in.readBoolean();
    List<Column> columns = readColumns(in);
    List<Column> rowKey = readColumns(in);
    List<Column> filterColumns = readColumns(in);
    Optional<Audience> audience =
        in.readBoolean() ? Optional.of(readAudience(in)) : Optional.empty();
    Optional<Filter> filter = readFilter(in);
    Optional<Filter> asked = readFilter(in);
    Optional<String> basis = in.readBoolean() ? Optional.of(readText(in)) : Optional.empty();
    Projection projection =
        new Projection(
            oid,
            relation,
            isPartitioned,
            columns,
            rowKey,
            filterColumns,
            allColumns,
            replica,
            logMode,
            audience);
    List<ShapeDefinition> dependencies = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      dependencies.add(readDefinition(in));
    }
    return new ShapeDefinition(projection, filter, asked, basis, dependencies);
  }

  private static Optional<Filter> readFilter(DataInputStream in) throws IOException {
    return in.readBoolean() ? Optional.of(new Filter(readText(in))) : Optional.empty();
  }

  private static List<Column> readColumns(DataInputStream in) throws IOException {
    int count = in.readInt();
    List<Column> columns = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      columns.add(
          new Column(
              in.readUTF(),
              in.readInt(),
              in.readUTF(),
              in.readInt(),
              in.readInt(),
              in.readInt(),
              in.readBoolean(),
              Column.Generation.valueOf(in.readUTF()),
              in.readInt(),
              in.readInt()));
    }
    return columns;
  }
}
