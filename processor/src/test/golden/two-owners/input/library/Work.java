package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Owner;
import dev.millrace.annotations.Synced;
import java.util.UUID;

@Synced(table = "works")
public record Work(@Key UUID id, @Owner UUID ownerId, @Owner UUID authorId) {}
