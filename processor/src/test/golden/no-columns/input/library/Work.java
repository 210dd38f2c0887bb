package library;

import dev.millrace.annotations.Synced;

@Synced(table = "works")
public record Work() {}
