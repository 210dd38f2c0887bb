package dev.millrace.client.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.millrace.client.store.ColumnType.ArrayOf;
import dev.millrace.client.store.ColumnType.Scalar;
import dev.millrace.client.store.Entity;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where an application expects something else of the server is said before writes are rejected. */
class ServerSchemaTest {

  private static final Entity WORKS =
      Entity.of("works")
          .key("id", Scalar.UUID)
          .column("title", Scalar.TEXT)
          .column("year", Scalar.INT4)
          .column("tags", new ArrayOf(Scalar.TEXT))
          .build();

  private static List<String> differences(String columns) {
    return ServerSchema.read(columns).orElseThrow().differences(WORKS);
  }

  @Test
  void columnsThatFitAreNoDifferenceNorAreFurtherOnes() {
    assertThat(
            differences(
                """
                {"id":{"type":"uuid","pk_index":0},"title":{"type":"varchar","max_length":9},
                 "year":{"type":"int2"},"tags":{"type":"text","dims":1},"more":{"type":"mood"}}\
                """))
        .isEmpty();
  }

  @Test
  void missingColumnsOtherTypesAndOtherKeysAreNamed() {
    assertThat(
            differences(
                """
                {"id":{"type":"int8"},"year":{"type":"text"},"tags":{"type":"text"},
                 "number":{"type":"int8","pk_index":0}}\
                """))
        .satisfiesExactly(
            id -> assertThat(id).contains("id is int8 on the server"),
            title -> assertThat(title).contains("no column title"),
            year -> assertThat(year).contains("year is text on the server"),
            tags -> assertThat(tags).contains("tags is text on the server"),
            key -> assertThat(key).contains("the key is [number]"));
  }

  @Test
  void whereNullsAreExpectedOtherwiseItIsSaid() {
    Entity strict =
        Entity.of("works")
            .key("id", Scalar.UUID)
            .owner("owner", Scalar.UUID)
            .column("title", Scalar.TEXT, Entity.Nulls.NEVER)
            .column("year", Scalar.INT4, Entity.Nulls.MAYBE)
            .column("made_at", Scalar.TIMESTAMPTZ, Entity.Nulls.FILLED)
            .build();
    String told =
        """
        {"id":{"type":"uuid","pk_index":0,"not_null":true},"owner":{"type":"uuid","not_null":true},
         "title":{"type":"text"},"year":{"type":"int4","not_null":true},
         "made_at":{"type":"timestamptz","not_null":true}}\
        """;

    assertThat(ServerSchema.read(told).orElseThrow().differences(strict))
        .containsExactly(
            "title may be null on the server, and never is here",
            "year is never null on the server, and may be here");
  }

  @Test
  void whatIsNoSchemaSaysNothing() {
    assertThat(ServerSchema.read("[]")).isEmpty();
    assertThat(ServerSchema.read("{")).isEmpty();
  }
}
