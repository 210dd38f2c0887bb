package dev.millrace.server.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SqlExpressionTest {

  private static String quote(String value) {
    return "'" + value.replace("'", "''") + "'";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a = 1", "a = 'it''s'", "\"A\"\"b\" = E'it\\'s'", "a = x'00' or b'1' = c", "n'x' = d",
        "a[1:2] = '{1,2}'", "a::numeric(10, 2) > 1.5e-3", "0x1F = 1_000", "1. < .5", "a$b = 1",
        "(((a)))", "a ->> 'b' = $1", "naïve = 'ü😀'", "a\n=\t1", "a = '('"
      })
  void theseAreExpressions(String text) throws Exception {
    assertThat(SqlExpression.of(text).text()).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "a = 1; b       | unescaped \";\" causing statement split",
        "a -- b         | At location 2: comments are not supported",
        "a /* b         | At location 2: comments are not supported",
        "a +--b         | At location 2: comments are not supported",
        "a = 'b         | At location 4: unterminated quoted string",
        "a = e'b\\'     | At location 4: unterminated quoted string",
        "\"a            | At location 0: unterminated quoted identifier",
        "\"\" = 1       | At location 0: zero-length delimited identifier",
        "U&'a'          | At location 0: Unicode escapes are not supported",
        "a)             | At location 16: syntax error at or near \")\"",
        "(a]            | At location 17: syntax error at or near \"]\"",
        "(a             | At location 17: syntax error at end of input",
        "''  'a'        | At location 19: syntax error at or near \"'a'\"",
        "$$a$$          | At location 15: syntax error at or near \"$$a$$\"",
        "1a             | At location 15: syntax error at or near \"1a\"",
        "1.5.2          | At location 15: syntax error at or near \"1.5.2\"",
        "a { b          | At location 17: syntax error at or near \"{ b\""
      })
  void theseAreNot(String text, String reason) {
    assertThatThrownBy(() -> SqlExpression.of(text))
        .isInstanceOf(InvalidExpression.class)
        .hasMessage(reason);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "e'a'\n$1",
        "$1\n'a'",
        "$1\n$2",
        "'a'\n'b'",
        "e'a'\n\n\t$1",
        "1e'a'",
        "1$1",
        "1$$",
        "a\ud800",
        "\udc00",
        "a\0b",
        "'\0'",
        "$1a",
        "$",
        "\\",
        "#{x}"
      })
  void whatCouldBeReadInTwoWaysIsRefused(String text) {
    assertThatThrownBy(() -> SqlExpression.of(text)).isInstanceOf(InvalidExpression.class);
  }

  @Test
  void aNameThatPostgresWouldCutIsRefused() throws Exception {
    assertThat(SqlExpression.of("a".repeat(63)).names()).containsExactly("a".repeat(63));
    for (String name :
        new String[] {"a".repeat(64), "\"" + "a".repeat(64) + "\"", "é".repeat(32)}) {
      assertThatThrownBy(() -> SqlExpression.of(name)).isInstanceOf(InvalidExpression.class);
    }
  }

  @Test
  void parametersBecomeLiteralsWithRoomAround() throws Exception {
    SqlExpression expression = SqlExpression.of("a=$1 and b in($2,$1)");

    assertThat(expression.withParameters(Map.of(1, "x", 2, "it's"), SqlExpressionTest::quote))
        .isEqualTo("a= 'x'  and b in( 'it''s' , 'x' )");
    assertThatThrownBy(() -> expression.withParameters(Map.of(1, "x"), SqlExpressionTest::quote))
        .hasMessage("At location 14: parameter $2 was not provided");
  }

  @Test
  void aPlaceInTheResultLeadsBackToTheText() throws Exception {
    String text = "a = $1 and bad = $2 and worse";
    SqlExpression expression = SqlExpression.of(text);
    Map<Integer, String> values = Map.of(1, "a long value", 2, "");
    String sql = expression.withParameters(values, SqlExpressionTest::quote);

    assertThat(expression.origin(sql.indexOf("bad"), values, SqlExpressionTest::quote))
        .isEqualTo(text.indexOf("bad"));
    assertThat(expression.origin(sql.indexOf("worse"), values, SqlExpressionTest::quote))
        .isEqualTo(text.indexOf("worse"));
    assertThat(expression.origin(sql.indexOf("'a long") + 3, values, SqlExpressionTest::quote))
        .isEqualTo(text.indexOf("$1"));
    assertThat(expression.origin(0, values, SqlExpressionTest::quote)).isZero();
  }

  @Test
  void callsAreNamesBeforeParenthesesThatAreNoTypes() throws Exception {
    SqlExpression expression =
        SqlExpression.of("f (a) = \"G\"(1) and a::numeric(1) = cast(b as varchar(3))");

    assertThat(expression.calls()).contains("f", "G").doesNotContain("numeric", "varchar", "a");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a in (select 1)", "a in (SELECT 1)", "a in (table b)", "a in (values (1))"})
  void subqueriesAreSeen(String text) throws Exception {
    assertThat(SqlExpression.of(text).hasSubquery()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"select\" = 1", "a = 'select'", "selected", "values = 1"})
  void whatOnlyLooksLikeOneIsNone(String text) throws Exception {
    assertThat(SqlExpression.of(text).hasSubquery()).isFalse();
  }
}
