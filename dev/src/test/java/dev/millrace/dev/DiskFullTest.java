package dev.millrace.dev;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

final class DiskFullTest {
  @Test
  void itIsFoundAmongTheCauses() {
    IOException output = new IOException("initdb: error: could not write: No space left on device");

    assertThat(DiskFull.isCauseOf(new DevException("Postgres did not start.", output))).isTrue();
    assertThat(DiskFull.isCauseOf(new SQLException("could not extend file", "53100"))).isTrue();
  }

  @Test
  void anotherFailureIsNotTaken() {
    assertThat(DiskFull.isCauseOf(new IllegalStateException(new SQLException("no", "42601"))))
        .isFalse();
  }
}
