package library;

import dev.millrace.annotations.Conflicts;
import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.UUID;

@Synced(table = "notes")
@Conflicts(value = Conflicts.Policy.LAST_WRITE_WINS, by = "title")
public record Note(@Key UUID id, String title) {}
