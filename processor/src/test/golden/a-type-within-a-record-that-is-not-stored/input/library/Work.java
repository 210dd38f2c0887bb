package library;

import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.net.URI;
import java.util.UUID;

@Synced(table = "works")
public record Work(@Key UUID id, Edition edition) {
  public record Edition(String publisher, URI home) {}
}
