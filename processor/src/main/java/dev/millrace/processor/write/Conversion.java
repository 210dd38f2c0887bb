package dev.millrace.processor.write;

import dev.millrace.processor.model.EntityModel;
import dev.millrace.processor.model.Names;
import dev.millrace.processor.model.Scalar;
import dev.millrace.processor.model.TypeText;
import dev.millrace.processor.model.ValueKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How values of a kind become what is stored and back, as expressions; with the methods and
 * constants that those need, each once. One entity, one thread.
 */
final class Conversion {

  /** Functions in Java. */
  record Functions(String store, String load) {}

  private final EntityModel entity;
  private final Map<TypeText, String> enums = new LinkedHashMap<>();
  private final Map<TypeText, String> converters = new LinkedHashMap<>();
  private final List<ValueKind.Constants> constants = new ArrayList<>();

  Conversion(EntityModel entity) {
    this.entity = entity;
  }

  /** The type of what is stored, as {@code ColumnType.javaClass} says. */
  static TypeText storedType(ValueKind kind) {
    TypeText scalar = TypeText.of(kind.stored().javaName());
    return kind.isArray() ? TypeText.of("java.util.List", scalar) : scalar;
  }

  /** The declaration of a column of that kind: its type, a space, and what makes it. */
  String column(String modifiers, String constant, String name, ValueKind kind) {
    String quoted = SourceText.quoted(name);
    String type = Library.type(kind.javaType());
    String stored = Library.scalar(kind.stored());
    if (kind.isArray()) {
      stored = "new " + Library.ARRAY + "(" + stored + ")";
    }
    boolean isPlain =
        switch (kind) {
          case ValueKind.Plain(Scalar scalar) -> scalar.isComparable();
          case ValueKind.Many(ValueKind item, boolean isSet) ->
              item instanceof ValueKind.Plain && !isSet;
          default -> false;
        };
    if (isPlain) {
      return "%s%s<%s> %s = new %s<>(%s, %s);"
          .formatted(modifiers, Library.COLUMN, type, constant, Library.COLUMN, quoted, stored);
    }
    Functions functions = functions(kind);
    String holder = kind.stored().isComparable() ? Library.MAPPED : Library.OPAQUE;
    return "%s%s<%s> %s = %s.<%s, %s>of(%s, %s, %s, %s);"
        .formatted(
            modifiers,
            holder,
            type,
            constant,
            holder,
            type,
            Library.type(storedType(kind)),
            quoted,
            stored,
            functions.store(),
            functions.load());
  }

  private Functions functions(ValueKind kind) {
    return switch (kind) {
      case ValueKind.Plain unused -> new Functions("value -> value", "value -> value");
      case ValueKind.SmallInt unused -> new Functions("Short::intValue", "Integer::shortValue");
      case ValueKind.Constants named -> {
        String name = enumeration(named);
        String home = entity.columnsClass();
        yield new Functions(
            home + "::labelOf" + name, home + "::" + Names.decapitalized(name) + "Of");
      }
      case ValueKind.Nested(TypeText type) -> {
        String fields = entity.nested(type).fieldsClass();
        yield new Functions(fields + "::write", fields + "::read");
      }
      case ValueKind.Custom custom -> {
        String constant = converter(custom);
        yield new Functions(constant + "::toColumn", constant + "::fromColumn");
      }
      case ValueKind.Many many -> many(many);
      case ValueKind.Unsupported unused ->
          throw new IllegalStateException("written though it is not valid");
    };
  }

  private Functions many(ValueKind.Many many) {
    if (many.item() instanceof ValueKind.Plain) {
      return new Functions("«java.util.ArrayList»::new", Library.READ + "::set");
    }
    Functions item = functions(many.item());
    if (!many.isArray()) {
      return new Functions(
          "values -> %s.list(values, %s)".formatted(Library.WRITE, item.store()),
          "json -> %s.list(json, %s)".formatted(Library.READ, item.load()));
    }
    String store = "values -> values.stream().map(%s).toList()".formatted(item.store());
    String load = "values.stream().map(%s).toList()".formatted(item.load());
    return new Functions(
        store,
        many.isSet() ? "values -> %s.set(%s)".formatted(Library.READ, load) : "values -> " + load);
  }

  private String enumeration(ValueKind.Constants named) {
    String known = enums.get(named.javaType());
    if (known != null) {
      return known;
    }
    String name = unused(named.javaType().simple(), enums);
    enums.put(named.javaType(), name);
    constants.add(named);
    return name;
  }

  private String converter(ValueKind.Custom custom) {
    String known = converters.get(custom.converter());
    if (known != null) {
      return known;
    }
    String simple = Names.upperSnake(custom.converter().simple().replaceAll("<.*", ""));
    // A column may be called so too.
    boolean isColumn =
        entity.columns().stream().anyMatch(column -> column.constant().equals(simple));
    String name = unused(isColumn ? simple + "_CONVERTER" : simple, converters);
    converters.put(custom.converter(), name);
    return name;
  }

  private static String unused(String name, Map<TypeText, String> names) {
    String free = name;
    for (int i = 2; names.containsValue(free); i++) {
      free = name + i;
    }
    return free;
  }

  /** The converters that columns need, one instance each. */
  String converterConstants() {
    StringBuilder text = new StringBuilder();
    converters.forEach((type, name) ->
        text.append(
            "  private static final %s %s = new %s();\n"
                .formatted(Library.type(type), name, Library.type(type))));
    return text.isEmpty() ? "" : text + "\n";
  }

  /** The methods that columns of enums need. */
  String enumMethods() {
    StringBuilder text = new StringBuilder();
    for (ValueKind.Constants named : constants) {
      String name = enums.get(named.javaType());
      String type = Library.type(named.javaType());
      StringBuilder labels = new StringBuilder();
      StringBuilder back = new StringBuilder();
      for (ValueKind.Constants.Constant constant : named.constants()) {
        String label = SourceText.quoted(constant.label());
        labels.append("      case %s -> %s;\n".formatted(constant.name(), label));
        back.append("      case %s -> %s.%s;\n".formatted(label, type, constant.name()));
      }
      text.append(
          """

            private static String labelOf%1$s(%2$s constant) {
              return switch (constant) {
          %3$s    };
            }

            private static %2$s %4$sOf(String label) {
              return switch (label) {
          %5$s      default -> throw %6$s.noConstant("%7$s", label);
              };
            }
          """
              .formatted(
                  name,
                  type,
                  labels,
                  Names.decapitalized(String.valueOf(name)),
                  back,
                  Library.READ,
                  named.javaType().simple()));
    }
    return text.toString();
  }
}
