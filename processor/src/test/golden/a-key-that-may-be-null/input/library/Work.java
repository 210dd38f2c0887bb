package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

@Synced(table = "works")
public record Work(@Key @Nullable UUID id, @Key Optional<String> tag) {}
