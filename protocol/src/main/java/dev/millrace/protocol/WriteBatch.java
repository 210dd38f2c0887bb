package dev.millrace.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The body of {@code POST /api/writes/batch}: changes of one device, in the order they were made.
 *
 * @param clientId names the device
 * @param schemaVersion of the application that made the changes
 */
public record WriteBatch(
    Optional<String> clientId, OptionalInt schemaVersion, List<WriteChange> changes) {

  private static final int MAX_CLIENT_ID = 200;

  public WriteBatch {
    changes = List.copyOf(changes);
  }

  public Json.Members toJson() {
    JsonBuilder json = new JsonBuilder().putText("client_id", clientId);
    schemaVersion.ifPresent(version -> json.put("schema_version", version));
    List<Json> sent = new ArrayList<>();
    changes.forEach(change -> sent.add(change.toJson()));
    return json.put("changes", new Json.Array(sent)).build();
  }

  /**
   * Reads a batch of at most {@code maxChanges} changes.
   *
   * @throws InvalidJson if it is none
   */
  public static WriteBatch read(Json document, int maxChanges) throws InvalidJson {
    JsonShape batch = JsonShape.of(JsonPointer.ROOT, document);
    List<WriteChange> changes = new ArrayList<>();
    for (JsonShape change : changes(batch, maxChanges)) {
      changes.add(WriteChange.read(change));
    }
    return of(batch, changes);
  }

  /** What is sent as changes, whether it is any. */
  static List<JsonShape> changes(JsonShape batch, int maxChanges) throws InvalidJson {
    List<Json> sent = batch.array("changes").items();
    if (sent.size() > maxChanges) {
      throw batch.wrong(
          "changes", "has %d changes, at most %d are read".formatted(sent.size(), maxChanges));
    }
    JsonPointer place = batch.place().member("changes");
    List<JsonShape> changes = new ArrayList<>(sent.size());
    for (Json change : sent) {
      changes.add(JsonShape.of(place.item(changes.size()), change));
    }
    return changes;
  }

  /** The rest of a batch with these changes. */
  static WriteBatch of(JsonShape batch, List<WriteChange> changes) throws InvalidJson {
    return new WriteBatch(clientId(batch), schemaVersion(batch), changes);
  }

  private static Optional<String> clientId(JsonShape batch) throws InvalidJson {
    Optional<String> id = batch.optionalText("client_id");
    if (id.filter(text -> text.length() > MAX_CLIENT_ID).isPresent()) {
      throw batch.wrong("client_id", "must have at most %d characters".formatted(MAX_CLIENT_ID));
    }
    return id;
  }

  private static OptionalInt schemaVersion(JsonShape batch) throws InvalidJson {
    Optional<Long> version = batch.optionalNumber("schema_version");
    if (version.isEmpty()) {
      return OptionalInt.empty();
    }
    if (version.get() < 0 || version.get() > Integer.MAX_VALUE) {
      throw batch.wrong("schema_version", "must be from 0 to " + Integer.MAX_VALUE);
    }
    return OptionalInt.of(version.get().intValue());
  }
}
