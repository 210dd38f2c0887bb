package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.UUID;

final class Model {
  @Synced(table = "works")
  private record Work(@Key UUID id) {}
}
