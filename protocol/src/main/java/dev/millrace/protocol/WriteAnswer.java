package dev.millrace.protocol;

import java.util.ArrayList;
import java.util.List;

/**
 * The answer to a {@link WriteBatch}: a result for each change. On the wire it says twice what
 * became of them, as {@code applied} and {@code errors} for clients that want no more, and as
 * {@code results}.
 */
public record WriteAnswer(List<WriteResult> results) {

  public WriteAnswer {
    results = List.copyOf(results);
  }

  public Json.Members toJson() {
    List<Json> applied = new ArrayList<>();
    List<Json> errors = new ArrayList<>();
    for (WriteResult result : results) {
      result
          .error()
          .ifPresentOrElse(
              error -> errors.add(result.errorJson(error)),
              () -> applied.add(new Json.Text(result.id())));
    }
    return new JsonBuilder()
        .put("applied", new Json.Array(applied))
        .put("errors", new Json.Array(errors))
        .put("results", new Json.Array(results.stream().map(WriteResult::toJson).toList()))
        .build();
  }

  /** The text of {@link #toJson}, without making that first: most results say little. */
  public String toText() {
    StringBuilder out = new StringBuilder(200 * results.size() + 100);
    out.append("{\"applied\":[");
    String separator = "";
    for (WriteResult result : results) {
      if (result.error().isEmpty()) {
        JsonText.quote(out.append(separator), result.id());
        separator = ",";
      }
    }
    out.append("],\"errors\":[");
    separator = "";
    for (WriteResult result : results) {
      if (result.error().isPresent()) {
        out.append(separator).append(result.errorJson(result.error().get()));
        separator = ",";
      }
    }
    out.append("],\"results\":[");
    separator = "";
    for (WriteResult result : results) {
      result.appendTo(out.append(separator));
      separator = ",";
    }
    return out.append("]}").toString();
  }

  /**
   * Reads what {@link #toJson} writes, by its {@code results}.
   *
   * @throws InvalidJson if it is no such answer
   */
  public static WriteAnswer read(Json document) throws InvalidJson {
    JsonShape answer = JsonShape.of(JsonPointer.ROOT, document);
    List<WriteResult> results = new ArrayList<>();
    for (Json result : answer.array("results").items()) {
      JsonPointer place = answer.place().member("results").item(results.size());
      results.add(WriteResult.read(JsonShape.of(place, result)));
    }
    return new WriteAnswer(results);
  }
}
