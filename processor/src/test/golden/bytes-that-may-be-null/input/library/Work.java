// shows: WorksLocal.java WorksMerged.java
package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

@Synced(table = "works")
public record Work(@Key UUID id, byte @Nullable [] cover, Optional<byte[]> back) {}
