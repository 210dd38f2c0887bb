package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import dev.millrace.protocol.Json;
import java.util.List;

@Synced(table = "works")
public record Work(@Key List<String> ids, @Key Json document, @Key Point point) {
  public record Point(int x, int y) {}
}
