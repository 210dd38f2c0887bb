package dev.millrace.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What became of a change.
 *
 * @param txid of the transaction that applied it, as a shape's messages name it
 * @param lsn a position at or after that transaction's commit
 * @param conflicts what it met, whether it won or not
 * @param row the row as it is now, where that is not what the change said
 * @param error why it was not applied; present exactly if it was not
 */
public record WriteResult(
    String id,
    Status status,
    Optional<String> txid,
    Optional<Lsn> lsn,
    List<Conflict> conflicts,
    Optional<Json.Members> row,
    Optional<WriteError> error) {

  /** How a change ended. */
  public enum Status {
    APPLIED,
    /** Applied before; the rest of the result is of that time. */
    DUPLICATE,
    /** Applied to a row that others had changed. */
    MERGED,
    REJECTED,
    /** Not applied for a reason that may pass. */
    RETRY;

    private final String text = name().toLowerCase(Locale.ROOT);

    /** Whether the change is in the database now. */
    public boolean isInDatabase() {
      return switch (this) {
        case APPLIED, DUPLICATE, MERGED -> true;
        case REJECTED, RETRY -> false;
      };
    }

    String text() {
      return text;
    }
  }

  public WriteResult {
    conflicts = List.copyOf(conflicts);
    if (status.isInDatabase() == error.isPresent()) {
      throw new IllegalArgumentException(
          status + (error.isPresent() ? " with" : " without") + " an error");
    }
  }

  /**
   * A change that was not applied: {@code retry} if it may succeed later, else {@code rejected}.
   */
  public static WriteResult failed(String id, WriteError error) {
    return new WriteResult(
        id,
        error.isRetryable() ? Status.RETRY : Status.REJECTED,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.of(error));
  }

  Json toJson() {
    JsonBuilder json =
        new JsonBuilder()
            .put("id", id)
            .put("status", status.text())
            .putText("txid", txid)
            .putText("lsn", lsn.map(Lsn::decimal));
    if (!conflicts.isEmpty()) {
      json.put("conflicts", new Json.Array(conflicts.stream().map(Conflict::toJson).toList()));
    }
    json.put("row", row);
    error.ifPresent(failure -> addTo(json, failure));
    return json.build();
  }

  /** The text of {@link #toJson}. */
  void appendTo(StringBuilder out) {
    if (!conflicts.isEmpty() || row.isPresent() || error.isPresent()) {
      out.append(toJson());
      return;
    }
    JsonText.quote(out.append("{\"id\":"), id);
    JsonText.quote(out.append(",\"status\":"), status.text());
    txid.ifPresent(text -> JsonText.quote(out.append(",\"txid\":"), text));
    lsn.ifPresent(position -> JsonText.quote(out.append(",\"lsn\":"), position.decimal()));
    out.append('}');
  }

  /** The same in the list of what was not applied; for clients that know no more than that. */
  Json errorJson(WriteError failure) {
    JsonBuilder json = new JsonBuilder().put("id", id);
    addTo(json, failure);
    return json.build();
  }

  private static void addTo(JsonBuilder json, WriteError failure) {
    json.put("error", failure.message())
        .put("code", failure.code())
        .put("retryable", failure.isRetryable());
  }

  static WriteResult read(JsonShape result) throws InvalidJson {
    Status status = status(result);
    return new WriteResult(
        result.text("id"),
        status,
        result.optionalText("txid"),
        lsn(result),
        conflicts(result),
        result.optionalMembers("row"),
        status.isInDatabase() ? Optional.empty() : Optional.of(error(result)));
  }

  private static Status status(JsonShape result) throws InvalidJson {
    String text = result.text("status");
    for (Status status : Status.values()) {
      if (status.text().equals(text)) {
        return status;
      }
    }
    throw result.wrong("status", "must be applied, duplicate, merged, rejected or retry");
  }

  private static Optional<Lsn> lsn(JsonShape result) throws InvalidJson {
    try {
      return result.optionalText("lsn").map(text -> new Lsn(Long.parseUnsignedLong(text)));
    } catch (NumberFormatException e) {
      throw result.wrong("lsn", "must be a position in decimal");
    }
  }

  private static List<Conflict> conflicts(JsonShape result) throws InvalidJson {
    List<Conflict> conflicts = new ArrayList<>();
    if (result.member("conflicts").isPresent()) {
      for (Json conflict : result.array("conflicts").items()) {
        JsonPointer place = result.place().member("conflicts").item(conflicts.size());
        conflicts.add(Conflict.read(JsonShape.of(place, conflict)));
      }
    }
    return conflicts;
  }

  private static WriteError error(JsonShape result) throws InvalidJson {
    return new WriteError(
        result.text("code"), result.text("error"), result.optionalBool("retryable").orElse(false));
  }
}
