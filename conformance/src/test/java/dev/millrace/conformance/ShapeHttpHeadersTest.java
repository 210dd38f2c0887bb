package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Answer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Protocol section 3. */
@ExtendWith({OnePostgres.class, OneShapeServer.class})
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class ShapeHttpHeadersTest {

  private final ShapeServer server;
  private final ShapeHttp http;

  ShapeHttpHeadersTest(ShapeServer server) {
    this.server = server;
    this.http = server.http();
  }

  // Protocol 3-1, 3-2, 3-3, 3-4, 3-5, 3-6, 3-7, 3-10.
  @Test
  void aSnapshotChunkSaysWhereTheClientStands() throws Exception {
    Answer answer = http.get(ShapeServer.ITEMS);

    assertThat(answer.header("content-type")).isEqualTo("application/json; charset=utf-8");
    assertThat(answer.handle()).matches("\\d+-\\d+");
    assertThat(answer.offset()).isEqualTo("0_0");
    assertThat(answer.header("electric-has-data")).isEqualTo("true");
    assertThat(answer.header("etag")).isEqualTo("\"" + answer.handle() + ":-1:0_0\"");
    assertThat(answer.has("electric-schema")).isTrue();
    assertThat(answer.has("electric-up-to-date")).isFalse();
    assertThat(answer.has("electric-cursor")).isFalse();
  }

  // Protocol 3-4, 3-5, 3-10.
  @Test
  void anAnswerWithoutDataSaysSo() throws Exception {
    ShapeCopy copy = server.copy("items");

    Answer first = http.shape(copy.next());
    Answer second = http.shape(copy.next());

    assertThat(first.header("electric-has-data")).isEqualTo("false");
    assertThat(first.headers().get("electric-up-to-date")).containsExactly("");
    String etag = "\"%s:%s:%s:\\d+\"".formatted(copy.handle(), copy.offset(), first.offset());
    assertThat(first.header("etag")).matches(etag);
    assertThat(second.header("etag")).matches(etag).isNotEqualTo(first.header("etag"));
  }

  // Protocol 3-6, 3-7.
  @Test
  void aLiveAnswerHasACursorAndNoSchema() throws Exception {
    Answer answer = http.shape(server.copy("items").next("live", "true"));

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("electric-cursor")).matches("\\d+");
    assertThat(answer.has("electric-schema")).isFalse();
  }

  // Protocol 3-11, 8-1.
  @ParameterizedTest
  @ValueSource(strings = {"%s", "\"x\", %s", "x,%s,y", "\"a\" ,  %s"})
  void whatTheClientHasIsNotSentAgain(String form) throws Exception {
    Answer had = http.get(ShapeServer.ITEMS);

    Answer answer =
        http.get(ShapeServer.ITEMS, "if-none-match", form.formatted(had.header("etag")));

    assertThat(answer.status()).isEqualTo(304);
    assertThat(answer.body()).isEmpty();
    for (String same :
        List.of(
            "electric-handle", "electric-offset", "etag", "cache-control", "electric-has-data")) {
      assertThat(answer.header(same)).as(same).isEqualTo(had.header(same));
    }
    assertThat(answer.has("electric-schema")).isFalse();
  }

  // Protocol 3-11.
  @Test
  void aTagWithoutQuotesCountsToo() throws Exception {
    String tag = http.get(ShapeServer.ITEMS).header("etag").replace("\"", "");

    assertThat(http.get(ShapeServer.ITEMS, "if-none-match", tag).status()).isEqualTo(304);
    assertThat(http.get(ShapeServer.ITEMS, "if-none-match", tag + "x").status()).isEqualTo(200);
  }

  // Protocol 3-1, 3-2, 3-9, 3-10.
  @Test
  void aRefusedHandleCarriesTheTagOfTheRightOne() throws Exception {
    Answer answer = http.shape("table", "items", "offset", "0_0", "handle", "1-1");

    assertThat(answer.header("etag")).isEqualTo("\"" + answer.handle() + "::\"");
    assertThat(answer.header("content-type")).isEqualTo("application/json; charset=utf-8");
    assertThat(answer.has("surrogate-control")).isFalse();
  }
}
