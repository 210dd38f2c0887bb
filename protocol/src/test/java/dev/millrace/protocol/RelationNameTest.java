package dev.millrace.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RelationNameTest {

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      value = {
        "works, public, works",
        "Works, public, works",
        "app.Works, app, works",
        "\"App\".\"My Works\", App, My Works",
        "\"a.b\".\"c\"\"d\", a.b, c\"d",
        "straße, public, straße",
        "\"a/b\", public, a/b"
      })
  void namesAreFoldedUnlessQuoted(String text, String schema, String table) throws InvalidName {
    assertThat(RelationName.parse(text)).isEqualTo(new RelationName(schema, table));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      value = {
        "\"\" | Invalid zero-length delimited identifier",
        "a b | Invalid unquoted identifier contains special characters: a b",
        "1a | Invalid unquoted identifier contains special characters: 1a",
        "\"a\"b\" | Invalid identifier with unescaped quote: a\"b",
        "a.b.c | Invalid relation identifier, too many delimiters: a.b.c"
      },
      delimiter = '|')
  void whatIsNoNameIsRefusedInTheProtocolsWords(String text, String message) {
    assertThatThrownBy(() -> RelationName.parse(text)).hasMessage(message);
  }

  @Test
  void aNameIsAtMost63CharactersLong() throws InvalidName {
    assertThat(RelationName.parse("a".repeat(63)).table()).hasSize(63);
    assertThatThrownBy(() -> RelationName.parse("a".repeat(64)))
        .hasMessage("Identifier is too long (max length is 63)");
  }

  @Test
  void quotingReadsBackAsTheSameName() throws InvalidName {
    RelationName odd = new RelationName("My \"App\"", "a.b/c");

    assertThat(RelationName.parse(odd.quoted())).isEqualTo(odd);
  }
}
