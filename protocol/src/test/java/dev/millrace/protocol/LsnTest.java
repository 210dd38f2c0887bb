package dev.millrace.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LsnTest {

  @Test
  void readsAndWritesPostgresForm() {
    assertThat(Lsn.parse("16/B374D848").value()).isEqualTo(0x16_B374_D848L);
    assertThat(new Lsn(0x16_B374_D848L)).hasToString("16/B374D848");
    assertThat(new Lsn(0x16_B374_D848L).decimal()).isEqualTo("97500059720");
  }

  @Test
  void positionsAreUnsigned() {
    assertThat(Lsn.parse("FFFFFFFF/0").isAfter(Lsn.parse("1/0"))).isTrue();
  }

  @Test
  void whatIsNoPositionIsRefused() {
    assertThatThrownBy(() -> Lsn.parse("/1")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Lsn.parse("12")).isInstanceOf(IllegalArgumentException.class);
  }
}
