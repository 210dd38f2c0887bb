package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.UUID;

@Synced(table = "works", name = "Writings")
public record Writing(@Key UUID id) {}
