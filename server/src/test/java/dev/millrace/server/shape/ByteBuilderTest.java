package dev.millrace.server.shape;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ByteBuilderTest {

  private static final String SPECIAL = "\"\\\n\r\t\b\f\u000b\u0001\u001f\u007f/ aé漢😀";

  private final Random random = new Random(7);

  private String randomText() {
    int length = random.nextInt(40);
    StringBuilder text = new StringBuilder();
    int[] special = SPECIAL.codePoints().toArray();
    for (int i = 0; i < length; i++) {
      boolean plain = random.nextInt(4) > 0;
      text.appendCodePoint(
          plain ? 'a' + random.nextInt(26) : special[random.nextInt(special.length)]);
    }
    return text.toString();
  }

  private static String parse(ByteBuilder json) throws IOException {
    try (JsonParser parser = new JsonFactory().createParser(json.toBytes())) {
      parser.nextToken();
      return parser.getText();
    }
  }

  @Test
  void everyTextIsReadBackByAJsonParser() throws IOException {
    for (int i = 0; i < 20_000; i++) {
      String text = randomText();
      byte[] utf8 = ("xx" + text).getBytes(StandardCharsets.UTF_8);
      ByteBuilder json = new ByteBuilder(1);

      json.addJsonString(utf8, 2, utf8.length - 2);

      assertThat(parse(json)).isEqualTo(text);
    }
  }

  @Test
  void everyFieldOfCopyIsReadBackByAJsonParser() throws IOException {
    for (int i = 0; i < 20_000; i++) {
      String text = randomText();
      byte[] field = copyField(text).getBytes(StandardCharsets.UTF_8);
      ByteBuilder json = new ByteBuilder(1);

      json.addJsonStringOfCopyField(field, 0, field.length);

      assertThat(parse(json)).isEqualTo(text);
    }
  }

  @Test
  void theTextOfAKeyIsReadBackWithItsSlashesDoubled() throws IOException {
    for (int i = 0; i < 20_000; i++) {
      String text = randomText();
      byte[] utf8 = ("/x" + text).getBytes(StandardCharsets.UTF_8);
      byte[] field = copyField(text).getBytes(StandardCharsets.UTF_8);
      ByteBuilder ofText = new ByteBuilder(1).add((byte) '"');
      ByteBuilder ofField = new ByteBuilder(1).add((byte) '"');

      ofText.addKeyText(utf8, 2, utf8.length - 2);
      ofField.addKeyTextOfCopyField(field, 0, field.length);

      String doubled = text.replace("/", "//");
      assertThat(parse(ofText.add((byte) '"'))).isEqualTo(doubled);
      assertThat(parse(ofField.add((byte) '"'))).isEqualTo(doubled);
    }
  }

  /** As Postgres writes it: CopyAttributeOutText. */
  private static String copyField(String text) {
    return text.replace("\\", "\\\\")
        .replace("\b", "\\b")
        .replace("\f", "\\f")
        .replace("\n", "\\n")
        .replace("\r", "\\r")
        .replace("\t", "\\t")
        .replace("\u000b", "\\v");
  }

  @Test
  void decimalsAreWrittenInFull() {
    for (long value : new long[] {0, 9, 10, 99, 100, 12_345, Long.MAX_VALUE}) {
      byte[] written = new ByteBuilder(1).addDecimal(value).toBytes();

      assertThat(new String(written, StandardCharsets.US_ASCII)).isEqualTo(Long.toString(value));
    }
  }
}
