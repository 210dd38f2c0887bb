package library;

import dev.millrace.annotations.Owner;
import dev.millrace.annotations.SetOf;
import dev.millrace.annotations.Synced;
import java.util.Date;
import java.util.UUID;

@Synced(table = "works")
public record Work(UUID id, Date day, @SetOf String tags, @Owner int owner) {}
