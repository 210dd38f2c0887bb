// shows: WorksColumns.java WorksElectric.java
package library;

import dev.millrace.annotations.Column;
import dev.millrace.annotations.Converter;
import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.net.URI;
import java.time.Duration;
import java.time.Year;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

@Synced(table = "works")
public record Work(
    @Key UUID id,
    @Column(converter = YearConverter.class) Year year,
    @Column(converter = YearConverter.class) @Nullable Year translated,
    @Column(converter = Work.OfUri.class) URI home,
    @Column(converter = OfDuration.class) Duration length) {
  static final class OfUri extends OfText<URI> {
    @Override
    public URI fromColumn(String stored) {
      return URI.create(stored);
    }
  }

  abstract static class OfText<T> implements Converter<T, String> {
    @Override
    public String toColumn(T value) {
      return value.toString();
    }
  }
}
