package dev.millrace.processor.model;

import java.util.List;

/** How the values of a component are stored. Nothing here is null: that is the column's affair. */
public sealed interface ValueKind {

  /** As the application has them, boxed. */
  TypeText javaType();

  /** A type that the store knows. */
  record Plain(Scalar scalar) implements ValueKind {

    @Override
    public TypeText javaType() {
      return TypeText.of(scalar.javaName());
    }
  }

  /** A short, which is stored as an int. */
  record SmallInt() implements ValueKind {

    @Override
    public TypeText javaType() {
      return TypeText.of("java.lang.Short");
    }
  }

  /** An enum, stored as a text for each constant. */
  record Constants(TypeText javaType, List<Constant> constants) implements ValueKind {

    /** A constant and what is stored for it. */
    public record Constant(String name, String label) {}

    public Constants {
      constants = List.copyOf(constants);
    }
  }

  /** A record within, stored as a JSON object. Its fields are those of the model's record. */
  record Nested(TypeText javaType) implements ValueKind {}

  /** A list, or a set. */
  record Many(ValueKind item, boolean isSet) implements ValueKind {

    @Override
    public TypeText javaType() {
      return TypeText.of(isSet ? "java.util.Set" : "java.util.List", item.javaType());
    }
  }

  /** Values that a converter of the application's makes into such as the store knows. */
  record Custom(TypeText javaType, TypeText converter, Scalar stored) implements ValueKind {}

  /** Nothing that can be stored, and what could be instead. */
  record Unsupported(TypeText javaType, String problem) implements ValueKind {}

  /** What it is stored as. */
  default Scalar stored() {
    return switch (this) {
      case Plain(Scalar scalar) -> scalar;
      case SmallInt unused -> Scalar.INT2;
      case Constants unused -> Scalar.TEXT;
      case Nested unused -> Scalar.JSON;
      case Many many -> many.item().stored();
      case Custom custom -> custom.stored();
      case Unsupported unused -> Scalar.TEXT;
    };
  }

  /** Whether it is an array on the server; lists of records are JSON arrays. */
  default boolean isArray() {
    return this instanceof Many many && many.item().stored() != Scalar.JSON;
  }
}
