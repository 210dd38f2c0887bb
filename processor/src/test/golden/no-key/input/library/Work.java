package library;

import dev.millrace.annotations.Synced;
import java.util.UUID;

@Synced(table = "works")
public record Work(UUID id, String title) {}
