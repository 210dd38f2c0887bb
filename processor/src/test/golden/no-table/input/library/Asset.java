package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.UUID;

@Synced(table = "a.b.c")
public record Asset(@Key UUID id) {}
