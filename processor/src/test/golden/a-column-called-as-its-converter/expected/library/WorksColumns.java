package library;

import dev.millrace.client.query.Column;
import dev.millrace.client.store.ColumnType;
import dev.millrace.client.typed.MappedColumn;
import java.util.UUID;
import javax.annotation.processing.Generated;
import org.jspecify.annotations.NullMarked;

/** The columns of a {@link Work}, of which conditions and orders are made. */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class WorksColumns {

  private static final YesNo YES_NO_CONVERTER = new YesNo();

  public final Column<UUID> ID = new Column<>("id", ColumnType.Scalar.UUID);
  public final MappedColumn<Boolean> YES_NO =
      MappedColumn.<Boolean, String>of(
          "yes_no",
          ColumnType.Scalar.TEXT,
          YES_NO_CONVERTER::toColumn,
          YES_NO_CONVERTER::fromColumn);

  WorksColumns() {}
}
