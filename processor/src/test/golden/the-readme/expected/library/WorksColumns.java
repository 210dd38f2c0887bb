package library;

import dev.millrace.client.query.Column;
import dev.millrace.client.store.ColumnType;
import java.time.Instant;
import java.util.UUID;
import javax.annotation.processing.Generated;
import org.jspecify.annotations.NullMarked;

/** The columns of a {@link Work}, of which conditions and orders are made. */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class WorksColumns {

  public final Column<UUID> ID = new Column<>("id", ColumnType.Scalar.UUID);
  public final Column<UUID> OWNER_ID = new Column<>("owner_id", ColumnType.Scalar.UUID);
  public final Column<String> TITLE = new Column<>("title", ColumnType.Scalar.TEXT);
  public final Column<Integer> YEAR = new Column<>("year", ColumnType.Scalar.INT4);
  public final Column<Instant> CREATED_AT =
      new Column<>("created_at", ColumnType.Scalar.TIMESTAMPTZ);

  WorksColumns() {}
}
