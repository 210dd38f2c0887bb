package dev.millrace.server.shape;

import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Says which shapes have to go. A superseded one goes when nobody has used it for ten minutes. When
 * there are more than {@code maxShapes}, superseded ones go in any case, then those that nobody has
 * used for longest; but shapes that somebody waits for, or whose snapshot is still being taken,
 * stay, and so do those used a moment ago, whose client may be between two requests. A few go at a
 * time, so that their clients do not all come back at once.
 */
record ShapeExpiry(int maxShapes) {

  /** How many go at a time. */
  static final int MOST_AT_ONCE = 20;

  /** How long a shape counts as in use after a request. */
  static final Duration IN_USE = Duration.ofSeconds(1);

  /** How long a superseded shape is kept for clients that may come back to it. */
  static final Duration SUPERSEDED_IDLE = Duration.ofMinutes(10);

  private static final Comparator<Shape> WORTH =
      Comparator.comparing((Shape shape) -> !shape.isSuperseded()).thenComparingLong(Shape::usedAt);

  boolean isExceeded(int shapes) {
    return shapes > maxShapes;
  }

  /** Which of {@code shapes} have to go now, at {@code now} in milliseconds since 1970. */
  List<Shape> surplus(Collection<Shape> shapes, long now) {
    if (!isExceeded(shapes.size())) {
      return List.of();
    }
    return shapes.stream()
        .filter(shape -> shape.isSuperseded() || isIdle(shape, now - IN_USE.toMillis()))
        .sorted(WORTH)
        .limit(Math.min(MOST_AT_ONCE, shapes.size() - maxShapes))
        .toList();
  }

  /** Which of {@code shapes} nobody will miss, at most a few. */
  List<Shape> unusedSuperseded(Collection<Shape> shapes, long now) {
    long idleSince = now - SUPERSEDED_IDLE.toMillis();
    return shapes.stream()
        .filter(shape -> shape.isSuperseded() && shape.supersededAt() <= idleSince)
        .filter(shape -> isIdle(shape, idleSince))
        .limit(MOST_AT_ONCE)
        .toList();
  }

  private static boolean isIdle(Shape shape, long since) {
    return shape.usedAt() <= since && shape.snapshot().isFinished() && !shape.hasReaders();
  }
}
