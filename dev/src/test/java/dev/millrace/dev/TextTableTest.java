package dev.millrace.dev;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class TextTableTest {
  @Test
  void columnsAreAlignedUnderTheirNames() {
    TextTable table =
        new TextTable(
            List.of("title", "year"), List.of(List.of("Στοιχεῖα", "-300"), List.of("Emma", "")));

    assertThat(table.toString())
        .isEqualTo(
            """
             title    | year\s
            ----------+------
             Στοιχεῖα | -300\s
             Emma     |     \s
            (2 rows)
            """);
  }

  @Test
  void noRowsAreStillATable() {
    assertThat(new TextTable(List.of("id"), List.of()).toString())
        .isEqualTo(" id \n----\n(0 rows)\n");
  }
}
