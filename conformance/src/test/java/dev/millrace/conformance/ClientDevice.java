package dev.millrace.conformance;

import dev.millrace.client.ClientSettings;
import dev.millrace.client.GuestData;
import dev.millrace.client.Rows;
import dev.millrace.client.SyncManager;
import dev.millrace.client.query.Query;
import dev.millrace.client.store.ColumnType.Scalar;
import dev.millrace.client.store.Entity;
import dev.millrace.client.store.Row;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A device with an application whose users have notes. */
final class ClientDevice implements AutoCloseable {

  static final Duration PATIENCE = Duration.ofSeconds(30);

  static final Entity NOTES =
      Entity.of("notes")
          .key("id", Scalar.UUID)
          .owner("owner", Scalar.TEXT)
          .column("title", Scalar.TEXT)
          .column("work_type", Scalar.TEXT)
          .column("made_at", Scalar.TIMESTAMPTZ)
          .index("title")
          .build();

  private final SyncManager sync;
  private final Rows notes;

  private ClientDevice(SyncManager sync) {
    this.sync = sync;
    this.notes = sync.rows(NOTES);
  }

  static ClientDevice open(Path folder, URI server) {
    return open(folder, server, true);
  }

  static ClientDevice open(Path folder, URI server, boolean eventStreams) {
    return new ClientDevice(
        SyncManager.open(
            folder, ClientSettings.of(server).entities(NOTES).eventStreams(eventStreams).build()));
  }

  SyncManager sync() {
    return sync;
  }

  Rows notes() {
    return notes;
  }

  void signIn(String user, GuestData guestData) {
    sync.signIn(user, refresh -> Optional.of(Tokens.OURS.of(user)), guestData);
  }

  /** Adds a note and gives its id. */
  UUID write(String title) {
    UUID id = UUID.randomUUID();
    notes.create(Map.of("id", id, "title", title));
    return id;
  }

  void retitle(UUID id, String title) {
    notes.update(Map.of("id", id, "title", title));
  }

  /** Those of all notes. */
  List<UUID> ids() {
    List<UUID> ids = new ArrayList<>();
    for (Row row : notes.all()) {
      ids.add(UUID.fromString(String.valueOf(row.get("id"))));
    }
    return ids;
  }

  /** The titles of all notes, sorted. */
  List<String> titles() {
    return titles(notes.list(Query.of(NOTES)));
  }

  static List<String> titles(Collection<Row> rows) {
    List<String> titles = new ArrayList<>();
    for (Row row : rows) {
      @Nullable Object title = row.get("title");
      titles.add(String.valueOf(title));
    }
    return titles.stream().sorted().toList();
  }

  @Override
  public void close() {
    sync.close();
  }
}
