package dev.millrace.server.filter.value;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.BitSet;
import java.util.Objects;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Expressions at the edge of the syntax; of the others the oracle of filters asks Postgres. */
class RegexTest {

  private static @Nullable Regex parse(String pattern) {
    return Regex.parse(pattern, RegexTest::ascii, null);
  }

  private static Regex regex(String pattern) {
    return Objects.requireNonNull(parse(pattern), pattern);
  }

  private static BitSet ascii(String name) {
    return switch (name) {
      case "alnum" -> of(c -> c < 128 && Character.isLetterOrDigit(c));
      case "alpha" -> of(c -> c < 128 && Character.isLetter(c));
      case "digit" -> of(c -> c >= '0' && c <= '9');
      case "space" -> of(c -> c == ' ' || (c >= '\t' && c <= '\r'));
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static BitSet of(IntPredicate predicate) {
    BitSet members = new BitSet();
    IntStream.range(0, 128).filter(predicate).forEach(members::set);
    return members;
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        // Empty alternatives and groups are in every text.
        "a|, x, true",
        "|, ``, true",
        "^()$, ``, true",
        "^()$, x, false",
        // Repetition of what may be empty, or of nothing.
        "^(a*)*$, aaa, true",
        "^(a|b*)+c, bbac, true",
        "^a{0}$, ``, true",
        "^a{0}$, a, false",
        "^a{2}$, aa, true",
        "^a{2}$, aaa, false",
        "`^a{2,}$`, aaaa, true",
        "`^a{2,3}$`, aaaa, false",
        "^(ab){2}$, abab, true",
        "^a{, a{, true",
        // A bracket that begins with one, a hyphen or a caret.
        "^[]a]+$, a]a, true",
        "^[^]a]$, ], false",
        "^[a-]+$, -a, true",
        "^[-a]+$, -a, true",
        "^[a^]+$, ^, true",
        "`^[\\]]$`, ], true",
        "^[[:digit:]x]+$, 1x2, true",
        "`^[\\d.]+$`, 1.5, true",
        // Characters beyond the first 65,536 are one, not two.
        "^.$, 😀, true",
        "^[😀-😃]$, 😁, true",
        "^[^a]$, 😀, true",
        // Edges of words and of the text.
        "\\mis\\M, this is it, true",
        "\\mhi\\M, this, false",
        "\\yx\\y, a x b, true",
        "\\Yi\\Y, this, true",
        "\\Aa\\Z, a, true",
        "a\\Z, ab, false",
        "^$, ``, true",
        "b^a, ba, false",
        // Escapes.
        "^\\.$, x, false",
        "^\\\\$, \\, true",
        "^\\w+$, a_1, true",
        "^\\W$, _, false",
        // Greed makes no difference to whether.
        "^a+?$, aaa, true",
        "^(a|ab)(c|bcd)(d*)$, abcd, true",
      })
  void aTextIsInItOrNot(String pattern, String text, boolean isIn) {
    assertThat(regex(pattern).isIn(text)).isEqualTo(isIn);
  }

  @Test
  void aPointIsAnyCharacterAndTheEndIsThatOfTheText() {
    assertThat(regex("a.b").isIn("a\nb")).isTrue();
    assertThat(regex("[^x]").isIn("\n")).isTrue();
    assertThat(regex("a$").isIn("a\nb")).isFalse();
    assertThat(regex("^b").isIn("a\nb")).isFalse();
  }

  @Test
  void whereCaseDoesNotCountRangesHaveBoth() {
    Regex regex =
        Objects.requireNonNull(Regex.parse("^[b-d]x$", RegexTest::ascii, CaseFolding.ASCII));

    assertThat(regex.isIn("CX")).isTrue();
    assertThat(regex.isIn("aX")).isFalse();
  }

  /** Wrong, or with a meaning that this class does not know: Postgres has to say. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a)\\1",
        "(?=a)",
        "(?!a)",
        "(?<=a)",
        "(?i)a",
        "***=a.b",
        "***:a",
        "*a",
        "a**",
        "a+*",
        "^*",
        "\\y+",
        "(a",
        "a)",
        "[a",
        "[b-a]",
        "[a-c-e]",
        "[[:word:]]",
        "[[.a.]]",
        "[[=a=]]",
        "\\",
        "\\x41",
        "\\u0041",
        "\\B",
        "a{2,1}",
        "a{256}",
        "a{1,2",
        "{1}",
        "(a{200}){200}"
      })
  void whatItDoesNotKnowItRefuses(String pattern) {
    assertThat(parse(pattern)).isNull();
  }

  @Test
  void itRefusesWhatIsTooDeep() {
    assertThat(parse("(".repeat(40) + "a" + ")".repeat(40))).isNotNull();
    assertThat(parse("(".repeat(100_000) + "a" + ")".repeat(100_000))).isNull();
  }

  /** What takes a backtracking machine for ever. */
  @Test
  @Timeout(10)
  void itTakesTimeInProportion() {
    String text = "a".repeat(10_000) + "b";
    long begun = System.nanoTime();

    assertThat(regex("^(a+)+$").isIn(text)).isFalse();
    assertThat(regex("(a|aa)*c").isIn(text)).isFalse();

    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
  }
}
