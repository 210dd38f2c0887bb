package dev.millrace.server.filter.value;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a call before there are rows.
 *
 * @param types of the arguments
 * @param constants of the arguments; null for what is no constant, or is NULL
 * @param collation derived from the arguments
 */
public record CallSite(List<Type> types, List<@Nullable Object> constants, Collation collation) {

  /** The element type of the first argument that is an array. */
  Type element() {
    return types.stream().filter(Type::isArray).findFirst().orElseThrow().element();
  }

  @Nullable String constantText(int argument) {
    return constants.get(argument) instanceof String text ? text : null;
  }

  /** Whether the argument is a constant number of at most this size. */
  boolean isSmall(int argument, long most) {
    return constants.get(argument) instanceof Long number && number <= most;
  }
}
