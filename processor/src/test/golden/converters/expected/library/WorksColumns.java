package library;

import dev.millrace.client.query.Column;
import dev.millrace.client.store.ColumnType;
import dev.millrace.client.typed.MappedColumn;
import dev.millrace.client.typed.OpaqueColumn;
import dev.millrace.protocol.Json;
import java.net.URI;
import java.time.Duration;
import java.time.Year;
import java.util.UUID;
import javax.annotation.processing.Generated;
import org.jspecify.annotations.NullMarked;

/** The columns of a {@link Work}, of which conditions and orders are made. */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class WorksColumns {

  private static final YearConverter YEAR_CONVERTER = new YearConverter();
  private static final Work.OfUri OF_URI = new Work.OfUri();
  private static final OfDuration OF_DURATION = new OfDuration();

  public final Column<UUID> ID = new Column<>("id", ColumnType.Scalar.UUID);
  public final MappedColumn<Year> YEAR =
      MappedColumn.<Year, Integer>of(
          "year", ColumnType.Scalar.INT4, YEAR_CONVERTER::toColumn, YEAR_CONVERTER::fromColumn);
  public final MappedColumn<Year> TRANSLATED =
      MappedColumn.<Year, Integer>of(
          "translated",
          ColumnType.Scalar.INT4,
          YEAR_CONVERTER::toColumn,
          YEAR_CONVERTER::fromColumn);
  public final MappedColumn<URI> HOME =
      MappedColumn.<URI, String>of(
          "home", ColumnType.Scalar.TEXT, OF_URI::toColumn, OF_URI::fromColumn);
  public final OpaqueColumn<Duration> LENGTH =
      OpaqueColumn.<Duration, Json>of(
          "length", ColumnType.Scalar.JSON, OF_DURATION::toColumn, OF_DURATION::fromColumn);

  WorksColumns() {}
}
