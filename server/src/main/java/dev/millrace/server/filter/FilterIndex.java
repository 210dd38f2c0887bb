package dev.millrace.server.filter;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the filters that a row may meet by a value that they require: a filter that says {@code
 * owner_id = 'a'} among others is asked only about rows with that owner. What it costs to find them
 * does not depend on how many others there are. One thread at a time.
 *
 * <p>A filter is entered once for each value of one {@link Requirement}, under the bytes of the
 * value's text, so that looking a row up takes a hash of the bytes it came with.
 */
public final class FilterIndex<T> {

  /** The entries that require something of the same column in the same way. */
  private final Map<Requirement.Place, Values<T>> places = new HashMap<>();

  private final List<Values<T>> inOrder = new ArrayList<>();
  private final KeyText probe = new KeyText();

  private static final class Values<T> {

    private final Requirement.Place place;
    private final Map<KeyText, List<T>> byValue = new HashMap<>();
    private final IntervalIndex<T> intervals = new IntervalIndex<>();

    Values(Requirement.Place place) {
      this.place = place;
    }

    boolean isEmpty() {
      return byValue.isEmpty() && intervals.isEmpty();
    }
  }

  /** Enters a filter; false if it requires nothing that it could be found by. */
  public boolean add(CompiledFilter filter, T value) {
    Requirement requirement = filter.requirement();
    if (requirement == null) {
      return false;
    }
    requirement.alternatives().forEach(one -> add(one, value));
    return true;
  }

  private void add(Requirement.Single requirement, T value) {
    Values<T> values = places.get(requirement.place());
    if (values == null) {
      values = new Values<>(requirement.place());
      places.put(requirement.place(), values);
      inOrder.add(values);
    }
    switch (requirement) {
      case Requirement.Within(var place, long low, long high) ->
          values.intervals.add(low, high, value);
      case Requirement.OneOf(var place, var keys) -> {
        for (KeyText key : keys) {
          values.byValue.merge(key, List.of(value), (present, one) -> with(present, value));
        }
      }
    }
  }

  /** Most lists have one element, and a list of one costs least. */
  private static <T> List<T> with(List<T> present, T value) {
    List<T> more = present.size() == 1 ? new ArrayList<>(present) : present;
    more.add(value);
    return more;
  }

  /** Undoes {@link #add}; false if that entered nothing. */
  public boolean remove(CompiledFilter filter, T value) {
    Requirement requirement = filter.requirement();
    if (requirement == null) {
      return false;
    }
    requirement.alternatives().forEach(one -> remove(one, value));
    return true;
  }

  private void remove(Requirement.Single requirement, T value) {
    Values<T> values = places.get(requirement.place());
    if (values == null) {
      return;
    }
    switch (requirement) {
      case Requirement.Within(var place, long low, long high) ->
          values.intervals.remove(low, high, value);
      case Requirement.OneOf(var place, var keys) -> {
        for (KeyText key : keys) {
          values.byValue.computeIfPresent(key, (k, present) -> without(present, value));
        }
      }
    }
    if (values.isEmpty()) {
      places.remove(requirement.place());
      inOrder.remove(values);
    }
  }

  private static <T> @Nullable List<T> without(List<T> present, T value) {
    if (present.size() == 1) {
      return present.getFirst().equals(value) ? null : present;
    }
    present.remove(value);
    return present.size() == 1 ? List.of(present.getFirst()) : present;
  }

  /** Adds to {@code found} what may be met by {@code row}, some of it perhaps more than once. */
  public void find(FilterRow row, List<T> found) {
    for (int i = 0; i < inOrder.size(); i++) {
      find(inOrder.get(i), row, found);
    }
  }

  private void find(Values<T> values, FilterRow row, List<T> found) {
    if (values.place.form() == Requirement.Form.NUMBER) {
      Long number = values.place.number(row);
      if (number != null) {
        values.intervals.find(number, found);
      }
      return;
    }
    values.place.forEachValue(
        row,
        probe,
        () -> {
          List<T> present = values.byValue.get(probe);
          if (present != null) {
            found.addAll(present);
          }
        });
  }
}
