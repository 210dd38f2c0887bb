package dev.millrace.server.shape;

import dev.millrace.server.policy.Audience;
import dev.millrace.server.policy.Scope;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * For whom there are shapes. There may be very many of them, and few answers to the question under
 * which policies they were made, which is asked all the time. Any thread.
 */
final class Audiences {

  /** Users of whom a policy says the same. */
  private record Kind(Scope scope, String version) {
    static Kind of(ShapeDefinition definition, Audience audience) {
      return new Kind(new Scope(definition.oid(), audience.role()), audience.version());
    }
  }

  /** How many shapes there are of each. */
  private final Map<Kind, Integer> counts = new ConcurrentHashMap<>();

  void add(ShapeDefinition definition) {
    definition
        .audience()
        .ifPresent(audience -> counts.merge(Kind.of(definition, audience), 1, Integer::sum));
  }

  /** Undoes {@link #add}. */
  void remove(ShapeDefinition definition) {
    definition
        .audience()
        .ifPresent(audience ->
            counts.computeIfPresent(
                Kind.of(definition, audience),
                (kind, count) -> count == 1 ? null : Integer.valueOf(count - 1)));
  }

  Set<Scope> scopes() {
    return counts.keySet().stream().map(Kind::scope).collect(Collectors.toSet());
  }

  /** Whether there are shapes under another version than the one that is known of their scope. */
  boolean areOutdated(Map<Scope, String> versions) {
    return counts.keySet().stream()
        .anyMatch(
            kind -> !kind.version().equals(versions.getOrDefault(kind.scope(), kind.version())));
  }
}
