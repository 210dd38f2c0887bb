package dev.millrace.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OffsetTest {

  @Test
  void everyOffsetReadsBackFromItsText() {
    Random random = new Random(1);
    for (int i = 0; i < 10_000; i++) {
      long op = i % 7 == 0 ? Offset.INFINITE_OP : random.nextLong() >>> (1 + random.nextInt(62));
      Offset offset = new Offset(random.nextLong() >>> (1 + random.nextInt(62)), op);

      assertThat(Offset.parse(offset.toString())).contains(offset);
    }
    assertThat(Offset.parse("-1")).contains(Offset.BEFORE_ALL);
  }

  @Test
  void leadingZerosAreTolerated() {
    assertThat(Offset.parse("0_02")).contains(new Offset(0, 2));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "_",
        "1_",
        "_1",
        "-2",
        "-1_0",
        "1_-1",
        "1_2_3",
        "+1_2",
        "1_Inf",
        "inf_1",
        " 1_2",
        "now",
        "99999999999999999999_0",
        "0_99999999999999999999",
        "١_٢"
      })
  void whatIsNoOffsetDoesNotParse(String text) {
    assertThat(Offset.parse(text)).isEqualTo(Optional.empty());
  }

  @Test
  void offsetsAreOrderedByTransactionThenPosition() {
    assertThat(Offset.BEFORE_ALL).isLessThan(Offset.snapshotChunk(0));
    assertThat(Offset.snapshotChunk(7)).isLessThan(Offset.snapshotChunk(10));
    assertThat(Offset.snapshotChunk(10)).isLessThan(Offset.SNAPSHOT_END);
    assertThat(Offset.SNAPSHOT_END).isLessThan(new Offset(1, 0));
    assertThat(new Offset(9, 4)).isLessThan(new Offset(10, 0));
    assertThat(new Offset(10, 4)).isLessThan(Offset.afterTransaction(10));
  }

  @Test
  void onlyTheBeginningIsBeforeZero() {
    assertThatThrownBy(() -> new Offset(-1, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Offset(0, -1)).isInstanceOf(IllegalArgumentException.class);
  }
}
