package library;

import dev.millrace.client.query.Column;
import dev.millrace.client.store.ColumnType;
import dev.millrace.client.typed.MappedColumn;
import dev.millrace.client.typed.ValuesRead;
import java.util.UUID;
import javax.annotation.processing.Generated;
import org.jspecify.annotations.NullMarked;

/** The columns of a {@link Work}, of which conditions and orders are made. */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class WorksColumns {

  public final Column<UUID> ID = new Column<>("id", ColumnType.Scalar.UUID);
  public final MappedColumn<Status> STATUS =
      MappedColumn.<Status, String>of(
          "status", ColumnType.Scalar.TEXT, WorksColumns::labelOfStatus, WorksColumns::statusOf);
  public final MappedColumn<other.Status> OTHER_STATUS =
      MappedColumn.<other.Status, String>of(
          "other_status",
          ColumnType.Scalar.TEXT,
          WorksColumns::labelOfStatus2,
          WorksColumns::status2Of);

  WorksColumns() {}

  private static String labelOfStatus(Status constant) {
    return switch (constant) {
      case DRAFT -> "draft";
    };
  }

  private static Status statusOf(String label) {
    return switch (label) {
      case "draft" -> Status.DRAFT;
      default -> throw ValuesRead.noConstant("Status", label);
    };
  }

  private static String labelOfStatus2(other.Status constant) {
    return switch (constant) {
      case OPEN -> "open";
    };
  }

  private static other.Status status2Of(String label) {
    return switch (label) {
      case "open" -> other.Status.OPEN;
      default -> throw ValuesRead.noConstant("Status", label);
    };
  }
}
