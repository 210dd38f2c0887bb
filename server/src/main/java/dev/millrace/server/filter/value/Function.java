package dev.millrace.server.filter.value;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A function or operator of {@code pg_catalog} that we can compute.
 *
 * @param arguments types, some of which may stand for any
 * @param result the same
 * @param isStrict whether NULL among the arguments means NULL, without a call
 */
record Function(String name, List<Type> arguments, Type result, boolean isStrict, Maker maker) {

  /** Decides whether a certain call can be computed. */
  interface Maker {
    /** The routine for calls from that site; null if there is none that is exact. */
    @Nullable Routine make(CallSite site);
  }

  /** Whether the function takes arguments of exactly these types. */
  boolean accepts(List<Type> types) {
    if (types.size() != arguments.size()) {
      return false;
    }
    Type element = null;
    for (int i = 0; i < types.size(); i++) {
      Type actual = types.get(i);
      Type bound = element(arguments.get(i), actual);
      boolean isPolymorphic = bound != null;
      if (isPolymorphic && element != null && !element.equals(bound)) {
        return false;
      }
      element = isPolymorphic ? bound : element;
      if (!isPolymorphic && !matches(arguments.get(i), actual)) {
        return false;
      }
    }
    return true;
  }

  /** What the argument says that the element type is; null if nothing. */
  private static @Nullable Type element(Type declared, Type actual) {
    if (declared.equals(Type.ANY_ARRAY)) {
      return actual.isArray() ? actual.element() : null;
    }
    return declared.equals(Type.ANY_ELEMENT) ? actual : null;
  }

  private static boolean matches(Type declared, Type actual) {
    if (declared.equals(Type.ANY_ENUM)) {
      return actual.kind() == Type.Kind.ENUM;
    }
    return declared.equals(Type.ANY) ? !actual.isArray() : declared.equals(actual);
  }

  /** The type of the result for arguments of these types. */
  Type result(List<Type> types) {
    if (result.equals(Type.ANY_ARRAY)) {
      return types.stream().filter(Type::isArray).findFirst().orElseThrow();
    }
    return result;
  }
}
