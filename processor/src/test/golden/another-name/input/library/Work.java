// shows: OldWorksElectric.java OldWorks.java
package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.UUID;

@Synced(table = "tbl_wrk", name = "OldWorks")
public record Work(@Key UUID id) {}
