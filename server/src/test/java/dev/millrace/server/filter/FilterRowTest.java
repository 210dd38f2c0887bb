package dev.millrace.server.filter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.server.filter.value.CaseFolding;
import dev.millrace.server.filter.value.Type;
import dev.millrace.server.postgres.Tuples;
import org.junit.jupiter.api.Test;

class FilterRowTest {

  private static final int[] IN_ORDER = {0, 1};

  private final FilterRow row = new FilterRow();

  private String folded(int column) {
    return new String(row.folded(column, CaseFolding.ASCII), UTF_8);
  }

  @Test
  void itHasTheValuesOfTheRowThatItWasShownLast() {
    row.reset(Tuples.of("1", "One"), null, IN_ORDER);
    assertThat(row.value(0, Type.INT4)).isEqualTo(1L);
    assertThat(folded(1)).isEqualTo("one");

    row.reset(Tuples.of("2", "TWO"), null, IN_ORDER);

    assertThat(row.value(0, Type.INT4)).isEqualTo(2L);
    assertThat(folded(1)).isEqualTo("two");
  }

  @Test
  void aValueIsReadOnceForAllWhoAsk() {
    row.reset(Tuples.of("1.50", "x"), null, IN_ORDER);

    assertThat(row.value(0, Type.NUMERIC)).isSameAs(row.value(0, Type.NUMERIC));
  }

  @Test
  void nullIsNoText() {
    row.reset(Tuples.of(null, ""), null, IN_ORDER);

    assertThat(row.isNull(0)).isTrue();
    assertThat(row.value(0, Type.TEXT)).isNull();
    assertThat(row.isNull(1)).isFalse();
    assertThat(row.value(1, Type.TEXT)).isEqualTo("");
  }

  @Test
  void whatAnUpdateLeftIsReadFromTheRowBefore() {
    row.reset(Tuples.of("2", Tuples.UNCHANGED), Tuples.of("1", "Large"), IN_ORDER);

    assertThat(row.value(0, Type.INT4)).isEqualTo(2L);
    assertThat(row.value(1, Type.TEXT)).isEqualTo("Large");
    assertThat(folded(1)).isEqualTo("large");
  }

  @Test
  void whatTheStreamDidNotCarryIsNotGuessed() {
    row.reset(Tuples.of("1", Tuples.UNCHANGED), null, IN_ORDER);
    assertThatThrownBy(() -> row.isNull(1)).isInstanceOf(IllegalStateException.class);

    row.reset(Tuples.of("1", Tuples.UNCHANGED), Tuples.of("1", Tuples.UNCHANGED), IN_ORDER);
    assertThatThrownBy(() -> row.value(1, Type.TEXT)).isInstanceOf(IllegalStateException.class);

    row.reset(Tuples.of("1", "x"), null, new int[] {0, -1});
    assertThatThrownBy(() -> row.value(1, Type.TEXT)).isInstanceOf(IllegalStateException.class);
  }

  /** As in a partition whose columns have another order, and in a table that grew. */
  @Test
  void columnsLieWhereThePlacesSay() {
    row.reset(Tuples.of("one", "1"), null, new int[] {1, 0});
    assertThat(row.value(0, Type.INT4)).isEqualTo(1L);
    assertThat(row.value(1, Type.TEXT)).isEqualTo("one");

    row.reset(Tuples.of("2", "two", "true"), null, new int[] {0, 1, -1, 2});

    assertThat(row.value(0, Type.INT4)).isEqualTo(2L);
    assertThat(row.value(1, Type.TEXT)).isEqualTo("two");
    assertThat(row.value(3, Type.BOOL)).isEqualTo(true);
  }
}
