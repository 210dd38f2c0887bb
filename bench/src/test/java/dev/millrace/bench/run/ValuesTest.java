package dev.millrace.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ValuesTest {

  @Test
  void theMedianLiesInTheMiddle() {
    assertThat(Values.of(DoubleStream.of(3, 1, 2)).median()).isEqualTo(2);
    assertThat(Values.of(DoubleStream.of(4, 1, 2, 3)).median()).isEqualTo(2.5);
  }

  @Test
  void aQuantileIsAValueThatWasMeasured() {
    Values hundred = Values.of(IntStream.rangeClosed(1, 100).asDoubleStream());

    assertThat(hundred.quantile(0.99)).isEqualTo(99);
    assertThat(hundred.quantile(1)).isEqualTo(100);
    assertThat(hundred.quantile(0)).isEqualTo(1);
  }
}
