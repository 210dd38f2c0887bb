package library;

import dev.millrace.annotations.Conflicts;
import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.UUID;

@Synced(table = "assets")
@Conflicts(value = Conflicts.Policy.KEEP_BOTH, by = "label")
public record Asset(@Key UUID id) {}
