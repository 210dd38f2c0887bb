package dev.millrace.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.fail;

import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonReaderTest {

  private static final JsonLimits LIMITS = new JsonLimits(5, 100);

  private static Json read(String document) throws InvalidJson {
    return JsonReader.read(document, LIMITS);
  }

  private static InvalidJson refusal(String document) {
    try {
      Json value = read(document);
      return fail("was read as " + value);
    } catch (InvalidJson e) {
      return e;
    }
  }

  @Test
  void whatIsWrittenIsReadAsTheSame() throws InvalidJson {
    RandomWrites writes = new RandomWrites();
    for (int i = 0; i < 2_000; i++) {
      Json value = writes.json(4);

      assertThat(read(value.toString())).isEqualTo(value).hasToString(value.toString());
    }
  }

  @Test
  void numbersKeepTheirDigitsAndMembersTheirOrder() throws InvalidJson {
    String document = "{\"z\":0.10,\"a\":-1E400,\"m\":9007199254740993}";

    assertThat(read(document)).hasToString(document);
  }

  /** Whatever the bytes are, they are read or refused; nothing else happens. */
  @Test
  void hostileBytesAreRefused() {
    RandomWrites writes = new RandomWrites();
    RandomGenerator random = writes.random();
    for (int i = 0; i < 5_000; i++) {
      byte[] bytes = writes.json(4).toString().getBytes(StandardCharsets.UTF_8);
      for (int n = random.nextInt(4); n > 0 && bytes.length > 0; n--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try {
        assertThat(JsonReader.read(bytes, LIMITS)).isNotNull();
      } catch (InvalidJson e) {
        assertThat(e.reason()).isNotEmpty().hasSizeLessThan(400).doesNotContain("Source");
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"a\":1,\"a\":2}              | /a       | is there twice",
        "{\"a\":[1,{\"b/~\":01}]}       | /a/1/b~1~0 | is no JSON",
        "{\"a\":[1,2,}                  | /a/2     | is no JSON",
        "[[[[[[1]]]]]]                  | /0/0/0/0/0 | lies too deep: at most 5 levels",
        "{\"a\":\"\\ud800x\"}           | /a       | half of a surrogate pair",
        "{\"a\":\"\\udc00\\ud800\"}     | /a       | half of a surrogate pair",
        "{} {}                          | ``       | is followed by something else",
        "``                             | ``       | a value is missing",
        "[1,                            | /1       | is no JSON",
        "NaN                            | ``       | is no JSON",
        "{'a':1}                        | ``       | is no JSON",
        "{\"a\":tru}                    | /a       | is no JSON",
      })
  void mistakesAreNamedWithTheirPlace(String document, String place, String reason) {
    InvalidJson refusal = refusal(document);

    assertThat(refusal.place()).hasToString(place);
    assertThat(refusal.reason()).contains(reason);
  }

  @Test
  void tooManyValuesAreRefused() throws InvalidJson {
    assertThat(read("[" + "1,".repeat(98) + "1]")).isInstanceOf(Json.Array.class);
    assertThat(refusal("[" + "1,".repeat(99) + "1]").place()).hasToString("/99");
  }

  @Test
  void endlessNestingIsRefusedBeforeTheStackEnds() {
    assertThat(refusal("[".repeat(1_000_000)).reason()).contains("lies too deep");
    assertThat(refusal("{\"a\":".repeat(1_000_000)).reason()).contains("lies too deep");
  }

  @Test
  void endlessNumbersAreRefused() {
    assertThat(refusal("[" + "1".repeat(5_000) + "]").place()).hasToString("/0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"c080", "eda080", "ff", "2261e9", "feff005b005d"})
  void whatIsNotUtf8IsRefused(String hex) {
    byte[] bytes = java.util.HexFormat.of().parseHex(hex);

    assertThatExceptionOfType(InvalidJson.class)
        .isThrownBy(() -> JsonReader.read(bytes, LIMITS))
        .withMessageContaining("is not UTF-8");
  }
}
