package dev.millrace.protocol;

import java.util.Locale;
import java.util.Optional;

/**
 * A column that two users changed at the same time.
 *
 * @param base what the later one saw when editing, if it was said
 * @param yours what the change wanted
 * @param theirs what stood there
 */
public record Conflict(String column, Optional<Json> base, Json yours, Json theirs, Kept kept) {

  /** Which of the two stands in the row now. */
  public enum Kept {
    YOURS,
    THEIRS;

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  Json toJson() {
    return new JsonBuilder()
        .put("column", column)
        .put("base", base)
        .put("yours", yours)
        .put("theirs", theirs)
        .put("kept", kept.text())
        .build();
  }

  static Conflict read(JsonShape conflict) throws InvalidJson {
    return new Conflict(
        conflict.text("column"),
        conflict.value().member("base"),
        value(conflict, "yours"),
        value(conflict, "theirs"),
        kept(conflict));
  }

  /** Null is a value here. */
  private static Json value(JsonShape conflict, String name) throws InvalidJson {
    Optional<Json> value = conflict.value().member(name);
    return value.isPresent() ? value.get() : conflict.required(name);
  }

  private static Kept kept(JsonShape conflict) throws InvalidJson {
    return switch (conflict.text("kept")) {
      case "yours" -> Kept.YOURS;
      case "theirs" -> Kept.THEIRS;
      default -> throw conflict.wrong("kept", "must be yours or theirs");
    };
  }
}
