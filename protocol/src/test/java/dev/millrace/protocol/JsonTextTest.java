package dev.millrace.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JsonTextTest {

  @Test
  void whatJsonForbidsIsEscaped() {
    assertThat(JsonText.quote("a\"b\\c\nd\te\u0001f\u001fü😀"))
        .isEqualTo("\"a\\\"b\\\\c\\nd\\te\\u0001f\\u001fü😀\"");
  }

  @Test
  void whatIsNotAsciiCanBeEscapedToo() {
    assertThat(JsonText.quoteAscii("a\"ü名😀")).isEqualTo("\"a\\\"\\u00fc\\u540d\\ud83d\\ude00\"");
  }
}
