package dev.millrace.server.shape;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HoldsTest {

  private final Holds holds = new Holds();

  @Test
  void whatIsDurableMayBeForgottenWhileNothingIsHeld() {
    assertThat(holds.confirmable(100, 0)).isEqualTo(100);
  }

  @Test
  void nothingAfterTheOldestUndecidedTransactionMayBeForgotten() {
    holds.open(50, 40);
    holds.open(70, 60);
    holds.close(70, 1);

    assertThat(holds.confirmable(100, 1)).isEqualTo(40);
    assertThat(holds.confirmable(30, 1)).isEqualTo(30);
  }

  @Test
  void aTransactionIsHeldUntilItIsDecidedForAllItsShapes() {
    holds.open(50, 40);
    holds.open(50, 40);
    holds.close(50, 1);
    assertThat(holds.confirmable(100, 1)).isEqualTo(40);

    holds.close(50, 1);

    assertThat(holds.confirmable(100, 1)).isEqualTo(100);
  }

  @Test
  void whatWasDecidedIsHeldUntilItIsOnDisk() {
    holds.open(50, 40);
    holds.close(50, 7);

    assertThat(holds.confirmable(100, 6)).isEqualTo(40);
    assertThat(holds.confirmable(100, 7)).isEqualTo(100);
  }

  @Test
  void whileTheStreamRepeatsItselfNothingFromThereOnMayBeForgotten() {
    holds.open(50, 40);
    holds.rewind(35);
    assertThat(holds.confirmable(100, 9)).isEqualTo(35);

    holds.open(50, 45);
    holds.reached();

    assertThat(holds.confirmable(100, 9)).isEqualTo(45);
  }
}
