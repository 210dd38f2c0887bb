package dev.millrace.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.dev.LocalPostgres;
import dev.millrace.protocol.RelationName;
import dev.millrace.server.filter.FilterAnalysis;
import dev.millrace.server.filter.InvalidExpression;
import dev.millrace.server.postgres.Catalog;
import dev.millrace.server.postgres.Database;
import dev.millrace.server.postgres.DatabaseUrl;
import dev.millrace.server.postgres.Table;
import java.sql.Statement;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Clauses that differ in their constants only: what is put together of a template is what Postgres
 * makes of the text.
 */
@ExtendWith(OnePostgres.class)
class FilterTemplatesTest {

  private static final int FORMS = Integer.getInteger("millrace.forms", 150);
  private static final int CONSTANTS = 3;

  private static Database database;
  private static Table table;

  @BeforeAll
  static void prepare(LocalPostgres postgres) {
    database = Database.open(DatabaseUrl.parse(postgres.createDatabase("templates")), 4);
    database.with(
        "making a table",
        connection -> {
          try (Statement statement = connection.createStatement()) {
            statement.execute(RandomCondition.TYPES);
            statement.execute("create table many (" + RandomCondition.COLUMNS + ")");
          }
          return true;
        });
    table = new Catalog(database).table(new RelationName("public", "many")).orElseThrow();
  }

  @AfterAll
  static void close() {
    database.close();
  }

  /** The filter, or why there is none. */
  private static String result(FilterAnalysis analysis, RandomCondition condition) {
    try {
      return analysis.analyse(table, condition.text(), condition.parameters()).canonical();
    } catch (InvalidExpression e) {
      return e.reason();
    }
  }

  @Test
  void aTemplateGivesWhatTheTextGives() {
    long seed = Workload.seed();
    Random random = new Random(seed);
    FilterAnalysis analysis = new FilterAnalysis(database);
    int texts = 0;
    int accepted = 0;
    for (int i = 0; i < FORMS; i++) {
      long form = random.nextLong();
      for (int n = 0; n < CONSTANTS; n++) {
        RandomCondition condition = RandomCondition.of(form, random.nextLong());
        FilterAnalysis fresh = new FilterAnalysis(database);
        String direct = result(fresh, condition);
        String templated = result(analysis, condition);
        assertThat(templated).as("seed %d, form %d: %s", seed, form, condition).isEqualTo(direct);
        texts++;
        accepted += direct.startsWith("At location") ? 0 : 1;
      }
    }
    System.out.printf("%d texts, %d accepted, %d analyses%n", texts, accepted, analysis.analyses());
  }
}
