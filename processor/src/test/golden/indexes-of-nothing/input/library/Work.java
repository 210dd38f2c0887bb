package library;

import dev.millrace.annotations.Index;
import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.UUID;

@Synced(table = "works")
@Index
@Index({"title", "name"})
public record Work(@Key UUID id, String title) {}
