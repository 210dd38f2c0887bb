// shows: WorksColumns.java WorksLocal.java
package library;

import dev.millrace.annotations.Column;
import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.UUID;

@Synced(table = "works")
public record Work(@Key UUID id, @Column(converter = YesNo.class) boolean isFree) {}
