package dev.millrace.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.protocol.RelationName;
import dev.millrace.server.postgres.Column;
import dev.millrace.server.shape.Projection;
import dev.millrace.server.shape.ShapeDefinition;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Protocol section 6.6; modifiers as Postgres packs them into {@code atttypmod}. */
class SchemaHeaderTest {

  // Protocol 6.6-1.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "text | -1 | 0 | \"type\":\"text\"",
        "int4 | -1 | 2 | \"type\":\"int4\",\"dims\":2",
        "varchar | 24 | 0 | \"type\":\"varchar\",\"max_length\":20",
        "bpchar | 14 | 0 | \"type\":\"bpchar\",\"length\":10",
        "bit | 5 | 0 | \"type\":\"bit\",\"length\":5",
        "timestamptz | 3 | 0 | \"type\":\"timestamptz\",\"precision\":3",
        "timestamptz | -1 | 0 | \"type\":\"timestamptz\"",
        "numeric | 655366 | 0 | \"type\":\"numeric\",\"precision\":10,\"scale\":2",
        "numeric | 657410 | 0 | \"type\":\"numeric\",\"precision\":10,\"scale\":-2",
        "interval | 2147418115 | 0 | \"type\":\"interval\",\"precision\":3",
        "interval | 327679 | 0 | \"type\":\"interval\",\"fields\":\"YEAR\"",
        "interval | 470351871 | 0 | \"type\":\"interval\",\"fields\":\"DAY TO SECOND\"",
        "geometry | 7 | 0 | \"type\":\"geometry\",\"type_mod\":7"
      })
  void typesSayTheirModifiers(String type, int modifier, int dimensions, String expected) {
    Column column =
        new Column("c", 1, type, 1, dimensions, modifier, false, Column.Generation.NONE, -1);
    ShapeDefinition definition =
        new ShapeDefinition(
            new Projection(
                1,
                new RelationName("public", "t"),
                false,
                List.of(column),
                List.of(column),
                List.of(),
                true,
                ShapeDefinition.Replica.DEFAULT,
                ShapeDefinition.LogMode.FULL,
                Optional.empty()),
            Optional.empty());

    assertThat(SchemaHeader.of(definition)).isEqualTo("{\"c\":{" + expected + "}}");
  }
}
