// shows: Queries.java QueriesColumns.java QueriesMerged.java
package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.UUID;

@Synced(table = "queries")
public record Query(@Key UUID id, Row row, Json json) {
  public record Row(String text) {}

  public record Json(int number) {}
}
