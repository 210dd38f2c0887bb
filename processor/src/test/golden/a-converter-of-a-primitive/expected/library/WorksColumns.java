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

  private static final YesNo YES_NO = new YesNo();

  public final Column<UUID> ID = new Column<>("id", ColumnType.Scalar.UUID);
  public final MappedColumn<Boolean> IS_FREE =
      MappedColumn.<Boolean, String>of(
          "is_free", ColumnType.Scalar.TEXT, YES_NO::toColumn, YES_NO::fromColumn);

  WorksColumns() {}
}
