package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.UUID;

@Synced(table = "odd__table")
public record Odd(@Key UUID id) {}
