package dev.millrace.server.shape;

import dev.millrace.protocol.ShapeHandle;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Which shapes there are: by handle all of them, by definition the one that new clients get. Any
 * thread.
 */
final class ShapeRegistry {

  private final Map<ShapeHandle, Shape> byHandle = new ConcurrentHashMap<>();

  /** Written under the lock of this. */
  private final Map<ShapeDefinition, Shape> byDefinition = new ConcurrentHashMap<>();

  private final Audiences audiences = new Audiences();

  int count() {
    return byHandle.size();
  }

  /** All shapes, as they come and go. */
  Collection<Shape> all() {
    return Collections.unmodifiableCollection(byHandle.values());
  }

  /** For whom there are shapes. */
  Audiences audiences() {
    return audiences;
  }

  Optional<Shape> find(ShapeHandle handle) {
    return Optional.ofNullable(byHandle.get(handle));
  }

  /** The shape of that definition; one that is just being dropped does not count any more. */
  Optional<Shape> find(ShapeDefinition definition) {
    return Optional.ofNullable(byDefinition.get(definition)).filter(shape -> !shape.isDropped());
  }

  /**
   * A shape of a definition.
   *
   * @param isNew whether nobody else has been given it before
   */
  record Found(Shape shape, boolean isNew) {}

  /** The shape of that definition, or what {@code create} makes if there is none. */
  synchronized Found findOrAdd(
      ShapeDefinition definition, Function<ShapeDefinition, Shape> create) {
    Optional<Shape> found = find(definition);
    if (found.isPresent()) {
      return new Found(found.get(), false);
    }
    Shape created = create.apply(definition);
    addSuccessor(created);
    byDefinition.put(definition, created);
    return new Found(created, true);
  }

  /** Adds a shape that is found by its handle only, until {@link #makeCurrent}. */
  void addSuccessor(Shape shape) {
    audiences.add(shape.definition());
    byHandle.put(shape.handle(), shape);
  }

  /** Gives {@code shape} to new clients from {@code now} on, instead of the one before it. */
  synchronized void makeCurrent(Shape shape, long now) {
    Shape before = byDefinition.put(shape.definition(), shape);
    if (before != null) {
      before.supersede(now);
    }
    if (shape.isDropped()) {
      byDefinition.remove(shape.definition(), shape);
    }
  }

  /** Shapes of that definition that new clients do not get, in the order they were made in. */
  List<Shape> superseded(ShapeDefinition definition) {
    return byHandle.values().stream()
        .filter(shape -> shape.isSuperseded() && shape.definition().equals(definition))
        .sorted(Shape.BY_AGE)
        .toList();
  }

  /** Forgets a shape that was dropped; false if it was forgotten before. */
  boolean remove(Shape shape) {
    if (!byHandle.remove(shape.handle(), shape)) {
      return false;
    }
    audiences.remove(shape.definition());
    byDefinition.remove(shape.definition(), shape);
    return true;
  }
}
