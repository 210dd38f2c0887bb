package dev.millrace.server.filter.value;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All functions and operators that we compute as Postgres does. What is not found here, Postgres
 * has to compute. Immutable once made; any thread.
 */
public final class Functions {

  private final int serverVersion;
  private final Map<String, List<Function>> byName = new HashMap<>();

  private Functions(int serverVersion) {
    this.serverVersion = serverVersion;
  }

  /** As that version of Postgres has them, such as 180006. */
  public static Functions of(int serverVersion) {
    Functions functions = new Functions(serverVersion);
    Comparisons.addTo(functions);
    NumberFunctions.addTo(functions);
    TextFunctions.addTo(functions);
    Patterns.addTo(functions);
    DateFunctions.addTo(functions);
    DateFields.addTo(functions);
    ArrayFunctions.addTo(functions);
    JsonFunctions.addTo(functions);
    return functions;
  }

  int serverVersion() {
    return serverVersion;
  }

  /** What a call computes, and what it gives. */
  public record Resolved(Type result, boolean isStrict, Routine routine) {}

  /** The function that a call of that name means, if we have it and can compute this call of it. */
  public Optional<Resolved> resolve(String name, CallSite site) {
    for (Function function : byName.getOrDefault(name, List.of())) {
      if (function.accepts(site.types())) {
        Routine routine = function.maker().make(site);
        return Optional.ofNullable(routine)
            .map(it -> new Resolved(function.result(site.types()), function.isStrict(), it));
      }
    }
    return Optional.empty();
  }

  /** Whether there is a function of that name for arguments of exactly these types. */
  public boolean has(String name, List<Type> types) {
    return byName.getOrDefault(name, List.of()).stream().anyMatch(it -> it.accepts(types));
  }

  /** Adds one whose result depends on its arguments alone. */
  void add(String signature, Routine routine) {
    make(signature, site -> routine);
  }

  /** Adds one that may depend on more, or refuse some calls. */
  void make(String signature, Function.Maker maker) {
    add(signature, true, maker);
  }

  /** Adds one that is called with NULLs. */
  void lenient(String signature, Function.Maker maker) {
    add(signature, false, maker);
  }

  /** Signatures look like {@code substr(text,int4) text}. */
  private void add(String signature, boolean isStrict, Function.Maker maker) {
    int open = signature.indexOf('(');
    int close = signature.indexOf(')', open);
    String name = signature.substring(0, open);
    List<Type> arguments =
        Arrays.stream(signature.substring(open + 1, close).split(",", -1))
            .map(Type::named)
            .toList();
    Type result = Type.named(signature.substring(close + 2));
    byName
        .computeIfAbsent(name, key -> new ArrayList<>())
        .add(new Function(name, arguments, result, isStrict, maker));
  }

  static Object value(@Nullable Object[] arguments, int place) {
    Object value = arguments[place];
    if (value == null) {
      throw new IllegalStateException("a NULL was handed to a strict function");
    }
    return value;
  }

  static String text(@Nullable Object[] arguments, int place) {
    return (String) value(arguments, place);
  }

  static long integer(@Nullable Object[] arguments, int place) {
    return (Long) value(arguments, place);
  }

  static double number(@Nullable Object[] arguments, int place) {
    return ((Number) value(arguments, place)).doubleValue();
  }

  static Numeric numeric(@Nullable Object[] arguments, int place) {
    return (Numeric) value(arguments, place);
  }

  static ArrayValue array(@Nullable Object[] arguments, int place) {
    return (ArrayValue) value(arguments, place);
  }
}
