package dev.millrace.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.millrace.protocol.Offset;
import dev.millrace.protocol.RelationName;
import dev.millrace.server.filter.Filter;
import dev.millrace.server.filter.InvalidExpression;
import dev.millrace.server.policy.View;
import dev.millrace.server.postgres.Column;
import dev.millrace.server.postgres.Column.Generation;
import dev.millrace.server.postgres.Table;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Protocol section 1: the stages of validation and their exact messages. */
class ShapeRequestTest {

  private static final Table WORKS =
      new Table(
          1,
          new RelationName("public", "works"),
          false,
          List.of(
              new Column("id", 1, "uuid", 2950, 0, -1, true, Generation.NONE, 0),
              new Column("title", 2, "text", 25, 0, -1, false, Generation.NONE, -1),
              new Column("Has,Comma", 3, "text", 25, 0, -1, false, Generation.NONE, -1),
              new Column("double", 4, "int4", 23, 0, -1, false, Generation.NOT_STREAMED, -1)),
          Optional.empty());

  /** Reads {@code a=b&c=d}; values may be empty, and nothing is decoded. */
  private static Parameters query(String text) {
    Map<String, String> query = new HashMap<>();
    for (String pair : text.split("&", -1)) {
      String[] parts = pair.split("=", 2);
      query.put(parts[0], parts.length > 1 ? parts[1] : "");
    }
    return Parameters.of(query);
  }

  /** Takes everything for a mistake but {@code true}. */
  private static Filter read(Table table, String where, Map<Integer, String> parameters)
      throws InvalidExpression {
    if (!where.equals("true")) {
      throw new InvalidExpression(0, "no such column");
    }
    return new Filter(where);
  }

  private static String errorOf(String text) {
    return catchThrowableOfType(
            InvalidRequest.class,
            () ->
                ShapeRequest.parse(query(text)).definition(View.all(WORKS), ShapeRequestTest::read))
        .body();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "table=works | offset | can't be blank",
        "table=works&offset= | offset | can't be blank",
        "table=works&offset=1 | offset | has invalid format",
        "table=works&offset=1_2 | handle | can't be blank when offset != -1",
        "table=works&offset=1_2&handle= | handle | can't be blank when offset != -1",
        "table=works&offset=-1&live=true | live | can't be true when offset == -1",
        "table=works&offset=now&live | live | can't be true when offset is 'now'",
        "table=works&offset=0_0&handle=1-1&live_sse=true | live_sse | can't be true unless live is also true",
        "table=works&offset=-1&replica=half | replica | is invalid",
        "table=works&offset=-1&log=none | log | is invalid",
        "table=works&offset=-1&experimental_live_sse=yes | experimental_live_sse | is invalid",
        "offset=-1 | table | can't be blank",
        "table=a b&offset=-1 | table | Invalid unquoted identifier contains special characters: a b",
        "table=works&offset=-1&columns= | columns | The list of columns must not be empty",
        "table=works&offset=-1&columns=title | columns | The list of columns must include all primary key columns, missing: id",
        "table=works&offset=-1&columns=id,nope | columns | The following columns are not found on the table: nope",
        "table=works&offset=-1&columns=id,double | columns | The following columns are generated and cannot be included in the shape: double",
        "table=works&offset=-1 | columns | The following columns are generated and cannot be included in the shape: double. You can exclude them from the shape by explicitly listing which columns to fetch in the 'columns' query param",
        "table=works&offset=-1&queryable_columns=title | queryable_columns | The list of queryable columns must include all primary key columns, missing: id",
        "table=works&offset=-1&queryable_columns=id,x | queryable_columns | The following queryable columns are not found on the table: x",
        "table=works&offset=-1&queryable_columns=id&columns=id,title | columns | The following columns are not found on the table: title",
        "table=works&offset=-1&columns=id&where=tru | where | At location 0: no such column",
        "table=works&offset=-1&where=a&params=x | params | is invalid",
        "table=works&offset=-1&where=a&params[x]=1 | params | Parameters can only use numbers as keys",
        "table=works&offset=-1&where=a&params[0]=1 | params | Parameters can only use numbers as keys",
        "table=works&offset=-1&where=a&params[1]=1&params[3]=1 | params | Parameters must be numbered sequentially, starting from 1"
      })
  void eachMistakeHasItsMessage(String query, String field, String message) {
    assertThat(errorOf(query))
        .isEqualTo(
            "{\"message\":\"Invalid request\",\"errors\":{\"%s\":[\"%s\"]}}"
                .formatted(field, message));
  }

  @Test
  void oneStageReportsAllItsMistakes() {
    assertThat(errorOf("replica=half&log=none"))
        .isEqualTo(
            "{\"message\":\"Invalid request\",\"errors\":{\"replica\":[\"is"
                + " invalid\"],\"log\":[\"is invalid\"]}}");
  }

  @Test
  void theHandleIsDroppedAtTheBeginningAndNow() throws InvalidRequest {
    assertThat(ShapeRequest.parse(query("table=works&offset=-1&handle=x")).handle()).isEmpty();
    assertThat(ShapeRequest.parse(query("table=works&offset=now&handle=x")).handle()).isEmpty();
  }

  @Test
  void liveIsAnythingButFalse() throws InvalidRequest {
    String base = "table=works&offset=5_0&handle=1-1&";
    assertThat(ShapeRequest.parse(query(base + "live")).isLive()).isTrue();
    assertThat(ShapeRequest.parse(query(base + "live=0")).isLive()).isTrue();
    assertThat(ShapeRequest.parse(query(base + "live=false")).isLive()).isFalse();
    assertThat(
            ShapeRequest.parse(query(base + "live=true&experimental_live_sse=1")).isEventStream())
        .isTrue();
    assertThat(
            ShapeRequest.parse(query(base + "live=true&live_sse=false&experimental_live_sse=1"))
                .isEventStream())
        .isFalse();
  }

  @Test
  void columnsMayBeQuotedAndComeInTheOrderOfTheTable() throws InvalidRequest {
    ShapeRequest request =
        ShapeRequest.parse(query("table=works&offset=-1&columns=\"Has,Comma\",\"id\""));

    var definition = request.definition(View.all(WORKS), ShapeRequestTest::read);

    assertThat(definition.columns()).extracting(Column::name).containsExactly("id", "Has,Comma");
    assertThat(request.matches(definition)).isTrue();
    assertThat(ShapeRequest.parse(query("table=works&offset=-1&columns=id")).matches(definition))
        .isFalse();
  }

  @Test
  void theOffsetIsRead() throws InvalidRequest {
    assertThat(ShapeRequest.parse(query("table=works&offset=0_inf&handle=1-1")).offset())
        .contains(Offset.SNAPSHOT_END);
    assertThat(ShapeRequest.parse(query("table=works&offset=now")).isNow()).isTrue();
  }
}
