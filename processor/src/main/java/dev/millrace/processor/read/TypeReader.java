package dev.millrace.processor.read;

import dev.millrace.processor.model.Reach;
import dev.millrace.processor.model.Scalar;
import dev.millrace.processor.model.TypeText;
import dev.millrace.processor.model.ValueKind;
import dev.millrace.processor.model.ValueKind.Constants;
import dev.millrace.processor.model.ValueKind.Custom;
import dev.millrace.processor.model.ValueKind.Many;
import dev.millrace.processor.model.ValueKind.Nested;
import dev.millrace.processor.model.ValueKind.Plain;
import dev.millrace.processor.model.ValueKind.Unsupported;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.ArrayType;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.Elements;
import javax.lang.model.util.Types;

/** Reads how values of a type are stored. The records that it meets are kept, to be read too. */
final class TypeReader {

  private static final Map<String, Scalar> PLAIN = new LinkedHashMap<>();

  static {
    for (Scalar scalar : Scalar.values()) {
      if (scalar != Scalar.INT2) {
        PLAIN.put(scalar.javaName(), scalar);
      }
    }
  }

  /** What people have, and what they could have. */
  private static final Map<String, String> ADVICE =
      Map.ofEntries(
          Map.entry("java.util.Date", "use Instant"),
          Map.entry("java.sql.Timestamp", "use Instant"),
          Map.entry("java.sql.Date", "use LocalDate"),
          Map.entry("java.util.Calendar", "use Instant"),
          Map.entry("java.time.OffsetDateTime", "use Instant, which is what timestamptz holds"),
          Map.entry("java.time.ZonedDateTime", "use Instant, which is what timestamptz holds"),
          Map.entry("java.lang.Byte", "use short"),
          Map.entry("java.lang.Character", "use String"),
          Map.entry("java.math.BigInteger", "use BigDecimal"),
          Map.entry("java.util.Map", "use a record, or Json"),
          Map.entry("java.util.Collection", "use List"),
          Map.entry("java.util.ArrayList", "use List"));

  private static final String CONVERT = "name a converter: @Column(converter = …)";

  private final Types types;
  private final Elements elements;
  private final Map<TypeText, TypeElement> records = new LinkedHashMap<>();

  TypeReader(Types types, Elements elements) {
    this.types = types;
    this.elements = elements;
  }

  /** The records met so far, in the order they were met. */
  Map<TypeText, TypeElement> records() {
    return records;
  }

  /** How values are stored, which are of no Optional. */
  ValueKind read(TypeMirror type) {
    return switch (type.getKind()) {
      case BOOLEAN -> new Plain(Scalar.BOOL);
      case SHORT -> new ValueKind.SmallInt();
      case INT -> new Plain(Scalar.INT4);
      case LONG -> new Plain(Scalar.INT8);
      case FLOAT -> new Plain(Scalar.FLOAT4);
      case DOUBLE -> new Plain(Scalar.FLOAT8);
      case BYTE -> unsupported(type, "use short");
      case CHAR -> unsupported(type, "use String");
      case ARRAY -> array((ArrayType) type);
      case DECLARED -> declared((DeclaredType) type);
      case ERROR -> unsupported(type, "it was not found: is it imported?");
      default -> unsupported(type, CONVERT);
    };
  }

  private ValueKind array(ArrayType type) {
    return type.getComponentType().getKind() == TypeKind.BYTE
        ? new Plain(Scalar.BYTEA)
        : unsupported(type, "use List");
  }

  private ValueKind declared(DeclaredType type) {
    TypeElement element = (TypeElement) type.asElement();
    String name = element.getQualifiedName().toString();
    Scalar scalar = PLAIN.get(name);
    if (scalar != null) {
      return new Plain(scalar);
    }
    return switch (name) {
      case "java.lang.Short" -> new ValueKind.SmallInt();
      case "java.util.List" -> many(type, false);
      case "java.util.Set" -> many(type, true);
      case "java.util.Optional" ->
          unsupported(type, "an Optional can only be the component itself");
      default -> ofApplication(type, element, name);
    };
  }

  private ValueKind ofApplication(DeclaredType type, TypeElement element, String name) {
    if (element.getKind() == ElementKind.ENUM) {
      return constants(element);
    }
    if (element.getKind() == ElementKind.RECORD) {
      if (!element.getTypeParameters().isEmpty()) {
        return unsupported(type, "a record within may have no type parameters; " + CONVERT);
      }
      TypeText text = text(type);
      records.putIfAbsent(text, element);
      return new Nested(text);
    }
    return unsupported(type, ADVICE.getOrDefault(name, "use a record, or " + CONVERT));
  }

  private ValueKind many(DeclaredType type, boolean isSet) {
    if (type.getTypeArguments().isEmpty()) {
      return unsupported(type, "say of what, as in " + (isSet ? "Set<String>" : "List<String>"));
    }
    ValueKind item = read(type.getTypeArguments().get(0));
    return switch (item) {
      case Unsupported(TypeText inner, String problem) -> new Unsupported(text(type), problem);
      case Many unused -> unsupported(type, "a list of lists needs a converter, or use Json");
      case Plain(Scalar scalar) when scalar == Scalar.JSON ->
          unsupported(type, "use Json alone, which may be an array");
      case ValueKind kind when isSet && kind.stored() == Scalar.JSON ->
          unsupported(type, "a set of records is none on the server; use List");
      default -> new Many(item, isSet);
    };
  }

  private static ValueKind constants(TypeElement type) {
    List<Constants.Constant> constants = new ArrayList<>();
    for (Element member : type.getEnclosedElements()) {
      if (member.getKind() == ElementKind.ENUM_CONSTANT) {
        String name = member.getSimpleName().toString();
        String label =
            Marks.of(member, Marks.LABEL)
                .map(mark -> mark.text("value"))
                .orElse(name.toLowerCase(Locale.ROOT));
        constants.add(new Constants.Constant(name, label));
      }
    }
    return new Constants(TypeText.of(type.getQualifiedName().toString()), constants);
  }

  /** How values are stored that a converter makes into others. */
  ValueKind converted(TypeMirror component, TypeMirror converter) {
    TypeText own = text(boxed(component));
    if (!(converter instanceof DeclaredType declared)
        || !(declared.asElement() instanceof TypeElement element)) {
      return new Unsupported(own, "its converter is no class");
    }
    String name = element.getSimpleName().toString();
    if (!isUsable(element)) {
      return new Unsupported(
          own,
          "its converter %s must be a class that is not private, with a constructor that takes nothing and is not private"
              .formatted(name));
    }
    List<? extends TypeMirror> arguments = argumentsOfConverter(declared);
    if (arguments.size() != 2) {
      return new Unsupported(own, name + " must say of what it is a Converter<T, S>");
    }
    if (!types.isSameType(boxed(component), plainType(arguments.get(0)))) {
      return new Unsupported(
          own, "its converter %s is one of %s".formatted(name, text(arguments.get(0)).simple()));
    }
    return read(arguments.get(1)) instanceof Plain(Scalar scalar)
        ? new Custom(own, text(converter), scalar)
        : new Unsupported(
            own,
            "its converter %s makes %s of it, which the store does not know"
                .formatted(name, text(arguments.get(1)).simple()));
  }

  private static boolean isUsable(TypeElement converter) {
    return converter.getKind().isClass()
        && !converter.getModifiers().contains(Modifier.ABSTRACT)
        && !Reach.isHidden(converter)
        && Reach.isStatic(converter)
        && converter.getEnclosedElements().stream()
            .filter(member -> member.getKind() == ElementKind.CONSTRUCTOR)
            .anyMatch(member ->
                ((ExecutableElement) member).getParameters().isEmpty()
                    && !member.getModifiers().contains(Modifier.PRIVATE));
  }

  private List<? extends TypeMirror> argumentsOfConverter(DeclaredType converter) {
    List<TypeMirror> todo = new ArrayList<>(Set.of(converter));
    while (!todo.isEmpty()) {
      TypeMirror next = todo.remove(0);
      if (next instanceof DeclaredType declared
          && ((TypeElement) declared.asElement())
              .getQualifiedName()
              .contentEquals(Marks.CONVERTER)) {
        return declared.getTypeArguments();
      }
      todo.addAll(types.directSupertypes(next));
    }
    return List.of();
  }

  private TypeMirror boxed(TypeMirror type) {
    return type.getKind().isPrimitive()
        ? types.boxedClass((javax.lang.model.type.PrimitiveType) type).asType()
        : plainType(type);
  }

  /** Without annotations, which make types others to the compiler. */
  private TypeMirror plainType(TypeMirror type) {
    if (type instanceof DeclaredType declared
        && declared.asElement() instanceof TypeElement element) {
      TypeMirror[] arguments =
          declared.getTypeArguments().stream().map(this::plainType).toArray(TypeMirror[]::new);
      return types.getDeclaredType(element, arguments);
    }
    return type;
  }

  private ValueKind unsupported(TypeMirror type, String problem) {
    return new Unsupported(text(type), problem);
  }

  /** A type without its annotations. */
  TypeText text(TypeMirror type) {
    if (type instanceof DeclaredType declared
        && declared.asElement() instanceof TypeElement element) {
      return new TypeText(
          element.getQualifiedName().toString(),
          declared.getTypeArguments().stream().map(this::text).toList());
    }
    if (type instanceof ArrayType array) {
      return TypeText.of(text(array.getComponentType()).simple() + "[]");
    }
    return type.getKind().isPrimitive()
        ? TypeText.of(type.getKind().name().toLowerCase(Locale.ROOT))
        : TypeText.of(type.toString());
  }

  Elements elements() {
    return elements;
  }
}
