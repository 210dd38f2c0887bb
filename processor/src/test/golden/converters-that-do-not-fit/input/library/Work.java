package library;

import dev.millrace.annotations.Column;
import dev.millrace.annotations.Converter;
import dev.millrace.annotations.Key;
import dev.millrace.annotations.Synced;
import java.net.URI;
import java.time.Year;
import java.util.UUID;

@Synced(table = "works")
public record Work(
    @Key UUID id,
    @Column(converter = Work.OfYear.class) URI a,
    @Column(converter = Work.OfNothing.class) Year b,
    @Column(converter = Work.Hidden.class) Year c,
    @Column(converter = Work.Abstract.class) Year d,
    @Column(converter = Work.Raw.class) Year e) {
  static class OfYear implements Converter<Year, Integer> {
    public Integer toColumn(Year value) {
      return value.getValue();
    }

    public Year fromColumn(Integer stored) {
      return Year.of(stored);
    }
  }

  static class OfNothing implements Converter<Year, URI> {
    public URI toColumn(Year value) {
      return URI.create("" + value);
    }

    public Year fromColumn(URI stored) {
      return Year.of(0);
    }
  }

  private static class Hidden extends OfYear {}

  abstract static class Abstract implements Converter<Year, Integer> {}

  @SuppressWarnings("rawtypes")
  static class Raw implements Converter {
    public Object toColumn(Object value) {
      return value;
    }

    public Object fromColumn(Object stored) {
      return stored;
    }
  }
}
