// shows: WorksColumns.java library.Works.json
package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.SetOf;
import dev.millrace.annotations.Synced;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

@Synced(table = "works")
public record Work(@Key UUID id, @SetOf Set<String> tags, @SetOf @Nullable Set<Mark> marks) {
  public enum Mark {
    READ,
    LIKED
  }
}
