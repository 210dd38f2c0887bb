package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.dev.LocalPostgres;
import dev.millrace.protocol.RelationName;
import dev.millrace.server.filter.FilterAnalysis;
import dev.millrace.server.filter.InvalidExpression;
import dev.millrace.server.postgres.Catalog;
import dev.millrace.server.postgres.Database;
import dev.millrace.server.postgres.DatabaseUrl;
import dev.millrace.server.postgres.Table;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What Postgres makes of where clauses. */
@ExtendWith(OnePostgres.class)
class FilterAnalysisTest {

  private static Database database;
  private static Table table;
  private static FilterAnalysis analysis;

  @BeforeAll
  static void prepare(LocalPostgres postgres) throws Exception {
    String url = postgres.createDatabase("analysis");
    database = Database.open(DatabaseUrl.parse(url), 4);
    database.with(
        "making a table",
        connection -> {
          try (Statement statement = connection.createStatement()) {
            statement.execute(
                """
                create table works (
                  id int primary key, owner_id uuid, title text, year int, price numeric(10, 2),
                  added timestamptz, "Odd ""one" text, done boolean, a int, b int)
                """);
          }
          return true;
        });
    table = new Catalog(database).table(new RelationName("public", "works")).orElseThrow();
    analysis = new FilterAnalysis(database);
  }

  @AfterAll
  static void close() {
    database.close();
  }

  private static String canonical(String where) throws InvalidExpression {
    return analysis.analyse(table, where, Map.of()).canonical();
  }

  @Test
  void aConditionIsPrintedWithItsCasts() throws Exception {
    assertThat(canonical("year between 1900 and 2000"))
        .isEqualTo("((year >= 1900) AND (year <= 2000))");
    assertThat(canonical("title ilike 'a%'")).isEqualTo("(title ~~* 'a%'::text)");
    assertThat(canonical("\"Odd \"\"one\" = 'x'")).isEqualTo("(\"Odd \"\"one\" = 'x'::text)");
  }

  @Test
  void itStandsOnOneLine() throws Exception {
    assertThat(canonical("case when done then title = 'a\n  b' else true end"))
        .isEqualTo("CASE WHEN done THEN (title = 'a\n  b'::text) ELSE true END");
  }

  @Test
  void mistakesHaveTheirPlace() {
    assertThatThrownBy(() -> canonical("1 x 1"))
        .hasMessage("At location 17: syntax error at or near \"x\"");
    assertThatThrownBy(() -> canonical("year = foo"))
        .hasMessage("At location 7: column \"foo\" does not exist");
    assertThatThrownBy(() -> canonical("year")).hasMessage("WHERE clause must return a boolean");
    assertThatThrownBy(() -> canonical("owner_id = 'x'"))
        .hasMessage("At location 11: invalid input syntax for type uuid: \"x\"");
  }
}
