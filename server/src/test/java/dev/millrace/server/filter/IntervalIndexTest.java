package dev.millrace.server.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IntervalIndexTest {

  private record Interval(long low, long high, int number) {

    boolean contains(long point) {
      return low <= point && point <= high;
    }
  }

  @Test
  void itFindsWhatLookingAtAllFinds() {
    for (long seed = 1; seed <= 20; seed++) {
      Random random = new Random(seed);
      IntervalIndex<Interval> index = new IntervalIndex<>();
      List<Interval> all = new ArrayList<>();
      for (int step = 0; step < 600; step++) {
        if (all.isEmpty() || random.nextInt(3) > 0) {
          Interval added = interval(random, step);
          all.add(added);
          index.add(added.low, added.high, added);
        } else {
          Interval removed = all.remove(random.nextInt(all.size()));
          index.remove(removed.low, removed.high, removed);
        }
        long point = point(random);
        List<Interval> found = new ArrayList<>();
        index.find(point, found);
        assertThat(found)
            .as("seed %d, step %d", seed, step)
            .containsExactlyInAnyOrderElementsOf(
                all.stream().filter(interval -> interval.contains(point)).toList());
      }
      assertThat(index.isEmpty()).isEqualTo(all.isEmpty());
    }
  }

  private static Interval interval(Random random, int number) {
    long a = point(random);
    long b = point(random);
    return new Interval(Math.min(a, b), Math.max(a, b), number);
  }

  /** Few different ones, so that bounds are equal often. */
  private static long point(Random random) {
    return switch (random.nextInt(20)) {
      case 0 -> Long.MIN_VALUE;
      case 1 -> Long.MAX_VALUE;
      default -> random.nextInt(30);
    };
  }
}
