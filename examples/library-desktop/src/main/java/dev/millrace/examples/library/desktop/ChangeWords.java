package dev.millrace.examples.library.desktop;

import dev.millrace.client.writebuffer.DeadLetter;
import dev.millrace.client.writebuffer.EditConflict;
import dev.millrace.protocol.Conflict;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.WriteChange;
import java.util.Set;
import java.util.stream.Collectors;

/** Changes and what became of them, in words for a list. */
final class ChangeWords {

  /** Of these nobody has to know. */
  private static final Set<String> SILENT = Set.of("id", "owner_id", "created_at", "updated_at");

  private ChangeWords() {}

  static String of(WriteChange pending) {
    return of(pending.op(), pending.table(), pending.payload());
  }

  static String of(DeadLetter rejected) {
    return of(rejected.op(), rejected.entity(), rejected.payload());
  }

  static String of(EditConflict conflict) {
    return "%s: mine %s, theirs %s; %s stands"
        .formatted(
            conflict.column(),
            value(conflict.yours()),
            value(conflict.theirs()),
            conflict.kept() == Conflict.Kept.YOURS ? "mine" : "theirs");
  }

  private static String of(WriteChange.Op op, String table, Json.Members payload) {
    String values =
        payload.byName().entrySet().stream()
            .filter(value -> !SILENT.contains(value.getKey()))
            .map(value -> value.getKey() + " " + value(value.getValue()))
            .collect(Collectors.joining(", "));
    String what =
        switch (op) {
          case INSERT -> "new in ";
          case UPDATE -> "change in ";
          case DELETE -> "delete from ";
        };
    return what + table + (values.isEmpty() ? "" : ": " + values);
  }

  private static String value(Json json) {
    return switch (json) {
      case Json.Text(String text) -> "“" + text + "”";
      case Json.Null none -> "empty";
      case Json.Numeral number -> number.literal();
      case Json.Bool truth -> truth.toString();
      case Json.Array array -> array.toString();
      case Json.Members members -> members.toString();
    };
  }
}
