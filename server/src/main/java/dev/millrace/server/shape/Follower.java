package dev.millrace.server.shape;

import dev.millrace.server.filter.CompiledFilter;
import dev.millrace.server.filter.FilterRow;
import org.jspecify.annotations.Nullable;

/**
 * A shape among those of its table, and what the change at hand means to it. Guarded by the
 * router's lock.
 */
final class Follower {

  private final Shape shape;
  private final MessageEncoder encoder;
  private final @Nullable CompiledFilter filter;
  private final @Nullable Undecided undecided;
  private final boolean isFoundExactly;

  // The last changes of which the shape has the row before, has the row after, and is listed.
  private long hadOld;
  private long hasNew;
  private long listed;

  private @Nullable RuntimeException failure;

  /**
   * @param undecided where its changes are set aside; null if it is known at once what they mean
   */
  Follower(
      Shape shape,
      MessageEncoder encoder,
      @Nullable CompiledFilter filter,
      @Nullable Undecided undecided) {
    this.shape = shape;
    this.encoder = encoder;
    this.filter = filter;
    this.isFoundExactly = filter != null && filter.isRequirementAll();
    this.undecided = undecided;
  }

  Shape shape() {
    return shape;
  }

  MessageEncoder encoder() {
    return encoder;
  }

  @Nullable CompiledFilter filter() {
    return filter;
  }

  @Nullable Undecided undecided() {
    return undecided;
  }

  boolean isFiltered() {
    return filter != null;
  }

  /** Whether the row before {@code change} is in the shape. */
  boolean hadOld(long change) {
    return filter == null || hadOld == change;
  }

  /** Whether the row after {@code change} is in the shape. */
  boolean hasNew(long change) {
    return filter == null || hasNew == change;
  }

  /** Whether the shape has every row that its filter was found by. */
  boolean isFoundExactly() {
    return isFoundExactly;
  }

  /**
   * Looks at the row before {@code change}; true if that puts the shape on the list.
   *
   * @param isKnown whether the shape is known to have the row
   */
  boolean lookAtOld(FilterRow row, long change, boolean isKnown) {
    if (!isKnown && !mayHave(row)) {
      return false;
    }
    hadOld = change;
    return list(change);
  }

  /** The same of the row after {@code change}. */
  boolean lookAtNew(FilterRow row, long change, boolean isKnown) {
    if (!isKnown && !mayHave(row)) {
      return false;
    }
    hasNew = change;
    return list(change);
  }

  /** A filter that fails, by a fault of ours, concerns its shape alone: it is listed, and ended. */
  private boolean mayHave(FilterRow row) {
    try {
      return filter == null || filter.mayMatch(row);
    } catch (RuntimeException e) {
      failure = e;
      return true;
    }
  }

  /**
   * Goes on only if the filter could be asked.
   *
   * @throws RuntimeException why it could not
   */
  void requireAnswer() {
    if (failure != null) {
      throw failure;
    }
  }

  private boolean list(long change) {
    boolean isFirst = listed != change;
    listed = change;
    return isFirst;
  }
}
