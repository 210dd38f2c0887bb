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
  public final MappedColumn<Work.Status> STATUS =
      MappedColumn.<Work.Status, String>of(
          "status", ColumnType.Scalar.TEXT, WorksColumns::labelOfStatus, WorksColumns::statusOf);
  public final MappedColumn<Work.Status> NEXT =
      MappedColumn.<Work.Status, String>of(
          "next", ColumnType.Scalar.TEXT, WorksColumns::labelOfStatus, WorksColumns::statusOf);

  WorksColumns() {}

  private static String labelOfStatus(Work.Status constant) {
    return switch (constant) {
      case DRAFT -> "draft";
      case IN_REVIEW -> "in_review";
      case PUBLISHED -> "Published!";
    };
  }

  private static Work.Status statusOf(String label) {
    return switch (label) {
      case "draft" -> Work.Status.DRAFT;
      case "in_review" -> Work.Status.IN_REVIEW;
      case "Published!" -> Work.Status.PUBLISHED;
      default -> throw ValuesRead.noConstant("Status", label);
    };
  }
}
