package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.UUID;

@Synced(table = "\"Order Items\"")
public record Order(@Key UUID id) {}
