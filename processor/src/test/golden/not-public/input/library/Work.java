// shows: Works.java WorksCleanup.java
package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.UUID;

@Synced(table = "works")
record Work(@Key UUID id) {}
