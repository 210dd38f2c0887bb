package dev.millrace.examples.library.desktop;

import dev.millrace.client.writebuffer.DeadLetter;
import dev.millrace.examples.library.Work;
import dev.millrace.examples.library.Works;
import dev.millrace.protocol.Json;
import dev.millrace.protocol.WriteChange;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Works for tests, and what was written of them. */
final class Shelf {

  static final UUID ID = UUID.fromString("00000000-0000-4000-8000-000000000001");

  private Shelf() {}

  static Work work(
      String title, @Nullable String author, @Nullable Integer year, @Nullable String language) {
    return new Work(ID, null, title, author, year, language, null, null, null);
  }

  static Json.Members members(String name, Json value, Object... more) {
    Map<String, Json> members = new LinkedHashMap<>();
    members.put("id", new Json.Text(ID.toString()));
    members.put(name, value);
    for (int i = 0; i < more.length; i += 2) {
      members.put(more[i].toString(), (Json) more[i + 1]);
    }
    return new Json.Members(members);
  }

  static DeadLetter rejected(WriteChange.Op op, Json.Members payload) {
    return new DeadLetter(
        "change",
        Works.ENTITY.name(),
        op,
        payload,
        Optional.empty(),
        "check_violation",
        "no such year",
        Instant.EPOCH);
  }
}
