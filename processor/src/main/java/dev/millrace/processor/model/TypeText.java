package dev.millrace.processor.model;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A type as a source names it.
 *
 * @param name qualified, without arguments
 */
public record TypeText(String name, List<TypeText> arguments) {

  public TypeText {
    arguments = List.copyOf(arguments);
  }

  public static TypeText of(String name, TypeText... arguments) {
    return new TypeText(name, List.of(arguments));
  }

  /** Without packages, as a person reads it. */
  public String simple() {
    String last = name.substring(name.lastIndexOf('.') + 1);
    return arguments.isEmpty()
        ? last
        : arguments.stream()
            .map(TypeText::simple)
            .collect(Collectors.joining(", ", last + "<", ">"));
  }
}
