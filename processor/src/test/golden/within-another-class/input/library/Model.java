// shows: Works.java WorksColumns.java
package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.UUID;

public final class Model {
  private Model() {}

  @Synced(table = "works")
  public record Work(@Key UUID id, Kind kind) {}

  public enum Kind {
    BOOK
  }
}
