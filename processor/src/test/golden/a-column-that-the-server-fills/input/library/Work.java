// shows: WorksElectric.java library.Works.json
package library;

import dev.millrace.annotations.Column;
import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

@Synced(table = "works")
public record Work(@Key UUID id, @Column(hasDefault = true) @Nullable Instant createdAt) {}
