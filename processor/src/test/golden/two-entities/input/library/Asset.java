package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.UUID;

@Synced(table = "assets")
public record Asset(@Key UUID id, Kind kind, UUID workId) {}
