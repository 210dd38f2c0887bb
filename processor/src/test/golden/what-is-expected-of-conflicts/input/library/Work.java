// shows: library.Works.json
package library;

import dev.millrace.annotations.Conflicts;
import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.time.Instant;
import java.util.UUID;

@Synced(table = "works")
@Conflicts(value = Conflicts.Policy.LAST_WRITE_WINS, by = "updatedAt")
public record Work(@Key UUID id, String title, Instant updatedAt) {}
