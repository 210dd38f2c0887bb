package dev.millrace.server.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseUrlTest {

  @Test
  void readsAllParts() {
    DatabaseUrl url =
        DatabaseUrl.parse("postgresql://us%40er:p%3Aw+d@db.example:6000/my%20db?sslmode=require");

    assertThat(url.host()).isEqualTo("db.example");
    assertThat(url.port()).isEqualTo(6000);
    assertThat(url.database()).isEqualTo("my db");
    assertThat(url.user()).isEqualTo("us@er");
    assertThat(url.password()).isEqualTo("p:w+d");
    assertThat(url.options()).containsEntry("sslmode", "require");
  }

  @Test
  void whatIsLeftOutHasPostgresDefaults() {
    DatabaseUrl url = DatabaseUrl.parse("postgres://ada@localhost");

    assertThat(url.port()).isEqualTo(5432);
    assertThat(url.database()).isEqualTo("ada");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"mysql://user:secret@h/d", "postgresql://user:secret@/d", "user:secret@h d"})
  void aWrongUrlIsRefusedWithoutRepeatingThePassword(String text) {
    assertThatThrownBy(() -> DatabaseUrl.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("secret");
  }

  @Test
  void theTextFormHidesThePassword() {
    assertThat(DatabaseUrl.parse("postgresql://u:secret@h/d"))
        .hasToString("postgresql://u@h:5432/d");
  }
}
