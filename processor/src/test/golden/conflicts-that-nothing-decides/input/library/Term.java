package library;

import dev.millrace.annotations.Conflicts;
import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.UUID;

@Synced(table = "terms")
@Conflicts(value = Conflicts.Policy.REJECT_STALE, by = "title")
public record Term(@Key UUID id, String title) {}
