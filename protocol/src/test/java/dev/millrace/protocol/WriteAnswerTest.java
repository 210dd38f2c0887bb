package dev.millrace.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WriteAnswerTest {

  private static WriteResult done(String id, WriteResult.Status status) {
    return new WriteResult(
        id,
        status,
        Optional.of("812"),
        Optional.of(new Lsn(26_690_000)),
        List.of(),
        Optional.empty(),
        Optional.empty());
  }

  @Test
  void whatIsWrittenIsReadAsTheSame() throws InvalidJson {
    RandomWrites writes = new RandomWrites();
    for (int i = 0; i < 500; i++) {
      WriteAnswer answer = writes.answer();
      Json document = JsonReader.read(answer.toJson().toString(), JsonLimits.DEFAULT);

      assertThat(WriteAnswer.read(document)).isEqualTo(answer);
      assertThat(answer.toText()).isEqualTo(answer.toJson().toString());
    }
  }

  @Test
  void whatIsInTheDatabaseIsAppliedAndTheRestAreErrors() {
    WriteAnswer answer =
        new WriteAnswer(
            List.of(
                done("a", WriteResult.Status.APPLIED),
                done("b", WriteResult.Status.DUPLICATE),
                done("c", WriteResult.Status.MERGED),
                WriteResult.failed("d", new WriteError("row_not_found", "no such row", false)),
                WriteResult.failed("e", new WriteError("deadlock", "try again", true))));

    assertThat(answer.toJson())
        .hasToString(
            """
            {"applied":["a","b","c"],\
            "errors":[\
            {"id":"d","error":"no such row","code":"row_not_found","retryable":false},\
            {"id":"e","error":"try again","code":"deadlock","retryable":true}],\
            "results":[\
            {"id":"a","status":"applied","txid":"812","lsn":"26690000"},\
            {"id":"b","status":"duplicate","txid":"812","lsn":"26690000"},\
            {"id":"c","status":"merged","txid":"812","lsn":"26690000"},\
            {"id":"d","status":"rejected","error":"no such row","code":"row_not_found","retryable":false},\
            {"id":"e","status":"retry","error":"try again","code":"deadlock","retryable":true}]}\
            """);
  }

  @Test
  void aConflictSaysWhatEachWantedAndWhichStands() {
    Conflict conflict =
        new Conflict(
            "title", Optional.of(Json.NULL), new Json.Text("mine"), Json.NULL, Conflict.Kept.YOURS);

    assertThat(conflict.toJson())
        .hasToString(
            "{\"column\":\"title\",\"base\":null,\"yours\":\"mine\",\"theirs\":null,\"kept\":\"yours\"}");
  }

  @Test
  void aResultHasAnErrorExactlyIfItIsNotInTheDatabase() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> done("a", WriteResult.Status.REJECTED))
        .withMessage("REJECTED without an error");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[]                                       | document: must be an object",
        "{}                                       | /results: is missing",
        "{\"results\":[{\"id\":\"a\"}]}           | /results/0/status: is missing",
        "{\"results\":[{\"id\":\"a\",\"status\":\"lost\"}]} | /results/0/status: must be applied",
        "{\"results\":[{\"id\":\"a\",\"status\":\"retry\"}]} | /results/0/code: is missing",
        "{\"results\":[{\"id\":\"a\",\"status\":\"applied\",\"lsn\":\"0/1\"}]} | /results/0/lsn: must be",
        "{\"results\":[{\"id\":\"a\",\"status\":\"merged\",\"conflicts\":[{}]}]}"
            + " | /results/0/conflicts/0/column: is missing",
      })
  void mistakesAreNamedWithTheirPlace(String document, String message) {
    assertThatExceptionOfType(InvalidJson.class)
        .isThrownBy(() -> WriteAnswer.read(JsonReader.read(document, JsonLimits.DEFAULT)))
        .withMessageContaining(message);
  }
}
