package library;

import dev.millrace.client.query.Column;
import dev.millrace.client.store.ColumnType;
import dev.millrace.client.typed.MappedColumn;
import dev.millrace.client.typed.ValuesRead;
import java.util.List;
import java.util.UUID;
import javax.annotation.processing.Generated;
import org.jspecify.annotations.NullMarked;

/** The columns of a {@link Work}, of which conditions and orders are made. */
@Generated("dev.millrace.processor.EntityProcessor")
@NullMarked
public final class WorksColumns {

  public final Column<UUID> ID = new Column<>("id", ColumnType.Scalar.UUID);
  public final Column<List<String>> AUTHORS =
      new Column<>("authors", new ColumnType.ArrayOf(ColumnType.Scalar.TEXT));
  public final Column<List<Integer>> YEARS =
      new Column<>("years", new ColumnType.ArrayOf(ColumnType.Scalar.INT4));
  public final Column<List<UUID>> RELATED =
      new Column<>("related", new ColumnType.ArrayOf(ColumnType.Scalar.UUID));
  public final MappedColumn<List<Short>> RATINGS =
      MappedColumn.<List<Short>, List<Integer>>of(
          "ratings",
          new ColumnType.ArrayOf(ColumnType.Scalar.INT2),
          values -> values.stream().map(Short::intValue).toList(),
          values -> values.stream().map(Integer::shortValue).toList());
  public final MappedColumn<List<Work.Status>> HISTORY =
      MappedColumn.<List<Work.Status>, List<String>>of(
          "history",
          new ColumnType.ArrayOf(ColumnType.Scalar.TEXT),
          values -> values.stream().map(WorksColumns::labelOfStatus).toList(),
          values -> values.stream().map(WorksColumns::statusOf).toList());

  WorksColumns() {}

  private static String labelOfStatus(Work.Status constant) {
    return switch (constant) {
      case DRAFT -> "draft";
      case DONE -> "done";
    };
  }

  private static Work.Status statusOf(String label) {
    return switch (label) {
      case "draft" -> Work.Status.DRAFT;
      case "done" -> Work.Status.DONE;
      default -> throw ValuesRead.noConstant("Status", label);
    };
  }
}
