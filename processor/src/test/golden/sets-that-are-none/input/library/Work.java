package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.SetOf;
import dev.millrace.annotations.Synced;
import java.util.List;
import java.util.Set;
import java.util.UUID;

@Synced(table = "works")
public record Work(@Key UUID id, @SetOf List<String> tags, Set<String> marks, @SetOf String name) {}
