// shows: WorksColumns.java WorksLocal.java WorksMerged.java
package library;

import dev.millrace.annotations.Column;
import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

@Synced(table = "works")
public record Work(@Key UUID id, Edition edition, @Nullable Edition translation) {
  public record Edition(
      String publisher,
      @Nullable Integer year,
      Optional<LocalDate> printedOn,
      @Column("page_count") int pages,
      Binding binding,
      List<String> editors) {}

  public enum Binding {
    PAPER,
    CLOTH
  }
}
