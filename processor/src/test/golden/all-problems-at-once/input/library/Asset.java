package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

@Synced(table = "works", name = "Assets")
public record Asset(@Nullable @Key UUID id, Map<String, String> data) {}
