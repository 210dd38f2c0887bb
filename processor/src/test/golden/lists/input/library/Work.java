// shows: WorksColumns.java WorksElectric.java library.Works.json
package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

@Synced(table = "works")
public record Work(
    @Key UUID id,
    List<String> authors,
    @Nullable List<Integer> years,
    List<UUID> related,
    List<Short> ratings,
    List<Status> history) {
  public enum Status {
    DRAFT,
    DONE
  }
}
