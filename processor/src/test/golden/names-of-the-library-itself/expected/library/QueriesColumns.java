package library;

import dev.millrace.client.query.Column;
import dev.millrace.client.store.ColumnType;
import dev.millrace.client.typed.OpaqueColumn;
import dev.millrace.client.typed.ValuesRead;
import dev.millrace.client.typed.ValuesToWrite;
import dev.millrace.protocol.Json;
import java.util.UUID;
import javax.annotation.processing.Generated;
import org.jspecify.annotations.NullMarked;

/** The columns of a {@link Query}, of which conditions and orders are made. */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class QueriesColumns {

  public final Column<UUID> ID = new Column<>("id", ColumnType.Scalar.UUID);
  public final OpaqueColumn<Query.Row> ROW =
      OpaqueColumn.<Query.Row, Json>of(
          "row", ColumnType.Scalar.JSON, RowFields::write, RowFields::read);
  public final OpaqueColumn<Query.Json> JSON =
      OpaqueColumn.<Query.Json, Json>of(
          "json", ColumnType.Scalar.JSON, JsonFields::write, JsonFields::read);

  QueriesColumns() {}

  /** The members of a {@link Query.Row} in JSON. */
  private static final class RowFields {

    static final Column<String> TEXT = new Column<>("text", ColumnType.Scalar.TEXT);

    private RowFields() {}

    static Json write(Query.Row value) {
      return new ValuesToWrite().put(TEXT, value.text()).json();
    }

    static Query.Row read(Json json) {
      ValuesRead in = ValuesRead.of("Row", json);
      return new Query.Row(in.required(TEXT));
    }
  }

  /** The members of a {@link Query.Json} in JSON. */
  private static final class JsonFields {

    static final Column<Integer> NUMBER = new Column<>("number", ColumnType.Scalar.INT4);

    private JsonFields() {}

    static Json write(Query.Json value) {
      return new ValuesToWrite().put(NUMBER, value.number()).json();
    }

    static Query.Json read(Json json) {
      ValuesRead in = ValuesRead.of("Json", json);
      return new Query.Json(in.required(NUMBER));
    }
  }
}
