package dev.millrace.processor.read;

import dev.millrace.processor.model.ColumnModel;
import dev.millrace.processor.model.ColumnModel.Presence;
import dev.millrace.processor.model.EntityModel;
import dev.millrace.processor.model.EntityModel.ConflictModel;
import dev.millrace.processor.model.EntityModel.IndexModel;
import dev.millrace.processor.model.Names;
import dev.millrace.processor.model.NestedModel;
import dev.millrace.processor.model.Reach;
import dev.millrace.processor.model.TypeText;
import dev.millrace.processor.model.ValueKind;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.RecordComponentElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.Elements;
import javax.lang.model.util.Types;

/** Reads a record that is marked as synced. */
public final class EntityReader {

  private final Types types;
  private final Elements elements;

  public EntityReader(Types types, Elements elements) {
    this.types = types;
    this.elements = elements;
  }

  /** The model of a record, whatever is wrong with it. */
  public EntityModel read(TypeElement record) {
    Marks synced = Marks.of(record, Marks.SYNCED).orElseThrow();
    TypeReader reader = new TypeReader(types, elements);
    List<ColumnModel> columns = columns(record, reader, Names::snake);
    String table = synced.text("table");
    String name = synced.text("name");
    String plainTable = plain(table);
    String packageName = elements.getPackageOf(record).getQualifiedName().toString();
    String qualified = record.getQualifiedName().toString();
    return new EntityModel(
        record,
        packageName,
        Reach.isPublic(record),
        record.getSimpleName().toString(),
        packageName.isEmpty() ? qualified : qualified.substring(packageName.length() + 1),
        table,
        name.isEmpty() ? Names.upperCamel(plainTable) : name,
        name.isEmpty() ? plainTable : Names.snake(name),
        Optional.of(synced.text("where")).filter(text -> !text.isBlank()),
        synced.number("priority"),
        columns,
        indexes(record),
        Marks.of(record, Marks.CONFLICTS).map(EntityReader::conflicts),
        nested(reader));
  }

  /** A table's name without its schema. */
  private static String plain(String table) {
    return table.substring(table.lastIndexOf('.') + 1).replace("\"", "");
  }

  private static ConflictModel conflicts(Marks mark) {
    String policy = mark.constant("value").toLowerCase(Locale.ROOT).replace('_', '-');
    return new ConflictModel(policy, mark.text("by"));
  }

  private static List<IndexModel> indexes(TypeElement record) {
    List<IndexModel> indexes = new ArrayList<>();
    Marks.of(record, Marks.INDEX).ifPresent(mark -> indexes.add(index(mark)));
    Marks.of(record, Marks.INDEXES)
        .ifPresent(marks -> marks.within("value").forEach(mark -> indexes.add(index(mark))));
    return indexes;
  }

  private static IndexModel index(Marks mark) {
    return new IndexModel(mark.texts("value"));
  }

  /** The records that were met, and those that are met in them. */
  private List<NestedModel> nested(TypeReader reader) {
    List<NestedModel> nested = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>();
    while (nested.size() < reader.records().size()) {
      TypeText next =
          reader.records().keySet().stream().skip(nested.size()).findFirst().orElseThrow();
      TypeElement record = reader.records().get(next);
      if (record == null) {
        throw new IllegalStateException("a record without its element: " + next);
      }
      String name = next.simple() + "Fields";
      while (!names.add(name)) {
        name += "2";
      }
      nested.add(new NestedModel(next, name, columns(record, reader, UnaryOperator.identity())));
    }
    return nested;
  }

  private List<ColumnModel> columns(
      TypeElement record, TypeReader reader, UnaryOperator<String> naming) {
    return record.getRecordComponents().stream()
        .map(component -> column(record, component, reader, naming))
        .toList();
  }

  private ColumnModel column(
      TypeElement record,
      RecordComponentElement component,
      TypeReader reader,
      UnaryOperator<String> naming) {
    String name = component.getSimpleName().toString();
    Optional<Marks> column = Marks.of(component, Marks.COLUMN);
    String given = column.map(mark -> mark.text("value")).orElse("");
    TypeMirror declared = component.asType();
    Optional<TypeMirror> within = withinOptional(declared);
    TypeMirror type = within.orElse(declared);
    Optional<TypeMirror> converter = column.flatMap(mark -> mark.type("converter"));
    ValueKind kind =
        converter.map(with -> reader.converted(type, with)).orElseGet(() -> reader.read(type));
    return new ColumnModel(
        place(record, name),
        name,
        given.isEmpty() ? naming.apply(name) : given,
        kind,
        within.isPresent() ? Presence.OPTIONAL : presence(record, component),
        isHidden(type),
        Marks.isOn(component, Marks.KEY),
        Marks.isOn(component, Marks.OWNER),
        Marks.isOn(component, Marks.LOCAL),
        Marks.isOn(component, Marks.SET_OF),
        column.map(mark -> mark.isTrue("hasDefault")).orElse(false),
        Marks.isOn(component, Marks.INDEX) || Marks.isOn(component, Marks.INDEXES));
  }

  /** The field, of which the compiler knows where it stands. */
  private static Element place(TypeElement record, String component) {
    for (Element member : record.getEnclosedElements()) {
      if (member.getKind() == ElementKind.FIELD
          && member.getSimpleName().contentEquals(component)) {
        return member;
      }
    }
    return record;
  }

  private static Optional<TypeMirror> withinOptional(TypeMirror type) {
    return type instanceof DeclaredType declared
            && declared.asElement() instanceof TypeElement element
            && element.getQualifiedName().contentEquals("java.util.Optional")
            && declared.getTypeArguments().size() == 1
        ? Optional.of(declared.getTypeArguments().get(0))
        : Optional.empty();
  }

  /** A type, or one of its arguments, that is private. */
  private static boolean isHidden(TypeMirror type) {
    return type instanceof DeclaredType declared
        && (Reach.isHidden(declared.asElement())
            || declared.getTypeArguments().stream().anyMatch(EntityReader::isHidden));
  }

  /** Whoever's annotation it is, on the type or on the component. */
  private static Presence presence(TypeElement record, RecordComponentElement component) {
    boolean isNullable =
        isNullable(component.asType().getAnnotationMirrors())
            || isNullable(component.getAnnotationMirrors())
            || isNullable(
                place(record, component.getSimpleName().toString()).getAnnotationMirrors())
            || isNullable(component.getAccessor().getAnnotationMirrors());
    return isNullable ? Presence.NULLABLE : Presence.ALWAYS;
  }

  private static boolean isNullable(
      List<? extends javax.lang.model.element.AnnotationMirror> annotations) {
    return annotations.stream()
        .anyMatch(mirror ->
            mirror.getAnnotationType().asElement().getSimpleName().contentEquals("Nullable"));
  }
}
