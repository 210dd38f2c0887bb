package dev.millrace.server.shape;

import dev.millrace.server.filter.CompiledFilter;
import dev.millrace.server.filter.FilterIndex;
import dev.millrace.server.filter.FilterRow;
import dev.millrace.server.postgres.Column;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shapes of one table. Those that require a value are found by it, so that a change costs what
 * the shapes cost that it concerns, however many others there are. Guarded by the router's lock.
 */
final class TableShapes {

  private static final Logger log = LoggerFactory.getLogger(TableShapes.class);

  private final ShapeDefinition first;
  private final Delegation delegation;
  private final Map<Shape, Follower> followers = new LinkedHashMap<>();

  private final Set<Follower> unfiltered = new LinkedHashSet<>();

  /** Those with a filter that no value finds: every change is put to it. */
  private final Set<Follower> unindexed = new LinkedHashSet<>();

  /** Those that were there before a restart, until their filters are ready. */
  private final Set<Shape> unprepared = new LinkedHashSet<>();

  private final FilterIndex<Follower> index = new FilterIndex<>();

  /** One encoder for all shapes that show their rows in the same way. */
  private final Map<Projection.Identity, SharedEncoder> encoders = new HashMap<>();

  private int encodersMade;

  /** What shapes of other tables, or of this one, depend on here. */
  private final Map<Shape, List<Watch>> watches = new HashMap<>();

  private final FilterIndex<Watch> watchIndex = new FilterIndex<>();
  private final Set<Watch> unindexedWatches = new LinkedHashSet<>();
  private final Set<Column> watchedColumns = new HashSet<>();
  private final List<Watch> foundWatches = new ArrayList<>();

  // Of the change at hand.
  private final List<Follower> concerned = new ArrayList<>();
  private final List<Follower> found = new ArrayList<>();

  /** Whether those at hand were found by what they require. */
  private boolean isFound;

  private long change;

  /** An encoder, and how many shapes use it. */
  private static final class SharedEncoder {

    private final MessageEncoder encoder;
    private int users;

    SharedEncoder(Projection projection) {
      encoder = new MessageEncoder(projection);
    }
  }

  /** Of the table of that definition. */
  TableShapes(ShapeDefinition first, Delegation delegation) {
    this.first = first;
    this.delegation = delegation;
  }

  int oid() {
    return first.oid();
  }

  /** The table as its shapes know it. */
  ShapeDefinition table() {
    return first;
  }

  boolean isEmpty() {
    return followers.isEmpty() && watches.isEmpty();
  }

  boolean has(Shape shape) {
    return followers.containsKey(shape);
  }

  Collection<Shape> shapes() {
    return followers.keySet();
  }

  Collection<Follower> followers() {
    return followers.values();
  }

  /** The shapes that have not all rows. */
  List<Follower> filtered() {
    return followers.values().stream().filter(Follower::isFiltered).toList();
  }

  /** Changes whenever there is another encoder than before. */
  int encodersMade() {
    return encodersMade;
  }

  Collection<MessageEncoder> encoders() {
    return encoders.values().stream().map(shared -> shared.encoder).toList();
  }

  void add(Shape shape) {
    CompiledFilter filter = shape.filter();
    Undecided undecided = setAside(shape, filter);
    shape.undecided(undecided);
    Follower follower = new Follower(shape, encoderOf(shape.definition()), filter, undecided);
    followers.put(shape, follower);
    if (shape.definition().filter().isEmpty()) {
      unfiltered.add(follower);
    } else if (filter == null) {
      unprepared.add(shape);
    } else if (!index.add(filter, follower)) {
      unindexed.add(follower);
    }
  }

  private @Nullable Undecided setAside(Shape shape, @Nullable CompiledFilter filter) {
    return filter == null || filter.isNative()
        ? null
        : delegation.follow(shape, filter.delegated());
  }

  private MessageEncoder encoderOf(ShapeDefinition definition) {
    SharedEncoder shared =
        encoders.computeIfAbsent(
            definition.projection().identity(),
            identity -> {
              encodersMade++;
              return new SharedEncoder(definition.projection());
            });
    shared.users++;
    return shared.encoder;
  }

  void remove(Shape shape) {
    Follower follower = followers.remove(shape);
    if (follower == null) {
      return;
    }
    Undecided undecided = follower.undecided();
    if (undecided != null) {
      delegation.unfollow(undecided);
    }
    Projection.Identity identity = shape.definition().projection().identity();
    encoders.computeIfPresent(identity, (i, shared) -> --shared.users == 0 ? null : shared);
    CompiledFilter filter = follower.filter();
    if (filter == null) {
      unfiltered.remove(follower);
      unprepared.remove(shape);
    } else if (!index.remove(filter, follower)) {
      unindexed.remove(follower);
    }
  }

  /** From now on changes of what {@code watch} says are noticed. */
  void watch(Watch watch) {
    watches.computeIfAbsent(watch.shape(), shape -> new ArrayList<>(1)).add(watch);
    CompiledFilter filter = watch.filter();
    if (filter == null || !watchIndex.add(filter, watch)) {
      unindexedWatches.add(watch);
    }
    int known = watchedColumns.size();
    watchedColumns.addAll(watch.values().columns());
    watchedColumns.addAll(watch.values().projection().filterColumns());
    if (watchedColumns.size() > known) {
      encodersMade++;
    }
  }

  void unwatch(Shape shape) {
    for (Watch watch : watches.getOrDefault(shape, List.of())) {
      CompiledFilter filter = watch.filter();
      if (filter == null || !watchIndex.remove(filter, watch)) {
        unindexedWatches.remove(watch);
      }
    }
    watches.remove(shape);
  }

  /** The columns that have to be known for {@link #stirred}. */
  Set<Column> watchedColumns() {
    return watchedColumns;
  }

  /** All watches. */
  List<Watch> watches() {
    return watches.values().stream().flatMap(List::stream).toList();
  }

  /**
   * The shapes that may have other rows than before once a row here was {@code old} and is {@code
   * row}; comes after {@link #concerned} of the same change.
   */
  List<Shape> stirred(@Nullable FilterRow old, @Nullable FilterRow row) {
    if (watches.isEmpty()) {
      return List.of();
    }
    foundWatches.clear();
    try {
      if (old != null) {
        watchIndex.find(old, foundWatches);
      }
      if (row != null) {
        watchIndex.find(row, foundWatches);
      }
    } catch (RuntimeException e) {
      // A value that we cannot read: it may be anybody's.
      log.error("cannot find what depends on a row of {}", first.relation(), e);
      return watches().stream().map(Watch::shape).distinct().toList();
    }
    foundWatches.addAll(unindexedWatches);
    List<Shape> stirred = new ArrayList<>();
    for (Watch watch : foundWatches) {
      if (watch.look(change) && watch.isStirred(old, row)) {
        stirred.add(watch.shape());
      }
    }
    return stirred;
  }

  /** The shapes whose filters are not ready. */
  Set<Shape> unprepared() {
    return Set.copyOf(unprepared);
  }

  /** Takes up the filter of a shape that was added before it was ready. */
  void prepared(Shape shape) {
    if (unprepared.contains(shape)) {
      remove(shape);
      add(shape);
    }
  }

  /**
   * The shapes that have the row before a change or the row after it, and those without a filter.
   * {@link #hadOld} and {@link #hasNew} say which of the two; valid until the next call.
   *
   * @param old null if there is none
   */
  List<Follower> concerned(@Nullable FilterRow old, @Nullable FilterRow row) {
    change++;
    concerned.clear();
    concerned.addAll(unfiltered);
    if (old != null) {
      lookAtOld(candidates(old), old, isFound);
      lookAtOld(unindexed, old, false);
    }
    if (row != null) {
      lookAtNew(candidates(row), row, isFound);
      lookAtNew(unindexed, row, false);
    }
    return concerned;
  }

  private void lookAtOld(Collection<Follower> candidates, FilterRow old, boolean areFound) {
    for (Follower follower : candidates) {
      if (follower.lookAtOld(old, change, areFound && follower.isFoundExactly())) {
        concerned.add(follower);
      }
    }
  }

  private void lookAtNew(Collection<Follower> candidates, FilterRow row, boolean areFound) {
    for (Follower follower : candidates) {
      if (follower.lookAtNew(row, change, areFound && follower.isFoundExactly())) {
        concerned.add(follower);
      }
    }
  }

  private Collection<Follower> candidates(FilterRow row) {
    found.clear();
    isFound = false;
    try {
      index.find(row, found);
      isFound = true;
      return found;
    } catch (RuntimeException e) {
      // A value that we cannot read: each filter that wants it says so for itself.
      log.error("cannot find the shapes of a row of {} by its values", first.relation(), e);
      return filtered();
    }
  }

  boolean hadOld(Follower follower) {
    return follower.hadOld(change);
  }

  boolean hasNew(Follower follower) {
    return follower.hasNew(change);
  }
}
