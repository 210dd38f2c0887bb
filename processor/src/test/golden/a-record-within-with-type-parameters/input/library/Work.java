package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.UUID;

@Synced(table = "works")
public record Work(@Key UUID id, Pair<String> pair) {
  public record Pair<T>(T left, T right) {}
}
