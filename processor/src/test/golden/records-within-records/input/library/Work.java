// shows: WorksColumns.java WorksElectric.java
package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.List;
import java.util.UUID;

@Synced(table = "works")
public record Work(@Key UUID id, Chapter root, List<Note> notes) {
  public record Chapter(String title, List<Chapter> chapters, Note note) {}

  public record Note(String text) {}
}
