package dev.millrace.server.shape;

import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Says which shapes have to go when there are more than {@code maxShapes}: those that nobody has
 * used for longest. Shapes that somebody waits for, or whose snapshot is still being taken, stay;
 * so do those used a moment ago, whose client may be between two requests. A few go at a time, so
 * that their clients do not all come back at once.
 */
record ShapeExpiry(int maxShapes) {

  /** How many go at a time. */
  static final int MOST_AT_ONCE = 20;

  /** How long a shape counts as in use after a request. */
  static final Duration IN_USE = Duration.ofSeconds(1);

  boolean isExceeded(int shapes) {
    return shapes > maxShapes;
  }

  /** Which of {@code shapes} have to go now, at {@code now} in milliseconds since 1970. */
  List<Shape> surplus(Collection<Shape> shapes, long now) {
    if (!isExceeded(shapes.size())) {
      return List.of();
    }
    long idleSince = now - IN_USE.toMillis();
    return shapes.stream()
        .filter(shape -> shape.usedAt() <= idleSince)
        .filter(shape -> shape.snapshot().isFinished() && !shape.hasReaders())
        .sorted(Comparator.comparingLong(Shape::usedAt))
        .limit(Math.min(MOST_AT_ONCE, shapes.size() - maxShapes))
        .toList();
  }
}
