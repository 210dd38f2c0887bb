package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.UUID;

@Synced(table = "notes", name = "my notes")
public record Note(@Key UUID id) {}
