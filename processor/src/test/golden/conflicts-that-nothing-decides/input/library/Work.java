package library;

import dev.millrace.annotations.Conflicts;
import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.UUID;

@Synced(table = "works")
@Conflicts(Conflicts.Policy.LAST_WRITE_WINS)
public record Work(@Key UUID id, String title) {}
