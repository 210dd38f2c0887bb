// shows: WorksColumns.java WorksLocal.java WorksMerged.java WorksElectric.java
package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.Optional;
import java.util.UUID;

@Synced(table = "works")
public record Work(@Key UUID id, Optional<String> title, Optional<Integer> year) {}
