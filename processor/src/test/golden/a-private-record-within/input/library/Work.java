package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.util.List;
import java.util.UUID;

@Synced(table = "works")
public record Work(@Key UUID id, Edition edition, List<Kind> kinds) {
  private record Edition(String publisher) {}

  private enum Kind {
    BOOK
  }
}
