package dev.millrace.protocol;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * One change of one row that a device asks for; the same one however often it is sent.
 *
 * @param id a UUID, as the device wrote it; one change has one id for ever
 * @param table {@code works} or {@code schema.table}, as in a request for a shape
 * @param payload columns by name: the row of an insert, key and changed columns of an update, the
 *     key of a delete
 * @param createdAt when the change was made by the device's clock, in milliseconds since 1970; does
 *     not change when it is sent again
 * @param base what the user saw in the changed columns when editing
 * @param tx changes with the same one apply together or not at all
 * @param status what the device has noted of it; means nothing here
 * @param retryCount how often it may have been sent before
 */
public record WriteChange(
    String id,
    String table,
    Op op,
    Json.Members payload,
    OptionalLong createdAt,
    Optional<Json.Members> base,
    Optional<String> tx,
    String status,
    int retryCount) {

  /** What is done to the row. */
  public enum Op {
    INSERT,
    UPDATE,
    DELETE;

    /** The form on the wire: {@code insert}. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final int MAX_TEXT = 200;

  public WriteChange {
    if (!PlainUuid.is(id)) {
      throw new IllegalArgumentException("not a UUID: " + id);
    }
    if (retryCount < 0) {
      throw new IllegalArgumentException("sent " + retryCount + " times");
    }
  }

  /** The change as it stands in a batch. */
  public Json.Members toJson() {
    JsonBuilder json =
        new JsonBuilder()
            .put("id", id)
            .put("table", table)
            .put("op", op.text())
            .put("payload", payload);
    createdAt.ifPresent(millis -> json.put("created_at", millis));
    return json.put("base", base)
        .putText("tx", tx)
        .put("status", status)
        .put("retry_count", retryCount)
        .build();
  }

  /** Reads what {@link #toJson} writes; members that it does not know are ignored. */
  static WriteChange read(JsonShape change) throws InvalidJson {
    return new WriteChange(
        id(change),
        bounded(change, "table"),
        op(change),
        change.members("payload"),
        createdAt(change),
        change.optionalMembers("base"),
        tx(change),
        change.optionalText("status").orElse("pending"),
        retryCount(change));
  }

  private static String id(JsonShape change) throws InvalidJson {
    String id = change.text("id");
    if (!PlainUuid.is(id)) {
      throw change.wrong("id", "must be a UUID");
    }
    return id;
  }

  private static Op op(JsonShape change) throws InvalidJson {
    return switch (change.text("op")) {
      case "insert" -> Op.INSERT;
      case "update" -> Op.UPDATE;
      case "delete" -> Op.DELETE;
      default -> throw change.wrong("op", "must be insert, update or delete");
    };
  }

  private static OptionalLong createdAt(JsonShape change) throws InvalidJson {
    Optional<Long> millis = change.optionalNumber("created_at");
    return millis.isPresent() ? OptionalLong.of(millis.get()) : OptionalLong.empty();
  }

  private static Optional<String> tx(JsonShape change) throws InvalidJson {
    return change.member("tx").isPresent() ? Optional.of(bounded(change, "tx")) : Optional.empty();
  }

  private static int retryCount(JsonShape change) throws InvalidJson {
    long count = change.optionalNumber("retry_count").orElse(0L);
    if (count < 0) {
      throw change.wrong("retry_count", "must not be negative");
    }
    return (int) Math.min(count, Integer.MAX_VALUE);
  }

  static String bounded(JsonShape change, String name) throws InvalidJson {
    String text = change.text(name);
    if (text.isEmpty() || text.length() > MAX_TEXT) {
      throw change.wrong(name, "must have 1 to %d characters".formatted(MAX_TEXT));
    }
    return text;
  }
}
