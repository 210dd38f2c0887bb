package dev.millrace.examples.library.desktop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RowsChangeTest {

  @Test
  void onlyTheRowsBetweenEqualOnesChange() {
    assertThat(RowsChange.between(List.of(1, 2, 3, 4), List.of(1, 9, 4)))
        .isEqualTo(new RowsChange(1, 2, 1));
    assertThat(RowsChange.between(List.of(1, 2), List.of(1, 2))).isEqualTo(new RowsChange(2, 0, 0));
    assertThat(RowsChange.between(List.of(), List.of(1))).isEqualTo(new RowsChange(0, 0, 1));
    assertThat(RowsChange.between(List.of(1, 1), List.of(1))).isEqualTo(new RowsChange(1, 1, 0));
  }

  @Test
  void appliedToTheFirstListItGivesTheSecond() {
    Random random = new Random(9);
    for (int round = 0; round < 1000; round++) {
      List<Integer> before = numbers(random);
      List<Integer> after = numbers(random);

      RowsChange change = RowsChange.between(before, after);

      List<Integer> changed = new ArrayList<>(before);
      changed.subList(change.from(), change.from() + change.removed()).clear();
      changed.addAll(change.from(), after.subList(change.from(), change.from() + change.added()));
      assertThat(changed).isEqualTo(after);
    }
  }

  private static List<Integer> numbers(Random random) {
    return random.ints(random.nextInt(6), 0, 3).boxed().toList();
  }
}
