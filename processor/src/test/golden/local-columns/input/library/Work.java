// shows: WorksElectric.java WorksColumns.java library.Works.json
package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Local;
import dev.millrace.annotations.Synced;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

@Synced(table = "works")
public record Work(@Key UUID id, String title, @Local @Nullable Boolean isPinned, @Local Optional<Note> note) {
  public record Note(String text) {}
}
