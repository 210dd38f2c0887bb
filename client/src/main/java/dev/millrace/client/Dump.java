package dev.millrace.client;

import dev.millrace.client.store.Entity;
import dev.millrace.client.store.Overlay;
import dev.millrace.client.store.StreamPosition;
import dev.millrace.client.store.SyncedTable;
import dev.millrace.client.stream.StreamStatus;

/** What there is to know of a session when something goes wrong, without values and tokens. */
final class Dump {

  private Dump() {}

  static String of(Session session, ClientSettings settings) {
    StringBuilder text = new StringBuilder();
    SyncStatus status = session.status();
    text.append("signed in: ").append(session.user().isPresent()).append('\n');
    text.append("server: ").append(settings.server()).append('\n');
    text.append("writes: ").append(status.writes()).append(' ').append(status.upload());
    text.append('\n');
    for (Entity entity : settings.entities()) {
      SyncedTable table = new SyncedTable(session.store(), entity);
      StreamPosition shown = table.shown();
      StreamPosition read = table.position();
      long pending =
          session.store().read(Overlay::list).stream()
              .filter(change -> change.entity().equals(entity.name()))
              .count();
      text.append(entity.name()).append(": shown ").append(shown);
      text.append(shown.equals(read) ? "" : ", reads " + read);
      text.append(", overlay ").append(pending).append(", awaited ").append(table.awaited());
      status.streams().stream()
          .filter(stream -> stream.entity().equals(entity.name()))
          .map(StreamStatus::toString)
          .forEach(line -> text.append(", ").append(line));
      text.append('\n');
    }
    session
        .buffer()
        .deadLetters()
        .forEach(letter ->
            text.append("rejected: ")
                .append(letter.entity())
                .append(' ')
                .append(letter.op())
                .append(' ')
                .append(letter.code())
                .append('\n'));
    return text.toString();
  }
}
