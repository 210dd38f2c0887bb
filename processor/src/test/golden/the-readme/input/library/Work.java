package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Owner;
import dev.millrace.annotations.Synced;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

@Synced(table = "works")
public record Work(
    @Key UUID id, @Owner @Nullable UUID ownerId, String title, @Nullable Integer year, Instant createdAt) {}
