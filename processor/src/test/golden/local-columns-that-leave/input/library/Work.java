package library;

import dev.millrace.annotations.Index;
import dev.millrace.annotations.Key;
import dev.millrace.annotations.Local;
import dev.millrace.annotations.Owner;
import dev.millrace.annotations.Synced;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

@Synced(table = "works")
@Index("note")
public record Work(@Key @Local UUID id, @Owner @Local UUID ownerId, @Local String title, @Local @Nullable @Index String note) {}
