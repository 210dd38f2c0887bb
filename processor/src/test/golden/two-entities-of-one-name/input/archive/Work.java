package archive;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.UUID;

@Synced(table = "archive.works")
public record Work(@Key UUID id) {}
