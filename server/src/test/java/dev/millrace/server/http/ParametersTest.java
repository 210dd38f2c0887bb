package dev.millrace.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Protocol section 9: where the parameters of a subset stand. */
class ParametersTest {

  private static final Parameters URL =
      Parameters.of(Map.of("table", "items", "subset__where", "a", "subset__limit", "1"));

  private static Parameters with(String body) throws Parameters.MalformedBody {
    return URL.with(body.getBytes(UTF_8));
  }

  @Test
  void theUrlNamesThemWithAPrefix() {
    assertThat(URL.query()).isEqualTo(Map.of("table", "items"));
    assertThat(URL.subset()).isEqualTo(Map.of("where", "a", "limit", "1"));
  }

  // Protocol 9-2.
  @Test
  void aBodyIsMergedOverTheUrl() throws Exception {
    Parameters flat = with("{\"where\":\"b\",\"table\":\"other\",\"live\":true}");
    Parameters nested = with("{\"subset\":{\"where\":\"b\"},\"where\":\"of the shape\"}");

    assertThat(flat.query()).isEqualTo(Map.of("table", "other", "live", "true"));
    assertThat(flat.subset()).isEqualTo(Map.of("where", "b", "limit", "1"));
    assertThat(nested.query()).isEqualTo(Map.of("table", "items", "where", "of the shape"));
    assertThat(nested.subset()).isEqualTo(Map.of("where", "b", "limit", "1"));
  }

  @Test
  void numbersStayTheTextTheyWere() throws Exception {
    assertThat(with("{\"limit\":1e2,\"offset\":12345678901234567890}").subset())
        .containsEntry("limit", "1e2")
        .containsEntry("offset", "12345678901234567890");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[1]", "null", "\"a\"", "1", "false"})
  void aBodyThatIsNoObjectIsRefused(String body) {
    assertThat(catchThrowableOfType(Parameters.MalformedBody.class, () -> with(body)).body())
        .isEqualTo("{\"error\":\"Request body must be a JSON object\"}");
  }

  /** Nothing of what it says may be more than text of ours: no class names, no places in memory. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "}",
        "{\"a\"",
        "{\"a\":}",
        "{\"a\":1,}",
        "{\"a\":1}{",
        "{\"a\":1}x",
        "{a:1}",
        "{\"a\":NaN}",
        "{\"a\":tru}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\ud800",
        "/* */{}",
        "{\"a\":[1,}",
        "{\"a\":[}",
        "{\"a\":1 \"b\":2}",
        "\u0000",
        "{\"a\":'b'}"
      })
  void whatIsNoJsonIsRefusedWithAReason(String body) {
    assertThat(catchThrowableOfType(Parameters.MalformedBody.class, () -> with(body)).body())
        .startsWith("{\"error\":\"Invalid JSON in request body\",\"details\":\"")
        .doesNotContain("jackson", "Source:", "@");
  }

  @Test
  void hugeNumbersAndDeepNestingAreNoJson() {
    assertThatThrownBy(() -> with("{\"limit\":" + "9".repeat(5000) + "}"))
        .isInstanceOf(Parameters.MalformedBody.class);
    assertThatThrownBy(() -> with("[".repeat(100_000)))
        .isInstanceOf(Parameters.MalformedBody.class);
  }

  @Test
  void randomBytesNeverCrashTheReader() {
    Random random = new Random(9);
    byte[] alphabet = "{}[]\":,\\u0123eE+-.tfnrulas \n\u00ff\u0000".getBytes(UTF_8);
    int read = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] body = new byte[random.nextInt(12)];
      for (int n = 0; n < body.length; n++) {
        body[n] = alphabet[random.nextInt(alphabet.length)];
      }
      try {
        JsonValue.parse(body);
        read++;
      } catch (IOException refused) {
        assertThat(JsonValue.complaint(refused)).as(Arrays.toString(body)).isNotNull();
      }
    }
    assertThat(read).isPositive();
  }

  @Test
  void aDocumentIsReadAsItStands() throws Exception {
    assertThat(JsonValue.parse("{\"a\":[1,\"x\",true,null,{}],\"a b\":-0.5}".getBytes(UTF_8)))
        .isEqualTo(Map.of("a", Arrays.asList("1", "x", true, null, Map.of()), "a b", "-0.5"));
    assertThat(JsonValue.parse("[]".getBytes(UTF_8))).isEqualTo(List.of());
  }
}
