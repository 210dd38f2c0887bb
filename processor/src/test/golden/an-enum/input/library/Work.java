// shows: WorksColumns.java WorksMerged.java
package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Label;
import dev.millrace.annotations.Synced;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

@Synced(table = "works")
public record Work(@Key UUID id, Status status, @Nullable Status next) {
  public enum Status {
    DRAFT,
    IN_REVIEW,
    @Label("Published!")
    PUBLISHED
  }
}
