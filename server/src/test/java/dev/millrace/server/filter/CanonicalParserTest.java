package dev.millrace.server.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.filter.Expression.Constant;
import dev.millrace.server.filter.Expression.Operation;
import dev.millrace.server.filter.Expression.Unknown;
import dev.millrace.server.postgres.Column;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read of filters as Postgres prints them, and what is left to it. */
class CanonicalParserTest {

  private static final List<Column> COLUMNS =
      Stream.of("a", "b", "T c", "q\"uote")
          .map(name -> new Column(name, 1, "int4", 23, 0, -1, false, Column.Generation.NONE, -1))
          .toList();

  private static List<Expression> conjuncts(String canonical) {
    return CanonicalParser.conjuncts(new Filter(canonical), COLUMNS).stream()
        .map(CanonicalParser.Conjunct::expression)
        .toList();
  }

  private static Expression only(String canonical) {
    List<Expression> conjuncts = conjuncts(canonical);
    assertThat(conjuncts).hasSize(1);
    return conjuncts.getFirst();
  }

  /** One that is evaluated by us goes on being so beside one that is not. */
  @Test
  void onlyThePartThatItDoesNotKnowIsLeftToPostgres() {
    List<CanonicalParser.Conjunct> conjuncts =
        CanonicalParser.conjuncts(
            new Filter("((a = 1) AND (public.f(a) AND (b > 2)) AND (a <> 3))"), COLUMNS);

    assertThat(conjuncts)
        .extracting(CanonicalParser.Conjunct::sql)
        .containsExactly("(a = 1)", "public.f(a)", "(b > 2)", "(a <> 3)");
    assertThat(conjuncts)
        .extracting(conjunct -> conjunct.expression() instanceof Unknown)
        .containsExactly(false, true, false, false);
  }

  /** Half of an OR says nothing by itself. */
  @Test
  void anAlternativeThatItDoesNotKnowLeavesAllOfThemToPostgres() {
    assertThat(only("((a = 1) OR public.f(a))")).isEqualTo(new Unknown("((a = 1) OR public.f(a))"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a OPERATOR(public.=) 1)",
        "public.f(a)",
        "(a = public.f(1))",
        "(nosuch = 1)",
        "((a)::public.mood = 'x'::public.mood) IS DOCUMENT",
        "(ROW(a, b) = SOME (ARRAY[1]))",
        "xmlexists('/a'::text PASSING (b))",
        "(a = 1",
        "a = 1)",
        "(a = )",
        "f(VARIADIC ARRAY[a, b])"
      })
  void whatItDoesNotKnowIsNotGuessed(String canonical) {
    assertThat(conjuncts(canonical)).last().isInstanceOf(Unknown.class);
  }

  /** The stack is bounded, whatever is printed. */
  @ParameterizedTest
  @CsvSource({"50, false", "400, true", "20000, true"})
  void whatIsTooDeepIsLeftToPostgres(int depth, boolean isLeft) {
    String canonical = "(NOT ".repeat(depth) + "(a = 1)" + ")".repeat(depth);

    assertThat(only(canonical) instanceof Unknown).isEqualTo(isLeft);
  }

  @Test
  void aConjunctionAsLongAsItMayBeIsTakenApart() {
    String canonical = "(" + "(a = 1) AND ".repeat(20_000) + "(b = 2))";

    assertThat(conjuncts(canonical)).hasSize(20_001).noneMatch(Unknown.class::isInstance);
  }

  /** AND within a string, a CASE or a BETWEEN of a function is no conjunction. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a = ' AND '::text)",
        "CASE WHEN ((a = 1) AND (b = 2)) THEN (a = 3) ELSE (b = 4) END",
        "(NOT ((a = 1) AND (b = 2)))",
        "(((a = 1) AND (b = 2)) OR (a = 3))",
        "(((a = 1) AND (b = 2)) IS NOT TRUE)"
      })
  void anAndInsideIsNoConjunction(String canonical) {
    assertThat(only(canonical)).isNotInstanceOf(Unknown.class);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "('it''s'::text = \"T c\"), it's",
        "(''::text = \"T c\"), ``",
        "('a\\b'::text = \"T c\"), a\\b",
        "('NULL'::text = \"T c\"), NULL",
        "('$1 -- /*'::text = \"T c\"), $1 -- /*",
        "('ü漢😀'::text = \"T c\"), ü漢😀"
      })
  void constantsAreReadWhole(String canonical, String text) {
    assertThat(only(canonical))
        .isInstanceOfSatisfying(
            Operation.class,
            operation ->
                assertThat(operation.operands())
                    .containsExactly(
                        new Constant(text, TypeName.of("text")), new Expression.Column(2, "T c")));
  }

  @Test
  void namesInQuotesAreThoseOfColumns() {
    assertThat(only("(\"q\"\"uote\" IS NULL)"))
        .isEqualTo(new Expression.NullTest(new Expression.Column(3, "q\"uote"), false));
    assertThat(only("(\"A\" IS NULL)")).isInstanceOf(Unknown.class);
  }
}
