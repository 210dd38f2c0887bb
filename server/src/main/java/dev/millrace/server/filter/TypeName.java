package dev.millrace.server.filter;

import java.util.List;

/**
 * A type as a canonical expression names it.
 *
 * @param name without modifiers and brackets, such as {@code character varying} or {@code
 *     public.mood}; quoted where SQL wants that
 * @param modifiers of {@code numeric(10,2)} the two numbers
 */
public record TypeName(String name, List<Integer> modifiers, boolean isArray) {

  public TypeName {
    modifiers = List.copyOf(modifiers);
  }

  /** A type without modifiers. */
  public static TypeName of(String name) {
    return new TypeName(name, List.of(), false);
  }

  /** As SQL, without modifiers. */
  String sql() {
    return isArray ? name + "[]" : name;
  }
}
