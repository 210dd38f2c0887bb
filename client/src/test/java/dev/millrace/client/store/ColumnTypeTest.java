package dev.millrace.client.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.client.store.ColumnType.ArrayOf;
import dev.millrace.client.store.ColumnType.Scalar;
import dev.millrace.protocol.Json;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The four forms of a value: what Postgres prints, what is stored, what Java has, what is sent. */
class ColumnTypeTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "BOOL        | t                              | true",
        "BOOL        | f                              | false",
        "INT2        | -32768                         | -32768",
        "INT4        | 2147483647                     | 2147483647",
        "INT8        | 9223372036854775807            | 9223372036854775807",
        "FLOAT8      | 1e+300                         | 1.0E300",
        "FLOAT8      | 0.1                            | 0.1",
        "NUMERIC     | 12345678901234567890.0123456789 | 12345678901234567890.0123456789",
        "NUMERIC     | 1.50                           | 1.50",
        "DATE        | 2026-01-31                     | \"2026-01-31\"",
        "DATE        | 0044-03-15 BC                  | \"0044-03-15 BC\"",
        "DATE        | 12026-01-31                    | \"12026-01-31\"",
        "DATE        | infinity                       | \"infinity\"",
        "TIME        | 03:04:05.678                   | \"03:04:05.678000\"",
        "TIME        | 24:00:00                       | \"24:00:00\"",
        "TIMESTAMP   | 2026-01-31 03:04:05            | \"2026-01-31 03:04:05\"",
        "TIMESTAMP   | -infinity                      | \"-infinity\"",
        "TIMESTAMPTZ | 2026-01-31 03:04:05.1+00       | \"2026-01-31 03:04:05.100000+00\"",
        "TIMESTAMPTZ | 1969-12-31 23:59:59.999999+00  | \"1969-12-31 23:59:59.999999+00\"",
        "TIMESTAMPTZ | 0044-03-15 12:00:00+00 BC      | \"0044-03-15 12:00:00+00 BC\"",
        "BYTEA       | \\x00ff                        | \"\\\\x00ff\"",
        "JSON        | {\"a\":[1.0,null]}             | {\"a\":[1.0,null]}",
        "UUID        | a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11 | \"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\"",
        "TEXT        | a \"quoted\" text              | \"a \\\"quoted\\\" text\"",
      })
  void whatPostgresPrintsIsSentBackAsWhatItMeans(Scalar type, String text, String sent) {
    Object stored = type.storeText(text);

    assertThat(type.write(stored).toString()).isEqualTo(sent);
    assertThat(type.store(type.load(stored))).isEqualTo(stored);
  }

  @Test
  void valuesAreJavasOwn() {
    assertThat(Scalar.TIMESTAMPTZ.load(Scalar.TIMESTAMPTZ.storeText("2026-01-31 03:04:05.5+00")))
        .isEqualTo(Instant.parse("2026-01-31T03:04:05.5Z"));
    assertThat(Scalar.TIMESTAMP.load(Scalar.TIMESTAMP.storeText("2026-01-31 03:04:05")))
        .isEqualTo(LocalDateTime.of(2026, 1, 31, 3, 4, 5));
    assertThat(Scalar.DATE.load(Scalar.DATE.storeText("2026-01-31")))
        .isEqualTo(LocalDate.of(2026, 1, 31));
    assertThat(Scalar.DATE.load(Scalar.DATE.storeText("infinity"))).isEqualTo(LocalDate.MAX);
    assertThat(Scalar.TIME.load(Scalar.TIME.storeText("03:04:05")))
        .isEqualTo(LocalTime.of(3, 4, 5));
    assertThat(Scalar.NUMERIC.load(Scalar.NUMERIC.storeText("1.50")))
        .isEqualTo(new BigDecimal("1.50"));
    assertThat(Scalar.NUMERIC.load(Scalar.NUMERIC.storeText("NaN"))).isNull();
    assertThat(Scalar.FLOAT8.load(Scalar.FLOAT8.storeText("-Infinity")))
        .isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(Scalar.FLOAT4.load(Scalar.FLOAT4.store(0.1f))).isEqualTo(0.1f);
    assertThat((byte[]) Scalar.BYTEA.load(Scalar.BYTEA.store(new byte[] {0, -1}))).hasSize(2);
    UUID id = UUID.randomUUID();
    assertThat(Scalar.UUID.load(Scalar.UUID.store(id))).isEqualTo(id);
  }

  @Test
  void arraysAreListsOfAnyDepth() {
    ArrayOf texts = new ArrayOf(Scalar.TEXT);
    Object stored = texts.storeText("{\"a,b\",NULL,\"NULL\",\"\",\"c\\\\d\",\"{}\",plain}");

    assertThat(texts.load(stored))
        .isEqualTo(Arrays.asList("a,b", null, "NULL", "", "c\\d", "{}", "plain"));
    assertThat(texts.write(stored).toString())
        .isEqualTo("[\"a,b\",null,\"NULL\",\"\",\"c\\\\d\",\"{}\",\"plain\"]");
    ArrayOf grid = new ArrayOf(Scalar.INT4);
    assertThat(grid.load(grid.storeText("[0:1][1:2]={{1,2},{3,4}}")))
        .isEqualTo(List.of(List.of(1, 2), List.of(3, 4)));
    assertThat(grid.load(grid.store(List.of()))).isEqualTo(List.of());
    ArrayOf docs = new ArrayOf(Scalar.JSON);
    assertThat(docs.write(docs.storeText("{[1],\"{\\\"a\\\": \\\"b\\\"}\",NULL}")).toString())
        .isEqualTo("[[1],{\"a\":\"b\"},null]");
  }

  @Test
  void whatIsNotOfATypeIsKeptAndSaidWhenItIsRead() {
    Object stored = Scalar.INT4.storeText("many");

    assertThat(stored).isEqualTo("many");
    assertThatThrownBy(() -> Scalar.INT4.load(stored))
        .isInstanceOfSatisfying(
            SyncClientException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.TYPE_MISMATCH));
  }

  @Test
  void valuesOfAnotherTypeAreRefusedBeforeTheyAreWritten() {
    assertThatThrownBy(() -> Scalar.INT4.store("7")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Scalar.INT2.store(70_000))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Scalar.TEXT.store("a\0b"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new ArrayOf(Scalar.INT4).store(List.of("a")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void nullIsNullInAllForms() {
    for (ColumnType type : List.of(Scalar.INT4, Scalar.JSON, new ArrayOf(Scalar.TEXT))) {
      assertThat(type.store(null)).isNull();
      assertThat(type.load(null)).isNull();
      assertThat(type.storeText(null)).isNull();
      assertThat(type.write(null)).isEqualTo(Json.NULL);
      assertThat(type.storeJson(Json.NULL)).isNull();
    }
  }
}
