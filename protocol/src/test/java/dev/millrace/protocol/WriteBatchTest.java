package dev.millrace.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WriteBatchTest {

  private static final String ID = "7c9e6679-7425-40de-944b-e07fc1f90ae7";

  /** What the queue of the pattern's first implementation sends: more members than we know. */
  private static final String SEED_BATCH =
      """
      {"changes":[{"id":"%s","table":"works","op":"insert",
        "payload":{"id":"%s","workType":"book","createdAt":1760000000000,"title":null},
        "created_at":1760000000000,"status":"syncing","retry_count":2,
        "applied_at":null,"error":"timeout"}]}
      """
          .formatted(ID, ID);

  private static WriteBatch read(String document) throws InvalidJson {
    return WriteBatch.read(JsonReader.read(document, JsonLimits.DEFAULT), 3);
  }

  @Test
  void whatIsWrittenIsReadAsTheSame() throws InvalidJson {
    RandomWrites writes = new RandomWrites();
    for (int i = 0; i < 500; i++) {
      WriteBatch batch = writes.batch();
      Json document = JsonReader.read(batch.toJson().toString(), JsonLimits.DEFAULT);

      assertThat(WriteBatch.read(document, 10)).isEqualTo(batch);
    }
  }

  @Test
  void theSeedsClientIsUnderstood() throws InvalidJson {
    WriteBatch batch = read(SEED_BATCH);

    assertThat(batch.clientId()).isEmpty();
    assertThat(batch.schemaVersion()).isEmpty();
    assertThat(batch.changes()).hasSize(1);
    WriteChange change = batch.changes().getFirst();
    assertThat(change.op()).isEqualTo(WriteChange.Op.INSERT);
    assertThat(change.createdAt()).isEqualTo(OptionalLong.of(1760000000000L));
    assertThat(change.retryCount()).isEqualTo(2);
    assertThat(change.base()).isEmpty();
    assertThat(change.tx()).isEmpty();
    assertThat(List.copyOf(change.payload().byName().keySet()))
        .containsExactly("id", "workType", "createdAt", "title");
    assertThat(change.payload().member("title")).contains(Json.NULL);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[]                            | ``              | must be an object, not an array",
        "{}                            | /changes        | is missing",
        "{\"changes\":{}}              | /changes        | must be an array, not an object",
        "{\"changes\":[1,2,3,4]}       | /changes        | has 4 changes, at most 3 are read",
        "{\"changes\":[1]}             | /changes/0      | must be an object, not a number",
        "{\"client_id\":1,\"changes\":[]} | /client_id   | must be a string",
        "{\"schema_version\":-1,\"changes\":[]} | /schema_version | must be from 0",
        "{\"schema_version\":\"1\",\"changes\":[]} | /schema_version | must be a whole number",
        "{\"schema_version\":1.0,\"changes\":[]} | /schema_version | must be a whole number",
      })
  void mistakesInABatchAreNamedWithTheirPlace(String document, String place, String reason) {
    assertRefused(document, place, reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "id          | ``           | is missing",
        "id          | null         | is missing",
        "id          | 7            | must be a string, not a number",
        "id          | \"7\"        | must be a UUID",
        "table       | ``           | is missing",
        "table       | \"\"         | must have 1 to 200 characters",
        "table       | [\"works\"]  | must be a string, not an array",
        "op          | ``           | is missing",
        "op          | \"upsert\"   | must be insert, update or delete",
        "op          | true         | must be a string, not a boolean",
        "payload     | ``           | is missing",
        "payload     | \"x\"        | must be an object, not a string",
        "payload     | null         | is missing",
        "created_at  | \"yesterday\" | must be a whole number",
        "created_at  | 1e3          | must be a whole number",
        "created_at  | 99999999999999999999 | must be a whole number",
        "base        | []           | must be an object, not an array",
        "tx          | 1            | must be a string",
        "tx          | \"\"         | must have 1 to 200 characters",
        "status      | 1            | must be a string",
        "retry_count | -1           | must not be negative",
        "retry_count | \"1\"        | must be a whole number",
      })
  void mistakesInAChangeAreNamedWithTheirPlace(String member, String value, String reason)
      throws InvalidJson {
    JsonBuilder change =
        new JsonBuilder()
            .put("id", ID)
            .put("table", "works")
            .put("op", "insert")
            .put("payload", new JsonBuilder().build());
    Json.Members good = change.build();
    Json.Members bad =
        value.isEmpty()
            ? without(good, member)
            : change.put(member, JsonReader.read(value, JsonLimits.DEFAULT)).build();
    String document = "{\"changes\":[%s,%s]}".formatted(good, bad);

    assertRefused(document, "/changes/1/" + member, reason);
  }

  private static Json.Members without(Json.Members change, String member) {
    JsonBuilder rest = new JsonBuilder();
    change
        .byName()
        .forEach((name, value) -> {
          if (!name.equals(member)) {
            rest.put(name, value);
          }
        });
    return rest.build();
  }

  private static void assertRefused(String document, String place, String reason) {
    try {
      fail("was read as " + read(document));
    } catch (InvalidJson e) {
      assertThat(e.place()).hasToString(place);
      assertThat(e.reason()).contains(reason);
    }
  }
}
