package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Answer;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Protocol section 2. */
@ExtendWith({OnePostgres.class, OneShapeServer.class})
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class ShapeHttpStepsTest {

  private final ShapeServer server;
  private final ShapeHttp http;

  ShapeHttpStepsTest(ShapeServer server) {
    this.server = server;
    this.http = server.http();
  }

  // Protocol 2-5, 2-6, 2-7.
  @ParameterizedTest
  @ValueSource(strings = {"nonsense", "1-1", "99999999-1700000000000000"})
  void anUnknownHandleIsSentToTheShape(String handle) throws Exception {
    Answer answer = http.shape("table", "items", "offset", "0_0", "handle", handle);

    assertThat(answer.status()).isEqualTo(409);
    assertThat(answer.handle()).isEqualTo(server.copy("items").handle());
  }

  // Protocol 2-4, 2-7.
  @Test
  void theHandleOfAnotherShapeIsSentToTheRightOne() throws Exception {
    ShapeCopy other = server.copy("items", "replica", "full");

    Answer answer = http.shape("table", "items", "offset", "0_inf", "handle", other.handle());

    assertThat(answer.status()).isEqualTo(409);
    assertThat(answer.handle()).isEqualTo(server.copy("items").handle());
  }
}
