package dev.millrace.server.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CopiedOperandsTest {

  private static String list(int items) {
    return IntStream.range(0, items).mapToObj(i -> "b").collect(Collectors.joining(","));
  }

  private static void assertRefused(String text) {
    assertThatThrownBy(() -> SqlExpression.of(text))
        .isInstanceOf(InvalidExpression.class)
        .hasMessageContaining("are too complex");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a between b and c) between d and e",
        "(a in (b, c)) in (d, e)",
        "not (a in (b, c)) between d and e",
        "((a in (b, c))::int + 1) in (d, e)",
        "case when a in (b) then c end in (d)",
        "f(a between b and c) not in (d, e)",
        "array[a in (b, c)] in (d, e)",
        "a between symmetric b and c or a between symmetric b and c or a between symmetric b and c"
            + " or a between symmetric b and c or a between symmetric b and c"
            + " or a between symmetric b and c"
      })
  void aTestInTheOperandOfAnotherIsRefused(String text) {
    assertRefused(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a between b and c and d between e and f",
        "(a in (b, c) or d in (e, f)) and g between h and i",
        "a in (b, c) and not d in (e, f)",
        "case when a in (b) then c in (d) else e in (f) end",
        "a in (b, (c in (d, e)))",
        "(a between b and c) or (d and (e in (f) or (g between h and i)))",
        "position('a' in b) = 1",
        "coalesce(a in (b), false) and c in (d)"
      })
  void testsBesideEachOtherAreWell(String text) throws Exception {
    assertThat(SqlExpression.of(text).text()).isEqualTo(text);
  }

  @Test
  void aLongListWantsAShortOperand() throws Exception {
    assertThat(SqlExpression.of("a in (" + list(30_000) + ")")).isNotNull();

    assertRefused("(" + "a + ".repeat(1000) + "a) in (" + list(1000) + ")");
  }
}
