package dev.millrace.server.shape;

import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.WeakHashMap;

/** Gives equal projections one object, as long as somebody has it. Any thread. */
final class Projections {

  private final Map<Projection, WeakReference<Projection>> known = new WeakHashMap<>();

  /** A definition equal in every word to the given one, whose projection is the one all share. */
  ShapeDefinition sharing(ShapeDefinition definition) {
    return new ShapeDefinition(
        shared(definition.projection()),
        definition.filter(),
        definition.asked(),
        definition.basis(),
        definition.dependencies().stream().map(this::sharing).toList());
  }

  private synchronized Projection shared(Projection projection) {
    WeakReference<Projection> reference = known.get(projection);
    Projection shared = reference == null ? null : reference.get();
    if (shared == null) {
      shared = projection;
      known.put(shared, new WeakReference<>(shared));
    }
    return shared;
  }
}
