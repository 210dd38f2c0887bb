package dev.millrace.server.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.server.filter.value.Type;
import dev.millrace.server.postgres.Column;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** By what a filter can be found, of filters as Postgres prints them. */
class RequirementTest {

  private static final List<Type> TYPES =
      List.of(
          Type.UUID,
          Type.INT4,
          Type.VARCHAR,
          Type.NUMERIC,
          Type.BPCHAR,
          Type.BOOL,
          Type.arrayOf(Type.TEXT),
          Type.FLOAT8,
          Type.TIMESTAMPTZ,
          Type.TEXT);
  private static final List<String> NAMES =
      List.of("id", "n", "v", "num", "c", "flag", "tags", "f", "at", "t");

  private static List<Column> columns() {
    return NAMES.stream()
        .map(name -> {
          int place = NAMES.indexOf(name);
          Type type = TYPES.get(place);
          return new Column(
              name, place + 1, type.name(), type.oid(), 0, -1, false, Column.Generation.NONE, -1);
        })
        .toList();
  }

  private static String requirement(String canonical) {
    List<Expression> conjuncts =
        CanonicalParser.conjuncts(new Filter(canonical), columns()).stream()
            .map(CanonicalParser.Conjunct::expression)
            .toList();
    return Requirement.of(conjuncts, TYPES::get).map(RequirementTest::text).orElse("nothing");
  }

  private static String text(Requirement requirement) {
    return requirement.alternatives().stream()
        .map(RequirementTest::text)
        .collect(Collectors.joining(" or "));
  }

  private static String text(Requirement.Single requirement) {
    String column = NAMES.get(requirement.place().column());
    return switch (requirement) {
      case Requirement.OneOf(var place, var values) ->
          values.stream()
              .map(KeyText::toString)
              .sorted()
              .collect(Collectors.joining(",", column + " " + place.form() + " ", ""));
      case Requirement.Within(var place, long low, long high) ->
          column + " " + bound(low).orElse("") + ".." + bound(high).orElse("");
    };
  }

  private static Optional<String> bound(long bound) {
    return bound == Long.MIN_VALUE || bound == Long.MAX_VALUE
        ? Optional.empty()
        : Optional.of(Long.toString(bound));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "(id = 'a0000000-0000-4000-8000-000000000001'::uuid) | id TEXT a0000000-0000-4000-8000-000000000001",
        "(5 = n) | n TEXT 5",
        "((n = 5) OR (t = 'x'::text)) | n TEXT 5 or t TEXT x",
        "((n = 5) OR ((t = 'x'::text) AND flag)) | n TEXT 5 or t TEXT x",
        "((n = 5) OR (n > 7) OR (t = 'x'::text)) | n TEXT 5 or n 8.. or t TEXT x",
        "((n = 5) OR (f > (1)::double precision)) | nothing",
        "false | ``",
        "(n = '-5'::integer) | n TEXT -5",
        "(n = '3000000000'::bigint) | n TEXT 3000000000",
        "((v)::text = 'x'::text) | v TEXT x",
        "((v)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])) | v TEXT a,b",
        "(n = ANY (ARRAY[1, NULL::integer, 3])) | n TEXT 1,3",
        "(n = ANY ('{1,2}'::integer[])) | n TEXT 1,2",
        "((n = 1) OR (n = 2)) | n TEXT 1,2",
        "(num = 1.50) | num NUMERIC 1.5",
        "(num = (5)::numeric) | nothing",
        "(c = 'ab  '::bpchar) | c PADDED ab",
        "flag | flag TEXT t",
        "(NOT flag) | flag TEXT f",
        "(flag AND (n = 1)) | n TEXT 1",
        "(flag AND (n > 1)) | n 2..",
        "(f = (1)::double precision) | nothing",
        "(tags @> ARRAY['b'::text, 'a'::text]) | tags ELEMENT a",
        "(tags && ARRAY['b'::text, 'a'::text]) | tags ELEMENT a,b",
        "('a'::text = ANY (tags)) | tags ELEMENT a",
        "(tags <@ ARRAY['a'::text]) | nothing",
        "('{a}'::text[] <@ tags) | tags ELEMENT a",
        "(tags @> '{}'::text[]) | nothing",
        "((n >= 10) AND (n <= 20)) | n 10..20",
        "((n > 10) AND (n < 20) AND (n < 15)) | n 11..14",
        "(10 > n) | n ..9",
        "((at >= '2000-01-01 00:00:00+00'::timestamp with time zone) AND (n < 3)) | at 0..",
        "((n <> 1) AND (t ~~ 'a%'::text)) | nothing",
        "(NOT (n = 1)) | nothing",
        "((t = 'a'::text) AND (n = ANY (ARRAY[1, 2]))) | t TEXT a",
        "(n = NULL::integer) | ``",
        "(n = id) | nothing"
      })
  void isTheConditionThatIsMetLeastOften(String canonical, String expected) {
    assertThat(requirement(canonical)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "(id = '11111111-1111-1111-1111-111111111111'::uuid); true",
        "(n = 5); true",
        "((v)::text = 'x'::text); true",
        "(t = 'x'::text); true",
        "((n = 5) AND (t = 'x'::text)); false",
        "(n = ANY (ARRAY[5, 6])); false",
        "(num = 1.50); false",
        "(c = 'x'::bpchar); false",
        "(tags @> ARRAY['x'::text]); false",
        "(n > 5); false",
        "flag; false"
      })
  void onlyOneEqualityOfTextsIsAllThatAFilterSays(String canonical, boolean isAll) {
    List<Expression> conjuncts =
        CanonicalParser.conjuncts(new Filter(canonical), columns()).stream()
            .map(CanonicalParser.Conjunct::expression)
            .toList();

    assertThat(Requirement.isAllOf(conjuncts, Requirement.of(conjuncts, TYPES::get).orElse(null)))
        .isEqualTo(isAll);
  }
}
