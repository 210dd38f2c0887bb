package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.conformance.ShapeHttp.Answer;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Protocol section 1, and the table of what is not supported yet. */
@ExtendWith({OnePostgres.class, OneShapeServer.class})
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class ShapeHttpParametersTest {

  private final ShapeServer server;
  private final ShapeHttp http;

  ShapeHttpParametersTest(ShapeServer server) {
    this.server = server;
    this.http = server.http();
  }

  static Stream<Arguments> mistakes() {
    return Stream.of(
        Arguments.of("table=items&offset=-1&replica=x", "replica", "is invalid"),
        Arguments.of("table=items&offset=-1&log=x", "log", "is invalid"),
        Arguments.of(
            "table=items&offset=-1&experimental_live_sse=x", "experimental_live_sse", "is invalid"),
        Arguments.of("table=items", "offset", "can't be blank"),
        Arguments.of("table=items&offset=", "offset", "can't be blank"),
        Arguments.of("table=items&offset=x", "offset", "has invalid format"),
        Arguments.of("table=items&offset=-2", "offset", "has invalid format"),
        Arguments.of("table=items&offset=1", "offset", "has invalid format"),
        Arguments.of("table=items&offset=1_x", "offset", "has invalid format"),
        Arguments.of(
            "table=items&offset=9223372036854775808_0&handle=1-1", "offset", "has invalid format"),
        Arguments.of("table=items&offset=0_0", "handle", "can't be blank when offset != -1"),
        Arguments.of("table=items&offset=-1&live=true", "live", "can't be true when offset == -1"),
        Arguments.of("table=items&offset=-1&live", "live", "can't be true when offset == -1"),
        Arguments.of(
            "table=items&offset=now&live=true", "live", "can't be true when offset is 'now'"),
        Arguments.of(
            "table=items&offset=-1&live_sse=true",
            "live_sse",
            "can't be true unless live is also true"),
        Arguments.of("offset=-1", "table", "can't be blank"),
        Arguments.of("table=&offset=-1", "table", "can't be blank"),
        Arguments.of("table=%22%22&offset=-1", "table", "Invalid zero-length delimited identifier"),
        Arguments.of(
            "table=it-ems&offset=-1",
            "table",
            "Invalid unquoted identifier contains special characters: it-ems"),
        Arguments.of(
            "table=%22a%22b%22&offset=-1",
            "table", "Invalid identifier with unescaped quote: a\"b"),
        Arguments.of(
            "table=" + "x".repeat(64) + "&offset=-1",
            "table",
            "Identifier is too long (max length is 63)"),
        Arguments.of(
            "table=a.b.c&offset=-1",
            "table",
            "Invalid relation identifier, too many delimiters: a.b.c"),
        Arguments.of(
            "table=items&offset=-1&columns=", "columns", "The list of columns must not be empty"),
        Arguments.of(
            "table=items&offset=-1&columns=id,a-b",
            "columns",
            "Invalid unquoted identifier contains special characters: a-b"),
        Arguments.of(
            "table=Nowhere&offset=-1",
            "table",
            "Table \"public\".\"nowhere\" does not exist. If the table name contains capitals"
                + " or special characters you must quote it."),
        Arguments.of(
            "table=items&offset=-1&columns=name,n",
            "columns",
            "The list of columns must include all primary key columns, missing: id"),
        Arguments.of(
            "table=items&offset=-1&columns=id,x,y",
            "columns",
            "The following columns are not found on the table: x, y"),
        Arguments.of(
            "table=generated&offset=-1&columns=id,twice",
            "columns",
            "The following columns are generated and cannot be included in the shape: twice"),
        Arguments.of(
            "table=generated&offset=-1",
            "columns",
            "The following columns are generated and cannot be included in the shape: twice. You"
                + " can exclude them from the shape by explicitly listing which columns to fetch"
                + " in the 'columns' query param"),
        Arguments.of(
            "table=items&offset=-1&where=1%20x%201",
            "where", "At location 17: syntax error at or near \"x\""),
        Arguments.of("table=items&offset=-1&params=x", "params", "is invalid"),
        Arguments.of(
            "table=items&offset=-1&params%5Bx%5D=x",
            "params", "Parameters can only use numbers as keys"),
        Arguments.of(
            "table=items&offset=-1&params%5B2%5D=x",
            "params", "Parameters must be numbered sequentially, starting from 1"),
        Arguments.of(
            "table=items&offset=-1&experimental_compaction=x",
            "experimental_compaction",
            "is invalid"),
        Arguments.of(
            "table=items&offset=-1&queryable_columns=",
            "queryable_columns",
            "The list of columns must not be empty"),
        Arguments.of(
            "table=items&offset=-1&queryable_columns=name",
            "queryable_columns",
            "The list of queryable columns must include all primary key columns, missing: id"),
        Arguments.of(
            "table=items&offset=-1&queryable_columns=id,y,x",
            "queryable_columns",
            "The following queryable columns are not found on the table: x, y"),
        Arguments.of(
            "table=items&offset=-1&queryable_columns=id,name&columns=id,n",
            "columns",
            "The following columns are not found on the table: n"),
        // The order of the checks.
        Arguments.of("replica=x&offset=x", "replica", "is invalid"),
        Arguments.of("offset=x&live_sse=true", "offset", "has invalid format"),
        Arguments.of("where=1&live=true&offset=-1", "live", "can't be true when offset == -1"),
        Arguments.of("offset=-1&params=x", "params", "is invalid"),
        Arguments.of("offset=-1&columns=", "table", "can't be blank"),
        Arguments.of(
            "table=items&table=a.b.c&offset=-1",
            "table",
            "Invalid relation identifier, too many delimiters: a.b.c"));
  }

  // Protocol 1-2, 1-3, 1-4, 1-5, 1-6, 1-7, 1-8, 1-9, 1-10, 1-11, 1-12, 1-13, 1-14, 1-15, 1-16.
  // Protocol 1-18.
  // Protocol 2-3.
  @ParameterizedTest
  @MethodSource("mistakes")
  void aMistakeIsNamed(String query, String field, String text) throws Exception {
    Answer answer = http.get("/v1/shape?" + query);

    assertThat(answer.status()).as(answer.body()).isEqualTo(400);
    assertThat(Json.parse(answer.body())).isEqualTo(ShapeHttp.error(field, text));
    assertThat(answer.header("content-type")).isEqualTo("application/json; charset=utf-8");
    assertThat(answer.header("cache-control")).isEqualTo("no-store");
    assertThat(answer.header("surrogate-control")).isEqualTo("no-store");
  }

  // Protocol 1-3, 1-4.
  @Test
  void wrongChoicesAreReportedTogether() throws Exception {
    Answer answer = http.get("/v1/shape?replica=x&log=x&experimental_live_sse=x");

    assertThat(Json.object(Json.object(Json.parse(answer.body())).get("errors")))
        .containsOnlyKeys("replica", "log", "experimental_live_sse");
  }

  // Protocol 1-12.
  @Test
  void aSubsetIsCheckedAfterTheColumns() throws Exception {
    assertThat(http.get(ShapeServer.ITEMS + "&columns=&subset__limit=x").body())
        .contains("\"columns\"")
        .doesNotContain("subset");
    assertThat(http.get(ShapeServer.ITEMS + "&columns=x&subset__limit=x").body())
        .contains("\"subset\"")
        .doesNotContain("columns");
  }

  // Protocol 1-17.
  @Test
  void queryableColumnsAreSelectedAndNotPartOfTheShape() throws Exception {
    ShapeCopy queryable = server.copy("items", "queryable_columns", "id,name");
    ShapeCopy named = server.copy("items", "columns", "id,name");
    ShapeCopy both = server.copy("items", "columns", "id,name", "queryable_columns", "n,name,id");

    assertThat(queryable.handle()).isEqualTo(named.handle()).isEqualTo(both.handle());
    assertThat(queryable.rows())
        .allSatisfy(row -> assertThat(row.value()).containsOnlyKeys("id", "name"));
  }

  // Protocol 1-1, 1-2.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "&unknown=1",
        "&experimental_compaction=true",
        "&live=false",
        "&handle=nonsense",
        "&table=public.items",
        "&table=ITEMS",
        "&table=%22public%22.%22items%22",
        "&replica=default",
        "&log=full",
        "&experimental_live_sse=0",
        "&cursor=x"
      })
  void theseMakeNoDifferenceToTheShape(String further) throws Exception {
    Answer plain = http.get(ShapeServer.ITEMS);

    Answer answer = http.get(ShapeServer.ITEMS + further);

    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.handle()).isEqualTo(plain.handle());
  }
}
