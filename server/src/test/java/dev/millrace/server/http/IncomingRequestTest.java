package dev.millrace.server.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import org.junit.jupiter.api.Test;

class IncomingRequestTest {

  private final BodyMemory memory = new BodyMemory(10);

  private IncomingRequest post(String... parts) {
    IncomingRequest request =
        new IncomingRequest(
            new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/"), memory);
    for (String part : parts) {
      request.add(new DefaultHttpContent(Unpooled.copiedBuffer(part, US_ASCII)));
    }
    return request;
  }

  @Test
  void bodiesBeyondTheMemoryForThemAreRefusedUntilOthersAreReleased() {
    IncomingRequest first = post("123", "456");

    assertThat(post("12345").refusal()).contains(Refusal.TOO_MANY_BODIES);

    assertThat(first.takeBody()).asString(US_ASCII).isEqualTo("123456");
    first.release();
    first.release();
    assertThat(post("1234567890").refusal()).isEmpty();
    assertThat(post("1").refusal()).contains(Refusal.TOO_MANY_BODIES);
  }

  @Test
  void aRefusedBodyGivesBackWhatItTook() {
    IncomingRequest refused = post("1234567", "89012");

    refused.release();

    assertThat(post("1234567890").refusal()).isEmpty();
  }
}
