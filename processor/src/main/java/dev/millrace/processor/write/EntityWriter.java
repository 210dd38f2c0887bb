package dev.millrace.processor.write;

import dev.millrace.processor.model.ColumnModel;
import dev.millrace.processor.model.ColumnModel.Presence;
import dev.millrace.processor.model.EntityModel;
import dev.millrace.processor.model.EntityModel.IndexModel;
import dev.millrace.processor.model.Names;
import dev.millrace.processor.model.NestedModel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.lang.model.SourceVersion;

/**
 * Writes the classes of one entity. Each method writes one; they stand in the order in which they
 * build on one another.
 */
public final class EntityWriter {

  private static final String PROCESSOR = "dev.millrace.processor.EntityProcessor";

  private final EntityModel entity;
  private final boolean marksGenerated;
  private final String record;
  private final String variable;
  private final String columns;

  private EntityWriter(EntityModel entity, boolean marksGenerated) {
    this.entity = entity;
    this.marksGenerated = marksGenerated;
    this.record = Library.type(entity.javaType());
    String name = Names.decapitalized(entity.record());
    this.variable = SourceVersion.isKeyword(name) ? "row" : name;
    this.columns = entity.facade() + "." + entity.constant();
  }

  /**
   * The sources by their qualified names.
   *
   * @param marksGenerated whether {@code javax.annotation.processing.Generated} is there
   */
  public static Map<String, String> write(EntityModel entity, boolean marksGenerated) {
    EntityWriter writer = new EntityWriter(entity, marksGenerated);
    Map<String, String> sources = new LinkedHashMap<>();
    sources.put(entity.qualified(entity.columnsClass()), writer.columns());
    sources.put(entity.qualified(entity.electricClass()), writer.electric());
    sources.put(entity.qualified(entity.localClass()), writer.local());
    sources.put(entity.qualified(entity.mergedClass()), writer.merged());
    sources.put(entity.qualified(entity.cleanupClass()), writer.cleanup());
    sources.put(entity.qualified(entity.facade()), writer.facade());
    return sources;
  }

  private String file(String name, String doc, String body) {
    Set<String> taken =
        new HashSet<>(
            Set.of(
                entity.facade(),
                entity.columnsClass(),
                entity.electricClass(),
                entity.localClass(),
                entity.mergedClass(),
                entity.cleanupClass(),
                "Edit"));
    entity.nested().forEach(nested -> taken.add(nested.fieldsClass()));
    // A type of the same name in the package would be meant otherwise.
    taken.add(entity.record());
    String generated =
        marksGenerated
            ? "@«javax.annotation.processing.Generated»(\"%s\")\n".formatted(PROCESSOR)
            : "";
    return new SourceText(entity.packageName(), taken)
        .file(
            doc,
            "%s@%s\n%sfinal class %s {\n%s}"
                .formatted(generated, Library.NULL_MARKED, visibility(), name, body));
  }

  private String visibility() {
    return entity.isPublic() ? "public " : "";
  }

  private String columns() {
    Conversion conversion = new Conversion(entity);
    StringBuilder fields = new StringBuilder();
    for (ColumnModel column : entity.columns()) {
      fields
          .append("  ")
          .append(
              conversion.column("public final ", column.constant(), column.column(), column.kind()))
          .append('\n');
    }
    StringBuilder nested = new StringBuilder();
    entity.nested().forEach(one -> nested.append(fields(one, conversion)));
    return file(
        entity.columnsClass(),
        "The columns of a {@link %s}, of which conditions and orders are made.".formatted(record),
        "\n%s%s\n  %s() {}\n%s%s"
            .formatted(
                conversion.converterConstants(),
                fields,
                entity.columnsClass(),
                conversion.enumMethods(),
                nested));
  }

  /** The class with the members of a record within. */
  private String fields(NestedModel nested, Conversion conversion) {
    String type = Library.type(nested.javaType());
    String members =
        nested.fields().stream()
            .map(field ->
                "    "
                    + conversion.column(
                        "static final ", field.constant(), field.column(), field.kind())
                    + "\n")
            .collect(Collectors.joining());
    String arguments =
        nested.fields().stream()
            .map(field -> "in." + reading(field) + "(" + field.constant() + ")")
            .collect(Collectors.joining(", "));
    List<String> puts =
        nested.fields().stream()
            .map(field -> ".put(%s, %s)".formatted(field.constant(), value("value", field)))
            .collect(Collectors.toCollection(ArrayList::new));
    puts.add(".json()");
    String writing =
        SourceText.chain("      ", "return ", "new " + Library.WRITE + "()", puts, ";");
    return """

      /** The members of a {@link %1$s} in JSON. */
      private static final class %2$s {

    %3$s
        private %2$s() {}

        static %4$s write(%1$s value) {
    %5$s
        }

        static %1$s read(%4$s json) {
          %6$s in = %6$s.of("%7$s", json);
          return new %1$s(%8$s);
        }
      }
    """
        .formatted(
            type,
            nested.fieldsClass(),
            members,
            Library.JSON,
            writing,
            Library.READ,
            nested.javaType().simple(),
            arguments)
        .replace("\n\n\n", "\n\n");
  }

  private static String reading(ColumnModel column) {
    return switch (column.presence()) {
      case ALWAYS -> "required";
      case NULLABLE -> "nullable";
      case OPTIONAL -> "optional";
    };
  }

  private static String value(String of, ColumnModel column) {
    String value = of + "." + column.component() + "()";
    return column.presence() == Presence.OPTIONAL ? value + ".orElse(null)" : value;
  }

  private String electric() {
    List<String> calls = new ArrayList<>();
    String plain = entity.table().substring(entity.table().lastIndexOf('.') + 1);
    if (!entity.device().equals(plain)) {
      calls.add(".name(%s)".formatted(SourceText.quoted(entity.device())));
    }
    entity.columns().forEach(column -> calls.add(columnCall(column)));
    entity.where().ifPresent(where -> calls.add(".where(%s)".formatted(SourceText.quoted(where))));
    entity.columns().stream()
        .filter(ColumnModel::isIndexed)
        .forEach(column -> calls.add(".index(%s)".formatted(SourceText.quoted(column.column()))));
    entity.indexes().forEach(index -> calls.add(".index(%s)".formatted(indexed(index))));
    if (entity.priority() != 0) {
      calls.add(".priority(%d)".formatted(entity.priority()));
    }
    calls.add(".build()");
    String made =
        SourceText.chain(
            "  ",
            "public static final " + Library.ENTITY + " ENTITY = ",
            Library.ENTITY + ".of(" + SourceText.quoted(entity.table()) + ")",
            calls,
            ";");
    return file(
        entity.electricClass(),
        "What is synced of table {@code %s}, and how its stream does. Any thread."
            .formatted(entity.table()),
        """

          /** For the settings of the client: what it shall sync. */
        %1$s

          private final %2$s sync;

          public %3$s(%2$s sync) {
            this.sync = sync;
          }

          /** How the stream does; empty for a guest, who has none. */
          public %4$s<%5$s> status() {
            return this.sync.status().streams().stream()
                .filter(stream -> stream.entity().equals(ENTITY.name()))
                .findFirst();
          }

          /** Whether all there is on the server is here. */
          public boolean isUpToDate() {
            return status().filter(stream -> stream.phase() == %5$s.Phase.LIVE).isPresent();
          }
        """
            .formatted(
                made, Library.SYNC, entity.electricClass(), Library.OPTIONAL, Library.STATUS));
  }

  private String indexed(IndexModel index) {
    return index.components().stream()
        .map(name -> SourceText.quoted(entity.column(name).orElseThrow().column()))
        .collect(Collectors.joining(", "));
  }

  private static String columnCall(ColumnModel column) {
    String stored = Library.scalar(column.kind().stored());
    String type = column.kind().isArray() ? "new " + Library.ARRAY + "(" + stored + ")" : stored;
    String name = SourceText.quoted(column.column());
    if (column.isKey()) {
      return ".key(%s, %s)".formatted(name, type);
    }
    if (column.isOwner()) {
      return ".owner(%s, %s)".formatted(name, type);
    }
    if (column.isLocal()) {
      return ".local(%s, %s)".formatted(name, type);
    }
    String nulls = column.presence() == Presence.ALWAYS ? "NEVER" : "MAYBE";
    return ".column(%s, %s, %s.Nulls.%s)"
        .formatted(name, type, Library.ENTITY, column.hasDefault() ? "FILLED" : nulls);
  }

  private String local() {
    List<String> puts =
        entity.columns().stream()
            .map(column ->
                ".put(%s.%s, %s)"
                    .formatted(this.columns, column.constant(), value(variable, column)))
            .toList();
    String values = SourceText.chain("    ", "return ", "new " + Library.WRITE + "()", puts, ";");
    return file(
        entity.localClass(),
        "Writes {@link %s} rows: each is on this device when its method returns, and goes to the server when somebody is signed in. Any thread."
            .formatted(record),
        """

          private final %1$s writes;

          /** Each write by itself. */
          public %2$s(%3$s sync) {
            this(new %4$s(sync));
          }

          /** Several at once, of which the server applies all or none. */
          public %2$s(%1$s writes) {
            this.writes = writes;
          }

          /** Adds a row. What is null gets the server's default%5$s. */
          public %6$s create(%7$s %8$s) {
            return this.writes.create(%9$s.ENTITY, values(%8$s).present());
          }

          /** Changes what differs between a row as the user saw it and as it shall be. */
          public %6$s update(%7$s before, %7$s after) {
            return this.writes.update(%9$s.ENTITY, values(after).changesSince(values(before), %9$s.ENTITY));
          }

          /** Begins a change of some columns of a row. */
          public Edit edit(%10$s) {
            return new Edit(this.writes, key(%11$s));
          }

          /** Deletes a row. */
          public %6$s delete(%10$s) {
            return this.writes.delete(%9$s.ENTITY, key(%11$s).all());
          }

          private static %12$s key(%10$s) {
        %13$s
          }

          private static %12$s values(%7$s %8$s) {
        %14$s
          }
        %15$s\
        """
            .formatted(
                Library.TOGETHER,
                entity.localClass(),
                Library.SYNC,
                Library.SINGLE,
                entity.columns().stream().anyMatch(ColumnModel::isOwner)
                    ? ", and the owner is the user"
                    : "",
                Library.HANDLE,
                record,
                variable,
                entity.electricClass(),
                keyParameters(),
                keyArguments(),
                Library.WRITE,
                keyPuts(),
                values,
                edit()));
  }

  private String keyPuts() {
    List<String> puts =
        entity.key().stream()
            .map(column ->
                ".put(%s.%s, %s)".formatted(columns, column.constant(), column.component()))
            .toList();
    return SourceText.chain("    ", "return ", "new " + Library.WRITE + "()", puts, ";");
  }

  private String keyParameters() {
    return entity.key().stream()
        .map(column -> Library.type(column.kind().javaType()) + " " + column.component())
        .collect(Collectors.joining(", "));
  }

  private String keyArguments() {
    return entity.key().stream().map(ColumnModel::component).collect(Collectors.joining(", "));
  }

  private String edit() {
    String setters =
        entity.columns().stream()
            .filter(column -> !column.isKey())
            .map(this::setter)
            .collect(Collectors.joining());
    return """

      /** A change of some columns of a row, made when it is saved. One thread. */
      public static final class Edit {

        private final %1$s writes;
        private final %2$s values;

        private Edit(%1$s writes, %2$s values) {
          this.writes = writes;
          this.values = values;
        }
    %3$s
        /** Makes the change. */
        public %4$s save() {
          return this.writes.update(%5$s.ENTITY, this.values.all());
        }
      }
    """
        .formatted(
            Library.TOGETHER, Library.WRITE, setters, Library.HANDLE, entity.electricClass());
  }

  private String setter(ColumnModel column) {
    String type = Library.type(column.kind().javaType());
    String declared = column.presence() == Presence.ALWAYS ? type : annotated(type);
    return """

        public Edit %1$s(%2$s %1$s) {
          this.values.put(%3$s.%4$s, %1$s);
          return this;
        }
    """
        .formatted(column.component(), declared, columns, column.constant());
  }

  private static String annotated(String type) {
    return type.endsWith("[]")
        ? type.replace("[]", " @" + Library.NULLABLE + " []")
        : type.replaceFirst("«", "«@");
  }

  private String merged() {
    String arguments =
        entity.columns().stream()
            .map(column -> "in.%s(%s.%s)".formatted(reading(column), columns, column.constant()))
            .collect(Collectors.joining(", "));
    List<String> found = new ArrayList<>();
    entity
        .key()
        .forEach(column ->
            found.add(
                ".where(%s.%s.eq(%s))".formatted(columns, column.constant(), column.component())));
    found.add(".first()");
    return file(
        entity.mergedClass(),
        "Reads {@link %s} rows: what the server sent, and over it what was written here. Any thread."
            .formatted(record),
        """

          private final %1$s sync;

          public %2$s(%1$s sync) {
            this.sync = sync;
          }

          /** All rows, to be narrowed. */
          public %3$s<%4$s> query() {
            return new %3$s<>(this.sync, %5$s.of(%6$s.ENTITY), %2$s::read);
          }

          /** The row with that key. */
          public %7$s<%4$s> find(%8$s) {
        %9$s
          }

          /** The record of a row. */
          public static %4$s read(%10$s row) {
            %11$s in = %11$s.of(%12$s, row);
            return new %4$s(%13$s);
          }
        """
            .formatted(
                Library.SYNC,
                entity.mergedClass(),
                Library.TYPED_QUERY,
                record,
                Library.QUERY,
                entity.electricClass(),
                Library.OPTIONAL,
                keyParameters(),
                SourceText.chain("    ", "return ", "query()", found, ";"),
                Library.ROW,
                Library.READ,
                SourceText.quoted(entity.device()),
                arguments));
  }

  private String cleanup() {
    return file(
        entity.cleanupClass(),
        "Takes away what was written here once the server's stream shows it. It happens by itself; this is for whoever wants to see it, or cannot wait. Any thread.",
        """

          private final %1$s sync;

          public %2$s(%1$s sync) {
            this.sync = sync;
          }

          /** How many changes made here the stream has not shown yet. */
          public long waiting() {
            return this.sync.unshown(%3$s.ENTITY);
          }

          /** Asks the server at once for what it has applied and the stream has not shown. */
          public void run() {
            this.sync.cleanUp(%3$s.ENTITY);
          }
        """
            .formatted(Library.SYNC, entity.cleanupClass(), entity.electricClass()));
  }

  private String facade() {
    return file(
        entity.facade(),
        "The {@link %1$s} rows of table {@code %2$s} on this device: read and written here at once, online or off. Any thread."
            .formatted(record, entity.table()),
        """

          /** The columns, of which conditions and orders are made. */
          public static final %1$s %2$s = new %1$s();

          /** For the settings of the client: what it shall sync. */
          public static final %3$s ENTITY = %4$s.ENTITY;

          private final %5$s local;
          private final %4$s electric;
          private final %6$s merged;
          private final %7$s cleanup;

          public %8$s(%9$s sync) {
            this.local = new %5$s(sync);
            this.electric = new %4$s(sync);
            this.merged = new %6$s(sync);
            this.cleanup = new %7$s(sync);
          }

          /** Adds a row; see {@link %5$s#create}. */
          public %10$s create(%11$s %12$s) {
            return this.local.create(%12$s);
          }

          /** Changes what differs between a row as the user saw it and as it shall be. */
          public %10$s update(%11$s before, %11$s after) {
            return this.local.update(before, after);
          }

          /** Begins a change of some columns of a row. */
          public %5$s.Edit edit(%13$s) {
            return this.local.edit(%14$s);
          }

          /** Deletes a row. */
          public %10$s delete(%13$s) {
            return this.local.delete(%14$s);
          }

          /** The row with that key. */
          public %15$s<%11$s> find(%13$s) {
            return this.merged.find(%14$s);
          }

          /** All rows, in the order of their keys. */
          public %16$s<%11$s> all() {
            return query().list();
          }

          /** All rows, to be narrowed, listed, or shown live. */
          public %17$s<%11$s> query() {
            return this.merged.query();
          }

          /** Rows that meet a condition. */
          public %17$s<%11$s> where(%18$s condition) {
            return query().where(condition);
          }

          /** All rows in that order. */
          public %17$s<%11$s> orderBy(%19$s order) {
            return query().orderBy(order);
          }

          /** All rows, now and after each change. */
          public %20$s<%11$s> live() {
            return query().live();
          }

          /** How the rows of the server come here. */
          public %4$s electric() {
            return this.electric;
          }

          /** How the changes made here go, once the server shows them. */
          public %7$s cleanup() {
            return this.cleanup;
          }
        """
            .formatted(
                entity.columnsClass(),
                entity.constant(),
                Library.ENTITY,
                entity.electricClass(),
                entity.localClass(),
                entity.mergedClass(),
                entity.cleanupClass(),
                entity.facade(),
                Library.SYNC,
                Library.HANDLE,
                record,
                variable,
                keyParameters(),
                keyArguments(),
                Library.OPTIONAL,
                Library.LIST,
                Library.TYPED_QUERY,
                Library.CONDITION,
                Library.ORDER,
                Library.LIVE));
  }
}
