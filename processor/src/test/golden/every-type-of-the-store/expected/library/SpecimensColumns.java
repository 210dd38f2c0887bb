package library;

import dev.millrace.client.query.Column;
import dev.millrace.client.store.ColumnType;
import dev.millrace.client.typed.MappedColumn;
import dev.millrace.client.typed.OpaqueColumn;
import dev.millrace.protocol.Json;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.UUID;
import javax.annotation.processing.Generated;
import org.jspecify.annotations.NullMarked;

/** The columns of a {@link Specimen}, of which conditions and orders are made. */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class SpecimensColumns {

  public final Column<UUID> ID = new Column<>("id", ColumnType.Scalar.UUID);
  public final Column<Boolean> IS_FREE = new Column<>("is_free", ColumnType.Scalar.BOOL);
  public final Column<Boolean> IS_BOXED = new Column<>("is_boxed", ColumnType.Scalar.BOOL);
  public final MappedColumn<Short> SMALL =
      MappedColumn.<Short, Integer>of(
          "small", ColumnType.Scalar.INT2, Short::intValue, Integer::shortValue);
  public final MappedColumn<Short> SMALL_BOXED =
      MappedColumn.<Short, Integer>of(
          "small_boxed", ColumnType.Scalar.INT2, Short::intValue, Integer::shortValue);
  public final Column<Integer> NUMBER = new Column<>("number", ColumnType.Scalar.INT4);
  public final Column<Integer> NUMBER_BOXED = new Column<>("number_boxed", ColumnType.Scalar.INT4);
  public final Column<Long> LARGE = new Column<>("large", ColumnType.Scalar.INT8);
  public final Column<Long> LARGE_BOXED = new Column<>("large_boxed", ColumnType.Scalar.INT8);
  public final Column<Float> RATIO = new Column<>("ratio", ColumnType.Scalar.FLOAT4);
  public final Column<Float> RATIO_BOXED = new Column<>("ratio_boxed", ColumnType.Scalar.FLOAT4);
  public final Column<Double> EXACT_RATIO = new Column<>("exact_ratio", ColumnType.Scalar.FLOAT8);
  public final Column<Double> EXACT_RATIO_BOXED =
      new Column<>("exact_ratio_boxed", ColumnType.Scalar.FLOAT8);
  public final Column<BigDecimal> AMOUNT = new Column<>("amount", ColumnType.Scalar.NUMERIC);
  public final Column<String> TEXT = new Column<>("text", ColumnType.Scalar.TEXT);
  public final Column<LocalDate> DAY = new Column<>("day", ColumnType.Scalar.DATE);
  public final Column<LocalTime> TIME = new Column<>("time", ColumnType.Scalar.TIME);
  public final Column<LocalDateTime> MOMENT = new Column<>("moment", ColumnType.Scalar.TIMESTAMP);
  public final Column<Instant> INSTANT = new Column<>("instant", ColumnType.Scalar.TIMESTAMPTZ);
  public final Column<byte[]> BYTES = new Column<>("bytes", ColumnType.Scalar.BYTEA);
  public final OpaqueColumn<Json> DOCUMENT =
      OpaqueColumn.<Json, Json>of(
          "document", ColumnType.Scalar.JSON, value -> value, value -> value);

  SpecimensColumns() {}
}
